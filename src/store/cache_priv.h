/* SPDX-License-Identifier: ISC */
/* What the files of the cache share. */
#ifndef SEALPOST_CACHE_PRIV_H
#define SEALPOST_CACHE_PRIV_H

#include "store/db.h"

struct cache {
	struct db db;
};

/* Opens cache.db to be read. 0, or -1: there is none of ours. */
int cache_open_get(struct db *d, const char *dir);

/* Opens it to be written; made if missing, and anew if it is ours but of another version or
 * damaged. 0 or negative. */
int cache_open_put(struct db *d, const char *dir);

/*
 * Throws the file away if it bears our mark, whatever else is in it, and begins a new one. d is
 * closed, and open again when the result is 0.
 */
int cache_renew(struct db *d, const char *dir);

#endif
