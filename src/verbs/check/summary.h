/* SPDX-License-Identifier: ISC */
/* A check of one domain, summarized in a line. Pure. */
#ifndef SEALPOST_CHECK_SUMMARY_H
#define SEALPOST_CHECK_SUMMARY_H

#include "verbs/check/page.h"

struct check_summary {
	const char *protection;         /* dane, mta-sts, none, unknown, as in the JSON */
	const char *dane;               /* of the mail servers: all, some, none, unknown, "-" */
	const char *sts;                /* enforce, testing, none, absent, unknown */
	const char *dnssec;             /* secure, insecure, bogus, error */
	const char *wkd;                /* advanced, direct, none, unknown */
	const struct check_line *worst; /* borrowed from the page; NULL: there is no line at all */
	size_t bad, warn, unknown;      /* lines of those levels */
};

struct check_summary check_summary(
	const struct check_reply *r, const struct protection *bound, const struct check_page *p);

#endif
