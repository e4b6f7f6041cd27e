/* SPDX-License-Identifier: ISC */
/* Shared by the files of mime/: helpers for MIME text. */
#ifndef SEALPOST_MIME_H
#define SEALPOST_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"

/* SP or TAB. */
static inline bool mime_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The length of the field name at the start of a header line, if a colon follows; else 0. */
size_t mime_field_name(const uint8_t *p, size_t len, size_t *colon);
/* Whether a line separates the mails of an mbox: "From ", and a time of day somewhere behind it. */
bool mime_mbox_line(const uint8_t *p, size_t len);

/* Length without blanks at the end. */
size_t mime_rtrim(const uint8_t *p, size_t len);

/* Whether two texts are equal except for blanks and folds. */
bool mime_same_text(const char *a, const char *b);

/* Skips blanks, line ends and comments (RFC 5322 section 3.2.2). -1: a comment is not closed or
 * nested too deep; *p is its start. */
int mime_skip_cfws(const char **p);

/* Whether a NULL-terminated list contains the field name, case-insensitively. */
bool mime_in_list(const char *const *list, const char *name);

/* Appends text as a quoted string (RFC 5322 section 3.2.4). 0 or -1, as of buf_add; out may have a
 * part of it then. */
int mime_add_quoted(struct buf *out, const char *text);

/* The next "<...>" without blanks in it, as of a Message-ID, at or behind p, and its length; NULL:
 * there is none. */
const char *mime_next_id(const char *p, size_t *len);

/* 128 random bits as 32 hex digits; out has MIME_RANDOM_MAX bytes. ERR_OS. */
#define MIME_RANDOM_MAX 33
int mime_random(char *out, struct err *err);

/* A random boundary that cannot occur in armour, base64 or quoted-printable; out has
 * MIME_BOUNDARY_MAX bytes. ERR_OS. */
#define MIME_BOUNDARY_MAX (MIME_RANDOM_MAX + 2)
int mime_boundary(char *out, struct err *err);

/* Formats a Date (RFC 5322 section 3.3) with t's offset from UTC; independent of the locale. */
void mime_date(const struct tm *t, char *out, size_t size);

#endif
