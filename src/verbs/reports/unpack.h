/* SPDX-License-Identifier: ISC */
/* A report's bytes on their way from a mail or file to its JSON text: gzip undone, limits held. */
#ifndef SEALPOST_REPORTS_UNPACK_H
#define SEALPOST_REPORTS_UNPACK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct unpack {
	struct buf text; /* what came out; with limit REPORT_JSON_MAX */
	size_t in;       /* bytes that went in */
	enum { UNPACK_FIRST, UNPACK_PLAIN, UNPACK_GZIP } kind;
	void *zlib; /* owned */
	bool ended; /* gzip: its end was seen */
};

void unpack_begin(struct unpack *u);
/* Takes the next bytes; gzip is told by its first two (RFC 1952). ERR_DATA: beyond a limit, or not
 * gzip; ERR_OS. */
int unpack_add(struct unpack *u, const uint8_t *p, size_t n, struct err *err);
/* ERR_DATA: it ends too early. */
int unpack_end(const struct unpack *u, struct err *err);
void unpack_free(struct unpack *u);

/* Where the JSON object in what came out begins, behind blanks and a byte order mark, and how long
 * it is; NULL: it does not look like one. Borrowed. */
const char *unpack_json(const struct unpack *u, size_t *len);

#endif
