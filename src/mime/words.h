/* SPDX-License-Identifier: ISC */
/* Decodes encoded words (RFC 2047) in a field's text for display. Pure. */
#ifndef SEALPOST_WORDS_H
#define SEALPOST_WORDS_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends a raw (folded) field value as one line of UTF-8: unfolded, encoded words decoded, control
 * characters as blanks, trimmed. Adjacent words of one charset are joined before conversion, since
 * some writers split characters between them; undecodable words are left as they are. ERR_DATA: the
 * other text is not UTF-8, or out is full. ERR_OS. Out is then unchanged.
 */
int words_decode(const char *value, struct buf *out);

#endif
