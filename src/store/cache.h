/* SPDX-License-Identifier: ISC */
/*
 * cache.db: answers that can be had again, only slower. Whatever goes wrong with it means that
 * there is no cache; nobody is told. What is ours but damaged is thrown away.
 */
#ifndef SEALPOST_CACHE_H
#define SEALPOST_CACHE_H

#include "pgp/cert/intake.h"

/* cache.db, open to be read; NULL stands for none. */
struct cache;
struct cache *cache_open(const char *dir);
void cache_close(struct cache *c);

/*
 * The signer found for key (signer_find's arguments as text) while signer_stamp gave stamp. 1: *out
 * is filled, to be freed with cert_free; an empty fpr says that there is no such secret key. 0: not
 * known. stamp "" is never known.
 */
int cache_signer_get(struct cache *c, const char *key, const char *stamp, struct cert *out);
/* Keeps it; c with an empty fpr: there is no such key. dir is made if missing. */
void cache_signer_put(const char *dir, const char *key, const char *stamp, const struct cert *c);

#endif
