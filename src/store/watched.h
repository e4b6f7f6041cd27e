/* SPDX-License-Identifier: ISC */
/* What was last known of each name that is watched, and what was said of it, when. */
#ifndef SEALPOST_WATCHED_H
#define SEALPOST_WATCHED_H

#include "base/buf.h"
#include "store/store.h"

#define WATCHED_HISTORY_MAX 1000 /* lines kept of one name */

struct watched_line {
	int64_t time;
	const char *alarm; /* its name; "" for what changed, and for the first look */
	const char *fact, *subject, *before, *after;
};

/* 1: facts has its text, *asked when it was asked; 0: it was never looked at. */
int store_watched_get(
	struct store *s, const char *name, int64_t *asked, struct buf *facts, struct err *err);

/* Keeps the facts and adds the n lines, at once. */
int store_watched_put(struct store *s, const char *name, int64_t now, const char *facts,
	const struct watched_line *line, size_t n, struct err *err);

/* Each line of the name, the oldest first. How many, or an error, each's included. */
int store_watched_history(struct store *s, const char *name,
	int (*each)(void *arg, const struct watched_line *l), void *arg, struct err *err);

#endif
