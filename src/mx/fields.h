/* SPDX-License-Identifier: ISC */
/* TXT records of the form "v=NAME; field=value; ..." (RFC 8461 section 3.1, RFC 8460 section 3).
 * Pure. */
#ifndef SEALPOST_MX_FIELDS_H
#define SEALPOST_MX_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "net/dns.h"

#define FIELDS_TXT_MAX 8192 /* octets of one record */

/* A view into the record. */
struct field {
	const char *name, *value;
	size_t name_len, value_len;
};

/*
 * The next field after *at, which is the rest after the version, at a separator or blanks before
 * it. 1: *f is filled; 0: there is none any more; -1: the record is not built like that.
 */
int fields_next(const char **at, const char *end, struct field *f);
bool field_is(const struct field *f, const char *name);

/*
 * The one record of an answer that begins with version ("v=STSv1") and a semicolon, blanks before
 * it or not, into out. How many there are: with more than one, nothing is there. -1: one that
 * begins so is malformed or too long.
 */
int fields_only(const struct dns_answer *a, const char *version, struct buf *out);

/* Whether a record that does not count begins nearly so: in other case, behind blanks or quotes,
 * with blanks around its "=", or without the semicolon. Its owner will take it for one. */
bool fields_nearly(const struct dns_answer *a, const char *version);

#endif
