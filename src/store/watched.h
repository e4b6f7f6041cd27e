/* SPDX-License-Identifier: ISC */
/* The last known facts of each watched name, and the history of what was reported. */
#ifndef SEALPOST_WATCHED_H
#define SEALPOST_WATCHED_H

#include "base/buf.h"
#include "store/store.h"

#define WATCHED_HISTORY_MAX 1000 /* history lines kept of one name */

struct watched_line {
	int64_t time;
	const char *alarm; /* the alarm's name; "" for changes and the first check */
	const char *fact, *subject, *before, *after;
};

/* 1: facts has its text, *asked the time of the check; 0: it was never checked. */
int store_watched_get(
	struct store *s, const char *name, int64_t *asked, struct buf *facts, struct err *err);

/* Stores the facts and adds the n lines, in one transaction. */
int store_watched_put(struct store *s, const char *name, int64_t now, const char *facts,
	const struct watched_line *line, size_t n, struct err *err);

/* Calls each for every line of the name, oldest first. Returns their number, or an error, including
 * that of each. */
int store_watched_history(struct store *s, const char *name,
	int (*each)(void *arg, const struct watched_line *l), void *arg, struct err *err);

#endif
