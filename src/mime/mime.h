/* SPDX-License-Identifier: ISC */
/* What the parts of mime/ share: small things about MIME's text. */
#ifndef SEALPOST_MIME_H
#define SEALPOST_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

/* SP or TAB. */
static inline bool mime_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The length of the field name that a header line begins with, a colon after it; 0 if there is
 * none. */
size_t mime_field_name(const uint8_t *p, size_t len, size_t *colon);

/* Length without blanks at the end. */
size_t mime_rtrim(const uint8_t *p, size_t len);

/* Whether two texts are the same but for blanks and folds. */
bool mime_same_text(const char *a, const char *b);

/* Steps over blanks, line ends and comments (RFC 5322 section 3.2.2). -1: a comment does not end,
 * or is nested too deep; *p is where it begins. */
int mime_skip_cfws(const char **p);

/* Whether a NULL-ended list holds the field name; case does not matter. */
bool mime_in_list(const char *const *list, const char *name);

/* 128 random bits as 32 hex digits; out has MIME_RANDOM_MAX bytes. ERR_OS. */
#define MIME_RANDOM_MAX 33
int mime_random(char *out, struct err *err);

/* A boundary that stands in no armour, base64 or quoted-printable, and that nobody foresees; out
 * has MIME_BOUNDARY_MAX bytes. ERR_OS. */
#define MIME_BOUNDARY_MAX (MIME_RANDOM_MAX + 2)
int mime_boundary(char *out, struct err *err);

/* A Date (RFC 5322 section 3.3), by t's own offset from UTC; names as the standard has them,
 * whatever the locale. */
void mime_date(const struct tm *t, char *out, size_t size);

#endif
