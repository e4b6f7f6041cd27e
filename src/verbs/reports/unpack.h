/* SPDX-License-Identifier: ISC */
/* Turns the bytes of a report into its JSON text: unpacks gzip, enforces the limits. */
#ifndef SEALPOST_REPORTS_UNPACK_H
#define SEALPOST_REPORTS_UNPACK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct unpack {
	struct buf text; /* the output; at most REPORT_JSON_MAX */
	size_t in;       /* input bytes */
	enum { UNPACK_FIRST, UNPACK_PLAIN, UNPACK_GZIP } kind;
	void *zlib; /* owned */
	bool ended; /* gzip: its end was seen */
};

void unpack_begin(struct unpack *u);
/* Takes the next bytes; gzip is recognised by the first two (RFC 1952). ERR_DATA: beyond a limit,
 * or not gzip; ERR_OS. */
int unpack_add(struct unpack *u, const uint8_t *p, size_t n, struct err *err);
/* ERR_DATA: it ends too early. */
int unpack_end(const struct unpack *u, struct err *err);
void unpack_free(struct unpack *u);

/* The JSON object in the output, after blanks and a byte order mark, and its length; NULL: it does
 * not look like one. Borrowed. */
const char *unpack_json(const struct unpack *u, size_t *len);

#endif
