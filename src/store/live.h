/* SPDX-License-Identifier: ISC */
/*
 * What was seen live of the user's own domains, and since when: waiting times of publishing count
 * from there. thing is a keyword ("policy-enforce"), number its parameter (max_age).
 */
#ifndef SEALPOST_STORE_LIVE_H
#define SEALPOST_STORE_LIVE_H

#include "store/store.h"

/* Records that it is seen now; *first receives the time it was first seen. */
int store_live_seen(struct store *s, const char *domain, const char *thing, int64_t number,
	int64_t now, int64_t *first, struct err *err);
/* The time it was first seen; 0: never. */
int store_live_since(
	struct store *s, const char *domain, const char *thing, int64_t *first, struct err *err);
/* Records that it is no longer seen. */
int store_live_gone(struct store *s, const char *domain, const char *thing, struct err *err);
/* To be called before a thing is recorded as seen now, or as what took the place of another: unless
 * it was the last to be seen, those of the prefix that were last seen may have been there until
 * now, and count as seen a second ago. */
int store_live_changed(struct store *s, const char *domain, const char *prefix, const char *thing,
	int64_t number, int64_t now, struct err *err);
/* The latest end (last seen plus number) of all things with this prefix; 0: none was seen. */
int store_live_until(
	struct store *s, const char *domain, const char *prefix, int64_t *until, struct err *err);
/* The same of those with another number. */
int store_live_until_other(struct store *s, const char *domain, const char *prefix, int64_t number,
	int64_t *until, struct err *err);

/* Calls each for every thing with this prefix that was seen and is not gone: rest is what follows
 * the prefix. It must not use the store. Ends at a negative result, and returns it. */
int store_live_each(struct store *s, const char *domain, const char *prefix,
	int (*each)(void *arg, const char *rest), void *arg, struct err *err);

#endif
