/* SPDX-License-Identifier: ISC */
/*
 * The certification authorities that a name's owner permits (RFC 8659). For display only: relying
 * parties must not use it to validate certificates (section 1).
 */
#ifndef SEALPOST_MX_CAA_H
#define SEALPOST_MX_CAA_H

#include "net/asks.h"
#include "wire/check.h"

#define CAA_NODES_MAX 160 /* names asked about */

/*
 * Parses one record's RDATA (section 4.1), with tag and value made safe for display. False if it is
 * malformed; x is then empty, otherwise the caller frees it. Pure.
 */
bool caa_parse(const uint8_t *p, size_t len, struct check_caa_record *x);
void caa_record_free(struct check_caa_record *x);

/*
 * Whether c permits a certificate by an unknown issuer: YES if every authority may issue, NO if
 * none may, UNKNOWN if only some may, since a certificate does not contain its authority's CAA
 * name. wildcard: it is for a wildcard name. Pure.
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

/* Looks up several names and all their parents at once; a shared parent is asked once. */
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
/* Adds a name. Names beyond the limit stay unknown. */
void caa_add(struct caa *c, const char *name);
/* Removes a name for which no certificate is needed. */
void caa_drop(struct caa *c, const char *name);
/* To be called when everything is answered: fills in the reply's part. */
void caa_take(struct caa *c, struct check_reply *reply);
void caa_free(struct caa *c);

#endif
