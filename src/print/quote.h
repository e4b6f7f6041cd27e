/* SPDX-License-Identifier: ISC */
/* Words of a shell command that a person is to paste: addresses are other people's text. Pure. */
#ifndef SEALPOST_QUOTE_H
#define SEALPOST_QUOTE_H

#include <stddef.h>

/*
 * Writes s as one word of a POSIX shell into out, quoted only where it must be. -1, and out is "",
 * when it does not fit.
 */
int quote_shell(char *out, size_t cap, const char *s);

#endif
