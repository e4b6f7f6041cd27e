/* SPDX-License-Identifier: ISC */
/*
 * cache.db: data that can be obtained again, only slower. Any failure silently means that there is
 * no cache. A damaged file of ours is deleted.
 */
#ifndef SEALPOST_CACHE_H
#define SEALPOST_CACHE_H

#include "pgp/cert/intake.h"

/* cache.db, open for reading; NULL: no cache. */
struct cache;
struct cache *cache_open(const char *dir);
void cache_close(struct cache *c);

/*
 * The signer found for key (signer_find's arguments as text) while signer_stamp gave stamp. 1: *out
 * is filled, to be freed with cert_free; an empty fpr means that there is no such secret key. 0:
 * not known. stamp "" never matches.
 */
int cache_signer_get(struct cache *c, const char *key, const char *stamp, struct cert *out);
/* Stores it; c with an empty fpr: there is no such key. Creates dir if missing. */
void cache_signer_put(const char *dir, const char *key, const char *stamp, const struct cert *c);

#endif
