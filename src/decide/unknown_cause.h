/* SPDX-License-Identifier: ISC */
/*
 * Determines why it is unknown whether a key exists: possibly a local problem, or one of the
 * recipient's domain. Pure.
 */
#ifndef SEALPOST_UNKNOWN_CAUSE_H
#define SEALPOST_UNKNOWN_CAUSE_H

#include <stdbool.h>

#include "wire/lookup.h"

/* In ascending order of evidence that it is the domain's problem. */
enum unknown_cause {
	CAUSE_OURS,    /* the helper, the resolver, which answers nobody, or the CA certificates; or
			  not known */
	CAUSE_KEYRING, /* the user's gpg keyring, gpg itself, or its agent */
	CAUSE_OTHERWISE, /* an absence by another method than the domain's keys: an attacker on the
			    path, or a changed domain */
	CAUSE_UNPROVEN,  /* no valid DNS answer, no connection, or an invalid certificate (a dead
			    resolver, no route, a captive portal): the domain's problem only if
			    another domain can be reached */
	CAUSE_THEIRS, /* a host that was reached, or part of its DNS: time-outs, bogus answers, 429
			 and 5xx */
	CAUSE_ANSWERED, /* 401, 403, 406 or 451 over verified TLS from the domain's own host */
};

/* Whether some host answered over verified TLS, whatever it said: this machine is connected. */
bool web_answered(const struct lookup_reply *reply);

/* The cause for an unknown reply: the lowest of all failed methods. */
enum unknown_cause unknown_cause(const struct lookup_reply *reply, const char *domain);

/*
 * When clear text may be offered for it, in seconds since the first failed attempt; -1: never.
 * other_answered: another domain answered over verified TLS within the hour.
 */
#define UNKNOWN_ANSWERED_WAIT (15 * 60)
#define UNKNOWN_THEIRS_WAIT (4 * 60 * 60)
#define UNKNOWN_OTHERWISE_WAIT (3 * 24 * 60 * 60) /* until the domain may be forgotten */
int64_t unknown_wait(enum unknown_cause cause, bool other_answered);

#endif
