/* SPDX-License-Identifier: ISC */
/* When an absence that a web server told is proved. Pure. */
#ifndef SEALPOST_WKD_ABSENCE_H
#define SEALPOST_WKD_ABSENCE_H

#include <stdbool.h>

#include "net/fetch.h"
#include "wkd/sites.h"

enum absence_proof {
	ABSENCE_UNPROVED,
	ABSENCE_PROVED,
	ABSENCE_ASK_POLICY, /* it is, if the host has a policy file of valid syntax */
};

/* A 404 or 410, and who said so. */
struct absence_facts {
	bool proxied;                    /* the proxy resolved the names */
	bool advanced;                   /* by the advanced method; else the direct one */
	enum dns_state denial;           /* of openpgpkey.DOMAIN; of the direct method */
	enum fetch_proof first, weakest; /* of the host first asked, and of all on the way */
	enum site_policy policy;         /* of the host first asked, as far as that is known */
};

/*
 * Whoever controls the path can lead the name openpgpkey.DOMAIN of an unsigned zone to any host
 * that has a certificate for it: a wildcard certificate's host was never meant to know of keys.
 * So each host has to be where DNSSEC says, or to have the key that a TLSA record says, or to be
 * named by its certificate; and where that is all of the first one, it has to be a key host. The
 * direct method needs a Secure denial of the advanced one's host as well.
 */
enum absence_proof absence_proof(const struct absence_facts *f);

#endif
