/* SPDX-License-Identifier: ISC */
/* Decodes encoded words (RFC 2047) in a field's text for display. Pure. */
#ifndef SEALPOST_WORDS_H
#define SEALPOST_WORDS_H

#include "base/buf.h"

/*
 * Appends a raw (folded) field value as one line of UTF-8: unfolded, encoded words decoded, control
 * characters as blanks, trimmed. Adjacent words of one charset are joined before conversion, since
 * some writers split characters between them; undecodable words are left as they are. -1: the other
 * text is not UTF-8, or out is full; out is then unchanged.
 */
int words_decode(const char *value, struct buf *out);

#endif
