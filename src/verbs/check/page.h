/* SPDX-License-Identifier: ISC */
/* The findings of "sealpost check": lines, each with a level, its evidence and what the owner of
 * the domain should fix. */
#ifndef SEALPOST_CHECK_PAGE_H
#define SEALPOST_CHECK_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "decide/protection.h"

enum check_level { LEVEL_OK, LEVEL_NOTE, LEVEL_WARN, LEVEL_BAD, LEVEL_UNKNOWN };
enum check_group { GROUP_KEYS, GROUP_TRANSPORT, GROUP_CERTIFICATES };

struct check_line {
	enum check_group group;
	enum check_level level;
	enum check_result result; /* the name for it in a sender's TLS report */
	char *subject;            /* owned; what was looked at */
	char *what;               /* owned; a message, may contain foreign text */
	char *mend;               /* owned; "" when there is nothing to fix */
};

/* What the lines of one group are like, for page_add: ok, note, warn, bad and unknown. */
#define PAGE_KINDS(g)                                                                              \
	static const struct check_line ok = {.group = (g), .level = LEVEL_OK},                     \
				       note = {.group = (g), .level = LEVEL_NOTE},                 \
				       warn = {.group = (g), .level = LEVEL_WARN},                 \
				       bad = {.group = (g), .level = LEVEL_BAD},                   \
				       unknown = {.group = (g), .level = LEVEL_UNKNOWN}

struct check_page {
	struct check_line *v; /* owned */
	size_t n;
	bool failed; /* out of memory: lines are missing */
};

/* Adds a line; mend may be NULL. */
void page_add(struct check_page *p, const struct check_line *kind, const char *subject,
	const char *mend, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void page_free(struct check_page *p);

const char *check_level_name(enum check_level l); /* "ok"... as in the JSON */
const char *check_group_name(enum check_group g); /* "keys", "transport", "certificates" */

/* Looks for one cause of all that is unknown: the name does not exist, its zone is bogus, or its
 * DNS does not answer. Adds its line; false: there is none. Pure. */
bool page_cause(struct check_page *p, const struct check_reply *r);

/* Add the lines of one group. Pure. */
void page_keys(struct check_page *p, const struct check_reply *r);
void page_transport(
	struct check_page *p, const struct check_reply *r, const struct protection *bound);
void page_certificates(struct check_page *p, const struct check_reply *r);
/* Of page_transport: the policy and the reports. */
void page_sts(struct check_page *p, const struct check_reply *r, const struct protection *bound);
void page_tlsrpt(struct check_page *p, const struct check_reply *r);

/* The exit status: 0 protected, 1 not (or the live test failed), 75 unknown. */
int check_exit(const struct check_reply *r, const struct protection *bound);

#endif
