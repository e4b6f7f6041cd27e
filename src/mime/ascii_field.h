/* SPDX-License-Identifier: ISC */
/* Header fields in ASCII: raw 8-bit text becomes encoded words (RFC 2047, RFC 2231). Pure. */
#ifndef SEALPOST_ASCII_FIELD_H
#define SEALPOST_ASCII_FIELD_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Appends a field's value converted to ASCII where possible: text as UTF-8 if the value is valid
 * UTF-8, else as unknown-8bit; in structured fields only comments and names, and domains of
 * addresses as A-labels. ASCII text is unchanged, including folds. Non-ASCII local parts (RFC 6532)
 * and boundaries remain raw. -1: out is full.
 */
int ascii_field(const char *name, const char *value, struct buf *out);

#endif
