/* SPDX-License-Identifier: ISC */
/* Wanted DNS records, and their output formats. */
#ifndef SEALPOST_PUBLISH_RECORDS_H
#define SEALPOST_PUBLISH_RECORDS_H

#include <stdint.h>
#include <stdio.h>

#include "verbs/publish/publish.h"

enum record_type {
	RECORD_A = 1,
	RECORD_CNAME = 5,
	RECORD_TXT = 16,
	RECORD_AAAA = 28,
	RECORD_TLSA = 52,
	RECORD_OPENPGPKEY = 61,
	RECORD_CAA = 257,
};

struct dns_record {
	char *name; /* owned; lower-case, without final dot */
	enum record_type type;
	uint32_t ttl;
	uint8_t *rdata; /* owned; for a CNAME, its target as text */
	size_t len;
};

struct record_list {
	struct dns_record *v; /* owned */
	size_t n, cap;
};

int record_add(struct record_list *l, const char *name, enum record_type type, uint32_t ttl,
	const void *rdata, size_t len, struct err *err);
void records_free(struct record_list *l);

const char *record_type_name(enum record_type type); /* "A"... "TYPE61" */
/* RDATA as a zone file has it; plain: as a control panel wants it, without quotes. */
int record_value(const struct dns_record *r, bool plain, struct buf *out);

/* Whether the nsupdate script that adds a record deletes that type at its name first: the same
 * type, and types that cannot coexist with it, as servers silently drop such additions (RFC 2136
 * section 3.4.2.2). CAA records are only added, since some may not be ours. */
bool record_replaces(const struct dns_record *r, enum record_type type);

/* Zone file lines; an nsupdate script, for those in the zone (-1: out of memory); a table for a
 * control panel. */
void records_print_zone(FILE *f, const struct record_list *l);
int records_print_nsupdate(
	FILE *f, const struct record_list *l, const char *zone, const char *server);
void records_print_panel(FILE *f, const struct record_list *l, const char *zone);

/* The MTA-STS policy: lines with CRLF (RFC 8461 section 3.2). none: mode none, for a day. live: its
 * MX are used if FILE names none; or NULL. */
struct check_reply;
int policy_text(
	const struct publish_domain *d, bool none, const struct check_reply *live, struct buf *out);
/* The same, with lines for more hosts. */
int policy_lines(const struct publish_domain *d, const struct check_reply *live,
	const char *const *more, size_t n_more, struct buf *out);
/* Whether it has the mode, and its max_age, -1 without one; of a policy as we write it, or others
 * do.
 */
bool policy_says(const struct buf *policy, const char *mode);
int64_t policy_max_age(const struct buf *policy);
/* "v=STSv1; id=..." for it: 20 hex digits of its SHA-256. */
#define POLICY_ID_MAX 21
int policy_id(const struct buf *policy, char id[POLICY_ID_MAX]);

/*
 * The records of a domain: the key host, the policy host, the record for policy (NULL: none),
 * reports, CAA. Those of keys and of mail servers are added elsewhere. A customer's names point to
 * the provider's.
 */
struct record_wants {
	bool key_host; /* openpgpkey. */
	bool hide;     /* the record at openpgpkey. that keeps wildcards away */
	const struct buf *policy;
	bool untold; /* the policy is served, but without its record */
	bool caa;
};
int domain_records(const struct publish_domain *d, const struct record_wants *w,
	struct record_list *l, struct err *err);
/* The provider's own for one customer, and for all. */
int customer_records(const struct publish_domain *d, const struct buf *policy,
	struct record_list *l, struct err *err);
int provider_records(const struct publish_section *s, struct record_list *l, struct err *err);
/* The target of a customer's aliases: TOKEN.host or host. ADDR_DOMAIN_MAX + 1 bytes. */
void customer_target(const struct publish_domain *d, char *out);
/* OPENPGPKEY of a certificate; two where the lower-case local part has another name. */
int openpgpkey_records(const struct publish_domain *d, const struct addr *a, const uint8_t *cert,
	size_t len, struct record_list *l, struct err *err);

#endif
