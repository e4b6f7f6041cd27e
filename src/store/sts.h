/* SPDX-License-Identifier: ISC */
/*
 * MTA-STS policies that were fetched (RFC 8461 section 3.3): each is in force until it is as old as
 * its max_age says, whatever becomes of the record and the web server meanwhile. In pins.db, since
 * forgetting one lets an attacker pass for a domain without.
 */
#ifndef SEALPOST_STORE_STS_H
#define SEALPOST_STORE_STS_H

#include "store/store.h"

#define STS_ID_MAX 32            /* letters and digits, RFC 8461 section 3.1 */
#define STS_TEXT_MAX 65536       /* octets of a policy */
#define STS_MAX_AGE_MAX 31557600 /* seconds, RFC 8461 section 3.2 */

struct sts_policy {
	char domain[ADDR_DOMAIN_MAX + 1];
	char id[STS_ID_MAX + 1]; /* of the record that led to it */
	char *text;              /* owned; as the server gave it, without NUL */
	int64_t fetched;         /* seconds since 1970 */
	int64_t max_age;         /* seconds, 0 to STS_MAX_AGE_MAX */
};

/* 1: a policy that is in force at this time (*p filled; sts_policy_free); 0: none. */
int store_sts_get(
	struct store *s, const char *domain, int64_t now, struct sts_policy *p, struct err *err);

/*
 * Keeps a policy in place of an earlier one, and says so in the log when it is another. 1 kept; 0
 * not: one that was fetched later is there already. ERR_INTERNAL for what is beyond the limits
 * above.
 */
int store_sts_put(struct store *s, const struct sts_policy *p, struct err *err);

void sts_policy_free(struct sts_policy *p);

#endif
