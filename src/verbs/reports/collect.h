/* SPDX-License-Identifier: ISC */
/* Collects the content of mails and files: reports, notices of certificate authorities, and what
 * could not be read. */
#ifndef SEALPOST_REPORTS_COLLECT_H
#define SEALPOST_REPORTS_COLLECT_H

#include <stdbool.h>

#include "verbs/reports/report.h"

#define COLLECT_REPORTS_MAX 100000  /* reports at once */
#define COLLECT_FAILURES_MAX 200000 /* failure details of all of them */
#define COLLECT_NOTICES_MAX 1000
#define COLLECT_PARTS_MAX 16      /* reports in one mail */
#define COLLECT_NOTICE_TEXT 16384 /* bytes of a notice's text that are read */

/* A mail as CAA's iodef property asks for (RFC 8659 section 4.4): who was refused a certificate. */
struct notice {
	char *from, *subject, *date; /* owned; for people; "" */
	char *text;                  /* owned; of an IODEF document its texts, a line each */
	enum report_auth auth;
};

struct unread {
	char *path, *why; /* owned */
};

struct collect {
	const char *trusted;   /* authserv-ids of trusted hosts, separated by blanks or commas; ""
				  none. Borrowed. */
	struct report *report; /* owned */
	size_t n_report, room, n_failure;
	struct notice *notice; /* owned */
	size_t n_notice;
	struct unread *unread; /* owned */
	size_t n_unread;
	size_t n_other; /* mails with neither */
};

/*
 * Reads an open file: a report (JSON, plain or gzip) or a mail. Errors in it are recorded under
 * path. tolerant: a mail with neither report nor notice is only counted, not an error. ERR_OS.
 */
int collect_fd(struct collect *c, int fd, const char *path, bool tolerant, struct err *err);

/* Notes that a path could not be read. ERR_OS. */
int collect_unread(struct collect *c, const char *path, const char *why, struct err *err);

void collect_free(struct collect *c);

/* Pure; for collect.c. The texts of an XML document, "NAME: TEXT" a line each. */
struct buf;
int iodef_texts(struct buf *out, const char *xml);

#endif
