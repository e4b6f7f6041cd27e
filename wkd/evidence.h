/* SPDX-License-Identifier: ISC */
/* Collects what a lookup encounters, for the reply, and for traces line by line. */
#ifndef SEALPOST_WKD_EVIDENCE_H
#define SEALPOST_WKD_EVIDENCE_H

#include "net/net.h"
#include "wire/lookup.h"

/* A line of -v, without its end; safe for a terminal. */
typedef void trace_line(void *arg, const char *line);

struct evidence {
	struct lookup_reply *reply; /* the destination */
	int64_t start;
	bool queries;      /* keep the query part of URLs */
	size_t max;        /* of each kind; 0: LOOKUP_EVIDENCE_MAX */
	trace_line *trace; /* NULL: no trace */
	void *arg;
};

/* Records the end of a method, with its reason, in r, which is part of e's reply, and traces it. If
 * memory for the reason is short the method has failed. */
void evidence_result(
	struct evidence *e, struct method_result *r, enum method_status status, const char *reason);

/* Both ignore entries beyond max. */
void evidence_dns(struct evidence *e, const struct dns_answer *a);
void evidence_url(struct evidence *e, const struct https_result *r);
void evidence_trace(struct evidence *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A copy of s, safe for a terminal and truncated to max bytes. NULL only if memory is short. */
char *evidence_text(const char *s, size_t max);
/* A copy of a URL; unless keep, without what names the mailbox: its query, or the address that a
 * key server is asked for. */
char *evidence_url_text(const char *url, bool keep);

#endif
