/* SPDX-License-Identifier: ISC */
/* Long lines of header fields, folded (RFC 5322 sections 2.1.1 and 2.2.3). Pure. */
#ifndef SEALPOST_FOLD_H
#define SEALPOST_FOLD_H

#include "base/buf.h"

#define FOLD_LINE_MAX 998 /* bytes of a line */

/*
 * Appends a field's value, with LF line ends, its lines as they are but for those that are too
 * long, with a blank before them, for FOLD_LINE_MAX: these are folded where that changes nothing,
 * at a blank; in lists of addresses also behind a comma, in those of message IDs between two, in
 * Autocrypt anywhere in its key. A word that is too long for a line stays so. -1: out is full.
 */
int fold_long(const char *name, const char *value, struct buf *out);

#endif
