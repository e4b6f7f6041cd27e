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
 * Parses the next field at *at, which is the rest after the version, starting at a separator or
 * blanks before it. 1: *f is filled; 0: no more; -1: malformed record.
 */
int fields_next(const char **at, const char *end, struct field *f);
bool field_is(const struct field *f, const char *name);

/*
 * Copies to out the only record of an answer that begins with version ("v=STSv1") and a semicolon,
 * with optional blanks before that. Returns the number of such records; more than one counts as
 * none. -1: such a record is malformed or too long.
 */
int fields_only(const struct dns_answer *a, const char *version, struct buf *out);

/* Whether an ignored record begins almost like that: in other case, after blanks or quotes, with
 * blanks around "=", or without the semicolon. Its owner will believe that it is valid. */
bool fields_nearly(const struct dns_answer *a, const char *version);

#endif
