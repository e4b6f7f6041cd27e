/* SPDX-License-Identifier: ISC */
/* Parses dates of header fields (RFC 5322 sections 3.3 and 4.3). mime_date writes them. */
#ifndef SEALPOST_DATE_H
#define SEALPOST_DATE_H

#include <stdint.h>

/*
 * Parses a field's value to seconds since 1970. Accepts comments, optional blanks where
 * unambiguous, and the obsolete years and zones. The day of the week is ignored. A leap second
 * counts as the following second. -1: not a date, or a zone whose offset the standard does not
 * define.
 */
int date_read(const char *value, int64_t *at);

#endif
