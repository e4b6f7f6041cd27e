/* SPDX-License-Identifier: ISC */
/* Shared by the files of the cache. */
#ifndef SEALPOST_CACHE_PRIV_H
#define SEALPOST_CACHE_PRIV_H

#include "store/db.h"

struct cache {
	struct db db;
};

/* Opens cache.db for reading. 0, or -1 if there is none of ours. */
int cache_open_get(struct db *d, const char *dir);

/* Opens it for writing; created if missing, recreated if it is ours but damaged or of another
 * version. 0 or negative. */
int cache_open_put(struct db *d, const char *dir);

/*
 * Deletes the file if it has our application ID, whatever else it contains, and creates a new one.
 * d is closed, and open again if the result is 0.
 */
int cache_renew(struct db *d, const char *dir);

#endif
