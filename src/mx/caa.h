/* SPDX-License-Identifier: ISC */
/*
 * Which certification authorities a name's owner allows (RFC 8659). Shown, and never gone by:
 * relying parties must not use it to validate certificates (section 1).
 */
#ifndef SEALPOST_MX_CAA_H
#define SEALPOST_MX_CAA_H

#include "net/asks.h"
#include "wire/check.h"

#define CAA_NODES_MAX 160 /* names asked about */

/*
 * One record's RDATA (section 4.1), tag and value as they may be shown. False if it is malformed; x
 * is empty then, and else the caller's to free. Pure.
 */
bool caa_parse(const uint8_t *p, size_t len, struct check_caa_record *x);
void caa_record_free(struct check_caa_record *x);

/*
 * Whether c allows a certificate, whoever issued it: YES if every authority may, NO if none may,
 * UNKNOWN if those named may, for no certificate says by which name CAA knows its authority.
 * wildcard: it is for such a name. Pure.
 */
enum check_fact caa_allows(const struct check_caa *c, bool wildcard);

struct caa;

struct caa_node {
	struct caa *caa;
	char name[DNS_NAME_MAX + 1];
	bool answered;
	enum dns_state state;
	char why[DNS_NOTE_MAX];
	struct check_caa_record *record; /* owned */
	size_t n;
	bool present; /* there are records, well-formed or not */
};

/* Climbs from several names at once, all levels in one go; a level that two of them share is asked
 * once. */
struct caa {
	struct asks *asks;
	struct caa_node *node; /* owned */
	size_t n_node;
	char name[CHECK_CAA_NAMES_MAX][DNS_NAME_MAX + 1];
	size_t n_name;
	void (*answered)(void *arg); /* after each answer */
	void *arg;
};

void caa_init(struct caa *c, struct asks *asks, void (*answered)(void *arg), void *arg);
/* Asks about one more name. What there is no room for stays unknown. */
void caa_add(struct caa *c, const char *name);
/* It turned out that no certificate is wanted for that name: nothing is said of it. */
void caa_drop(struct caa *c, const char *name);
/* All that was asked has been answered: fills in the reply's part. */
void caa_take(struct caa *c, struct check_reply *reply);
void caa_free(struct caa *c);

#endif
