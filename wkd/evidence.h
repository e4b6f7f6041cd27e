/* SPDX-License-Identifier: ISC */
/* What a lookup met on its way, kept for the reply, and told line by line to who wants to watch. */
#ifndef SEALPOST_WKD_EVIDENCE_H
#define SEALPOST_WKD_EVIDENCE_H

#include "net/net.h"
#include "wire/lookup.h"

/* A line of -v, without its end; safe for a terminal. */
typedef void trace_line(void *arg, const char *line);

struct evidence {
	struct lookup_reply *reply; /* where it goes */
	int64_t start;
	bool queries;      /* keep the query part of URLs */
	size_t max;        /* of each kind; 0: LOOKUP_EVIDENCE_MAX */
	trace_line *trace; /* NULL: nobody watches */
	void *arg;
};

/* A method has ended, for the reason given: sets r, which is one of e's reply, and tells. Without
 * memory for the reason it has failed. */
void evidence_result(
	struct evidence *e, struct method_result *r, enum method_status status, const char *reason);

/* Both drop what is beyond max. */
void evidence_dns(struct evidence *e, const struct dns_answer *a);
void evidence_url(struct evidence *e, const struct https_result *r);
void evidence_trace(struct evidence *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A copy of s, safe for a terminal and cut to at most max octets. NULL only without memory. */
char *evidence_text(const char *s, size_t max);
/* A copy of a URL, without its query unless keep. */
char *evidence_url_text(const char *url, bool keep);

#endif
