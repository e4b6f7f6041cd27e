/* SPDX-License-Identifier: ISC */
/*
 * What was seen live of one's own domains, and since when: publishing waits count from there. thing
 * is a word ("policy-enforce"), number what goes with it (its max_age).
 */
#ifndef SEALPOST_STORE_LIVE_H
#define SEALPOST_STORE_LIVE_H

#include "store/store.h"

/* It is seen now; *first becomes when it was seen first. */
int store_live_seen(struct store *s, const char *domain, const char *thing, int64_t number,
	int64_t now, int64_t *first, struct err *err);
/* When it was seen first; 0: it was not. */
int store_live_since(
	struct store *s, const char *domain, const char *thing, int64_t *first, struct err *err);
/* It is seen no more. */
int store_live_gone(struct store *s, const char *domain, const char *thing, struct err *err);
/* Of things that begin so: the latest moment, last seen plus number; 0: none was seen. */
int store_live_until(
	struct store *s, const char *domain, const char *prefix, int64_t *until, struct err *err);

#endif
