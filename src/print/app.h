/* SPDX-License-Identifier: ISC */
/* Error messages and help of verbs. */
#ifndef SEALPOST_PRINT_APP_H
#define SEALPOST_PRINT_APP_H

#include "base/err.h"

/* An error's own hint, or a general one for its code. Borrowed. */
const char *app_hint(const struct err *err);

/* Prints "sealpost: MESSAGE" and "hint: HINT"; returns the exit status. */
int app_fail(const struct err *err);

/* Prints usage lines to stdout and returns 0; for --help. */
int app_help(const char *usage);

/* A usage error: "sealpost: MESSAGE", "hint: sealpost VERB --help"; returns 64. verb may be
 * NULL. */
int app_usage(const char *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same of an error that says why; a hint of its own stays. */
int app_usage_err(const char *verb, struct err *err);

/*
 * An unknown word: "sealpost: WORD: no such WHAT", with a hint to the nearest one of the
 * NULL-terminated list, as "sealpost COMMAND NEAR"; else to the command's --help. Returns 64.
 */
int app_unknown(const char *command, const char *what, const char *word, const char *const *list);

#endif
