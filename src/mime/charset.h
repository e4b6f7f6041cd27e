/* SPDX-License-Identifier: ISC */
/* Names of character sets (IANA's registry, RFC 2978). Pure. */
#ifndef SEALPOST_CHARSET_H
#define SEALPOST_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#define CHARSET_NAME_MAX 41 /* its longest name has 40 characters */

/*
 * The lower-case static name of a character set that is a superset of ASCII; name has len bytes.
 * NULL: any other, or unknown.
 */
const char *charset_known(const char *name, size_t len);

/* Whether text in this charset (from charset_known) is 7-bit. */
bool charset_is_7bit(const char *known);

#endif
