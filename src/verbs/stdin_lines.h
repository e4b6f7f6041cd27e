/* SPDX-License-Identifier: ISC */
/* Names read from standard input, for the argument "-". */
#ifndef SEALPOST_VERBS_STDIN_LINES_H
#define SEALPOST_VERBS_STDIN_LINES_H

#include <stddef.h>

#include "base/err.h"

/*
 * Calls take with each line, without leading blanks and its end; empty ones are skipped. take may
 * change the line. A line for which it returns ERR_USAGE is reported with its number, counted in
 * *bad, and passed over; any other error ends the loop. ERR_USAGE: a NUL byte; ERR_DATA: over 8 MB.
 */
int stdin_lines(int (*take)(void *arg, char *line, struct err *err), void *arg, size_t *bad,
	struct err *err);

/* The exit status of a verb that had the status without its bad lines: 65 if there were any. */
int stdin_status(int status, size_t bad);

#endif
