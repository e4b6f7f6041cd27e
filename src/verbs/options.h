/* SPDX-License-Identifier: ISC */
/* A verb's options, as getopt_long() reads them, and what is wrong with one. */
#ifndef SEALPOST_VERBS_OPTIONS_H
#define SEALPOST_VERBS_OPTIONS_H

#include <getopt.h>

#include "base/err.h"

/*
 * The next option's letter, 0 behind the last, or ERR_USAGE: it is none of these, takes no
 * argument, or lacks it. With a hint where a long one is near to what was written. shorts, at most
 * 16 bytes, and longs as for getopt_long(), whose optarg and optind hold.
 */
int option_next(
	int argc, char **argv, const char *shorts, const struct option *longs, struct err *err);

#endif
