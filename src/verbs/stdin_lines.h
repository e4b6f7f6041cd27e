/* SPDX-License-Identifier: ISC */
/* Names read from standard input, for the argument "-". */
#ifndef SEALPOST_VERBS_STDIN_LINES_H
#define SEALPOST_VERBS_STDIN_LINES_H

#include <stddef.h>

#include "base/err.h"

/*
 * Calls take with each line, without leading blanks and its end; empty ones are skipped, and those
 * that begin with '#' and a blank. take may change the line. A line for which it returns ERR_USAGE,
 * or that holds a NUL byte, is reported with its number, counted in *bad, and passed over; any
 * other error ends the loop. ERR_DATA: over 8 MB.
 */
int stdin_lines(int (*take)(void *arg, char *line, struct err *err), void *arg, size_t *bad,
	struct err *err);

/* Ends the line behind its first word. ERR_USAGE where another one follows that does not begin with
 * '#': it would be lost. */
int stdin_word(char *line, struct err *err);

/* The error of a verb that has not been given any name: of usage, or of the bad lines. */
int stdin_none(const char *what, size_t bad, struct err *err);

/* The exit status of a verb that had the status without its bad lines: 65 if there were any. */
int stdin_status(int status, size_t bad);

#endif
