/* SPDX-License-Identifier: ISC */
/* Encoded words (RFC 2047) of a field's text, for people to read. Pure. */
#ifndef SEALPOST_WORDS_H
#define SEALPOST_WORDS_H

#include "base/buf.h"

/*
 * Appends a raw (folded) field value as one line of UTF-8: without folds, encoded words as what
 * they encode, controls as blanks, no blanks at its ends. Words of one charset in a row are put
 * together before they are converted, as writers split characters between them; what cannot be
 * decoded stays as it is. -1: what stands beside them is no UTF-8, or out is full; out is then as
 * before.
 */
int words_decode(const char *value, struct buf *out);

#endif
