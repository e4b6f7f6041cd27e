/* SPDX-License-Identifier: ISC */
/* For how long an answer of the network is good, and nobody is asked again. Pure. */
#ifndef SEALPOST_REMEMBER_H
#define SEALPOST_REMEMBER_H

#include "conf/conf.h"
#include "decide/key_verdict.h"
#include "decide/protection.h"

/* Seconds. */
#define REMEMBER_UNPROVED_MAX (5 * 60) /* such an absence may be a forgery */
#define REMEMBER_FIXING_MAX (5 * 60)   /* what is published cannot be used: its owner may fix it */
#define REMEMBER_BOUND 600
#define REMEMBER_UNBOUND 60 /* its owner may be fixing it */

/* How many seconds after the asking a verdict on a key may be used. */
int64_t remember_key(const struct conf *c, const struct verdict *v);

/*
 * Whether an answer that was asked for then, and was to be kept for so many seconds, is too old now
 * for its verdict, or was kept as something better: a certificate that has expired since may have
 * been renewed.
 */
bool remember_stale(
	const struct conf *c, const struct verdict *v, int64_t asked, int64_t keep, int64_t now);

/* How many seconds what binds a domain's mail may be used; not beyond the end of the MTA-STS policy
 * that it rests on. 0: it cannot be told, and is asked again. */
int64_t remember_protection(const struct protection *p, int64_t policy_expires, int64_t now);

#endif
