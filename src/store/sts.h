/* SPDX-License-Identifier: ISC */
/*
 * Cached MTA-STS policies (RFC 8461 section 3.3): each is in force until its max_age has passed,
 * whatever happens to the record and the web server. They are in pins.db, since losing one would
 * let an attacker pretend that the domain has none.
 */
#ifndef SEALPOST_STORE_STS_H
#define SEALPOST_STORE_STS_H

#include "store/store.h"

#define STS_ID_MAX 32            /* letters and digits, RFC 8461 section 3.1 */
#define STS_TEXT_MAX 65536       /* bytes of a policy */
#define STS_MAX_AGE_MAX 31557600 /* seconds, RFC 8461 section 3.2 */

struct sts_policy {
	char domain[ADDR_DOMAIN_MAX + 1];
	char id[STS_ID_MAX + 1]; /* id of the record it was fetched for */
	char *text;              /* owned; as received, without NUL */
	int64_t fetched;         /* seconds since 1970 */
	int64_t max_age;         /* seconds, 0 to STS_MAX_AGE_MAX */
};

/* 1: a policy is in force at this time (*p filled; sts_policy_free); 0: none. */
int store_sts_get(
	struct store *s, const char *domain, int64_t now, struct sts_policy *p, struct err *err);

/*
 * Stores a policy, replacing an earlier one, and logs if it differs. 1 stored; 0 not: a later one
 * is there already. ERR_INTERNAL beyond the limits above.
 */
int store_sts_put(struct store *s, const struct sts_policy *p, struct err *err);

void sts_policy_free(struct sts_policy *p);

#endif
