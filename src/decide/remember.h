/* SPDX-License-Identifier: ISC */
/* Decides how long an answer of the network may be cached. Pure. */
#ifndef SEALPOST_REMEMBER_H
#define SEALPOST_REMEMBER_H

#include "conf/conf.h"
#include "decide/key_verdict.h"
#include "decide/protection.h"

/* Seconds. */
#define REMEMBER_UNPROVED_MAX (5 * 60) /* an unproved absence may be forged */
#define REMEMBER_FIXING_MAX (5 * 60)   /* a published key is unusable: its owner may fix it */
#define REMEMBER_BOUND 600
#define REMEMBER_UNBOUND 60 /* its owner may be fixing it */

/* How many seconds after the lookup a verdict on a key may be used. */
int64_t remember_key(const struct conf *c, const struct verdict *v);

/*
 * Whether a cached answer of that time and validity is now too old for its verdict, or was cached
 * with a better one: a certificate that has expired since may have been renewed.
 */
bool remember_stale(
	const struct conf *c, const struct verdict *v, int64_t asked, int64_t keep, int64_t now);

/* How many seconds a protection may be cached; not beyond the end of the MTA-STS policy it is based
 * on. 0: not known, so it is looked up again. */
int64_t remember_protection(const struct protection *p, int64_t policy_expires, int64_t now);

#endif
