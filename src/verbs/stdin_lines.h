/* SPDX-License-Identifier: ISC */
/* Names read from standard input, for the argument "-". */
#ifndef SEALPOST_VERBS_STDIN_LINES_H
#define SEALPOST_VERBS_STDIN_LINES_H

#include "base/err.h"

/*
 * Calls take with each line, without leading blanks and its end; empty ones are skipped. take may
 * change the line; an error from it ends the loop. ERR_USAGE: a NUL byte; ERR_DATA: over 8 MB.
 */
int stdin_lines(int (*take)(void *arg, char *line, struct err *err), void *arg, struct err *err);

#endif
