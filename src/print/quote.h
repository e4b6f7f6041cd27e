/* SPDX-License-Identifier: ISC */
/* Quotes words of shell commands shown for pasting, since addresses are foreign text. Pure. */
#ifndef SEALPOST_QUOTE_H
#define SEALPOST_QUOTE_H

#include <stddef.h>

/*
 * Writes s as one word of a POSIX shell to out, quoted only if necessary. -1, with out "", if it
 * does not fit.
 */
int quote_shell(char *out, size_t cap, const char *s);

#endif
