/* SPDX-License-Identifier: ISC */
/* Decides when an absence reported by a web server is proved. Pure. */
#ifndef SEALPOST_WKD_ABSENCE_H
#define SEALPOST_WKD_ABSENCE_H

#include <stdbool.h>

#include "net/fetch.h"
#include "wkd/sites.h"

enum absence_proof {
	ABSENCE_UNPROVED,
	ABSENCE_PROVED,
	ABSENCE_ASK_POLICY, /* proved if the host has a policy file with valid syntax */
};

/* A 404 or 410, and its origin. */
struct absence_facts {
	bool proxied;                    /* the proxy resolved the names */
	bool advanced;                   /* by the advanced method; else the direct one */
	enum dns_state denial;           /* for the direct method: of openpgpkey.DOMAIN */
	enum fetch_proof first, weakest; /* of the first host, and the weakest of all hops */
	enum site_policy policy;         /* of the first host, if known */
};

/*
 * An attacker on the path can point openpgpkey.DOMAIN of an unsigned zone to any host with a
 * certificate for it, such as one with a wildcard certificate that has nothing to do with keys. So
 * each host must be at a Secure address, match a TLSA record, or be named by its certificate
 * without a wildcard; and if the latter is all that is known of the first one, it must be a key
 * host. The direct method also needs a Secure denial of the advanced method's host.
 */
enum absence_proof absence_proof(const struct absence_facts *f);

#endif
