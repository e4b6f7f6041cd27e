/* SPDX-License-Identifier: ISC */
/* Dates of header fields (RFC 5322 sections 3.3 and 4.3), read. mime_date writes them. */
#ifndef SEALPOST_DATE_H
#define SEALPOST_DATE_H

#include <stdint.h>

/*
 * The moment that a field's value names, in seconds since 1970, with comments, with blanks or
 * without where nothing else can be meant, and with the obsolete years and zones. The day of the
 * week does not count. A leap second is the second behind it. -1: it is no date, or names no zone
 * whose offset the standard tells.
 */
int date_read(const char *value, int64_t *at);

#endif
