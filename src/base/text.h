/* SPDX-License-Identifier: ISC */
/* Text from outside: its characters and making it safe for a terminal; and times as the interface
 * shows them. */
#ifndef SEALPOST_TEXT_H
#define SEALPOST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Length of the UTF-8 character (RFC 3629) at the start of the len bytes at s; 0 if there is none.
 */
size_t text_utf8_length(const char *s, size_t len);
/* Whether all of it is UTF-8. */
bool text_is_utf8(const char *s, size_t len);

/* Whether all of it is ASCII. */
bool text_is_ascii(const char *s);

/* The length of the byte order mark of UTF-8 that the bytes begin with: 3, or 0. */
size_t text_bom(const void *p, size_t len);

/* The value of a hex digit; -1 for any other character. */
int text_hex_digit(char c);
/* Reads 2 n hex digits as n bytes. False, with some of them written, if another character is there.
 */
bool text_unhex(const char *hex, uint8_t *out, size_t n);

/* Whether s is a fingerprint of an OpenPGP key of version 4 or later: 40 or 64 upper-case hex
 * digits. */
bool text_is_fingerprint(const char *s);

/* The name of the user's locale for a category, such as "LC_CTYPE" (setlocale(3)). NULL: none. */
const char *text_locale(const char *category);

/*
 * Appends s made safe for a terminal: control characters (C0, DEL, C1), bidirectional and invisible
 * formatting characters and invalid UTF-8 become \xNN, one for each byte. The result is always a
 * single line.
 */
int text_safe(struct buf *out, const char *s, size_t len);

/*
 * The same for what is printed for people. In a locale with another character set than UTF-8 all
 * but ASCII becomes \xNN: its terminals read some bytes of UTF-8 as control characters (0x9b is
 * CSI).
 */
int text_shown(struct buf *out, const char *s, size_t len);

/*
 * Whether s (UTF-8) contains characters that a person cannot see or would take for ASCII: invisible
 * and bidirectional characters, blanks other than SP, and other forms of ASCII letters and signs
 * (wide, small, mathematical, enclosed), such as U+FF20 for '@'.
 */
bool text_misleads(const char *s);

/* RFC 3339 in UTC, "2026-11-23T10:00:00Z"; out has TEXT_TIME_MAX bytes. t is seconds since 1970. */
#define TEXT_TIME_MAX 32
void text_time(char *out, int64_t t);

/*
 * Reads a date-time of RFC 3339 section 5.6, of the years 1970 to 9999; fractions of a second are
 * dropped, and a leap second counts as the following second. 0, or -1 with *t unchanged if it is
 * not one.
 */
int text_time_read(const char *s, int64_t *t);

#endif
