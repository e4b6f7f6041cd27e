/* SPDX-License-Identifier: ISC */
/* check --changes and --history: what is different from last time, and what was. */
#ifndef SEALPOST_CHECK_CHANGES_H
#define SEALPOST_CHECK_CHANGES_H

#include "decide/watch.h"
#include "store/store.h"

/* What was reported about one name. */
struct changes {
	bool first; /* it was not known before */
	size_t n_alarm, n_changed;
};

/*
 * Compares with the facts stored for the name, prints the differences to standard output (JSON: an
 * object a line), and then stores the facts: what was not printed, because the program was killed,
 * is reported next time.
 */
int changes_tell(struct store *s, const char *name, const struct watch_facts *now, int64_t at,
	bool json, struct changes *c, struct err *err);

/* Prints all that was reported about the name. Returns the number of lines, or an error. */
int changes_history(struct store *s, const char *name, bool json, struct err *err);

#endif
