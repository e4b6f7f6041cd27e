/* SPDX-License-Identifier: ISC */
/* Names of character sets (IANA's registry, RFC 2978). Pure. */
#ifndef SEALPOST_CHARSET_H
#define SEALPOST_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#define CHARSET_NAME_MAX 41 /* its longest name has 40 characters */

/*
 * The name of len bytes, in lower case and static, if it names a character set in which text that
 * is ASCII reads the same; NULL: another one, or none that is known.
 */
const char *charset_known(const char *name, size_t len);

/* Whether text in it, one of charset_known, is 7-bit. */
bool charset_is_7bit(const char *known);

#endif
