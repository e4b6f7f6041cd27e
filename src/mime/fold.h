/* SPDX-License-Identifier: ISC */
/* Folds long lines of header fields (RFC 5322 sections 2.1.1 and 2.2.3). Pure. */
#ifndef SEALPOST_FOLD_H
#define SEALPOST_FOLD_H

#include "base/buf.h"

#define FOLD_LINE_MAX 998 /* bytes of a line */

/*
 * Appends a field's value, with LF line ends. Lines longer than FOLD_LINE_MAX are folded where that
 * does not change the meaning: at a blank; in address lists also after a comma, in lists of message
 * IDs between two, in Autocrypt anywhere in the key data. A word longer than a line is left alone.
 * -1: out is full.
 */
int fold_long(const char *name, const char *value, struct buf *out);

#endif
