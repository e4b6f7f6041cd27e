/* SPDX-License-Identifier: ISC */
/* Foreign text: its characters, its way to a terminal; and times as the interface shows them. */
#ifndef SEALPOST_TEXT_H
#define SEALPOST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Length of the UTF-8 character (RFC 3629) that the len bytes at s begin with; 0: there is none. */
size_t text_utf8_length(const char *s, size_t len);
/* Whether all of it is UTF-8. */
bool text_is_utf8(const char *s, size_t len);

/* A hex digit's value; -1: it is none. */
int text_hex_digit(char c);

/* Whether s is a fingerprint of an OpenPGP key of version 4 or later: 40 or 64 upper-case hex
 * digits. */
bool text_is_fingerprint(const char *s);

/*
 * Appends s made safe for a terminal: control characters (C0, DEL, C1), bidirectional and invisible
 * formatting characters and invalid UTF-8 become \xNN of their octets. Lines stay one line.
 */
int text_safe(struct buf *out, const char *s, size_t len);

/*
 * Whether s, UTF-8, holds what a person cannot see or takes for ASCII: invisible and bidirectional
 * characters, blanks other than SP, and letters and signs of ASCII in another form (wide, small,
 * mathematical, enclosed), such as U+FF20 for '@'.
 */
bool text_misleads(const char *s);

/* RFC 3339 in UTC, "2026-11-23T10:00:00Z"; out has TEXT_TIME_MAX bytes. t is seconds since 1970. */
#define TEXT_TIME_MAX 32
void text_time(char *out, int64_t t);

/*
 * Reads a date-time of RFC 3339 section 5.6, of the years 1970 to 9999; a fraction of a second is
 * dropped, a leap second is the second behind it. 0, or -1: it is none, and *t is as it was.
 */
int text_time_read(const char *s, int64_t *t);

#endif
