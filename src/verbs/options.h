/* SPDX-License-Identifier: ISC */
/* Parsing of a verb's options with getopt_long(), and its errors. */
#ifndef SEALPOST_VERBS_OPTIONS_H
#define SEALPOST_VERBS_OPTIONS_H

#include <getopt.h>

#include "base/err.h"

/*
 * Returns the next option's letter, 0 after the last, or ERR_USAGE: it is unknown, takes no
 * argument, or lacks one. A mistyped long option gets a hint. shorts, at most 16 bytes, and longs
 * as for getopt_long(), whose optarg and optind hold.
 */
int option_next(
	int argc, char **argv, const char *shorts, const struct option *longs, struct err *err);

#endif
