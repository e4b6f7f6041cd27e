/* SPDX-License-Identifier: ISC */
/* Names that are given on standard input, where "-" stands for them. */
#ifndef SEALPOST_VERBS_STDIN_LINES_H
#define SEALPOST_VERBS_STDIN_LINES_H

#include "base/err.h"

/*
 * Calls take with each line, without blanks before it and its end; empty ones are left out. take
 * may change the line, and ends all with an error. ERR_USAGE: a NUL byte; ERR_DATA: over 8 MB.
 */
int stdin_lines(int (*take)(void *arg, char *line, struct err *err), void *arg, struct err *err);

#endif
