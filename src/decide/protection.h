/* SPDX-License-Identifier: ISC */
/* What binds a sender to carry mail for a domain over authenticated TLS, from the facts that
 * sealpost-net found. Pure. */
#ifndef SEALPOST_PROTECTION_H
#define SEALPOST_PROTECTION_H

#include "wire/check.h"

enum protection_kind {
	PROTECTION_NONE = 0,
	PROTECTION_DANE,
	PROTECTION_MTA_STS,
	PROTECTION_UNKNOWN
};

struct protection {
	enum protection_kind kind;
	enum check_result result; /* of what stands in the way, if it has a name */
	/* One sentence: what binds, or what stands in the way. Only to be shown. */
	char reason[CHECK_TEXT_MAX + 1];
};

/*
 * DANE: the MX RRset is secure and each host that can be reached has a usable TLSA record. MTA-STS:
 * a valid policy in force, enforced, that each host matches; it never makes up for DANE that fails.
 * Facts that were not all found bind nobody.
 */
void protection_decide(const struct check_reply *facts, struct protection *out);

/* Neither needs mail be sent there: it takes none, now or later. */
bool protection_takes_no_mail(const struct check_reply *facts, const struct protection *p);

const char *protection_name(enum protection_kind k); /* "dane"... as in the JSON */

#endif
