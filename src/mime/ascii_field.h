/* SPDX-License-Identifier: ISC */
/* Header fields in ASCII: raw 8-bit text becomes encoded words (RFC 2047, RFC 2231). Pure. */
#ifndef SEALPOST_ASCII_FIELD_H
#define SEALPOST_ASCII_FIELD_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Appends a field's value with nothing in it but ASCII, as far as that goes: text as UTF-8 if the
 * value is that, else as unknown-8bit; in structured fields comments and names only, of an address
 * the domain as A-labels. What is ASCII stays as it is, folds included. A local part that is not
 * ASCII (RFC 6532) stays raw, and so does a boundary. -1: out is full.
 */
int ascii_field(const char *name, const char *value, struct buf *out);

/* Whether a text is ASCII. */
bool ascii_only(const char *text);

#endif
