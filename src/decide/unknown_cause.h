/* SPDX-License-Identifier: ISC */
/*
 * Why it cannot be told whether a key exists: whether it may be this machine's own fault, or is the
 * recipient's domain's. Pure.
 */
#ifndef SEALPOST_UNKNOWN_CAUSE_H
#define SEALPOST_UNKNOWN_CAUSE_H

#include "wire/lookup.h"

/* The later ones say more of the domain. */
enum unknown_cause {
	CAUSE_OURS,      /* the helper, gpg; or not known */
	CAUSE_OTHERWISE, /* an absence that came another way than the domain's keys did: somebody
			    on the path, or a domain that has changed */
	CAUSE_UNPROVEN,  /* no DNS answer that holds, no connection, or a certificate that does not
			    hold (a dead resolver, no route, a portal): the domain's fault only if
			    another domain can be reached */
	CAUSE_THEIRS,    /* a host that was found and reached, or some of its DNS: time-outs, bogus
			    answers, 429 and 5xx */
	CAUSE_ANSWERED,  /* 401, 403, 406 or 451 over verified TLS from the domain's own host */
};

/* Of a reply that is unknown, which a method failed for, or what WKD found; the weakest cause of
 * the methods that failed. */
enum unknown_cause unknown_cause(const struct lookup_reply *reply, const char *domain);

/*
 * From when on clear text may be offered for it, in seconds since the first failed attempt; -1:
 * never. other_answered: another domain answered over verified TLS within the hour.
 */
#define UNKNOWN_ANSWERED_WAIT (15 * 60)
#define UNKNOWN_THEIRS_WAIT (4 * 60 * 60)
#define UNKNOWN_OTHERWISE_WAIT (3 * 24 * 60 * 60) /* until the domain may be forgotten */
int64_t unknown_wait(enum unknown_cause cause, bool other_answered);

#endif
