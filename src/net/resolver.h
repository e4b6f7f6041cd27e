/* SPDX-License-Identifier: ISC */
/* Which way to the answers is taken when the resolver does not pass DNSSEC on. Pure. */
#ifndef SEALPOST_NET_RESOLVER_H
#define SEALPOST_NET_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#define RESOLVER_NOTE_MAX 256

enum resolver_step {
	RESOLVER_STAY,       /* asking others would not help, or they were not wanted */
	RESOLVER_RECURSE,    /* ask the root's name servers, and so on downwards */
	RESOLVER_STAY_LOCAL, /* it would help, but a Tor, VPN or dnscrypt stub may listen on this
				machine */
};

struct resolver_facts {
	bool system;   /* the system's resolver is used, rather than one chosen on purpose */
	bool local;    /* see resolver_is_local */
	bool stripped; /* what it answers lacks DNSSEC; signatures that do not fit are another
			  matter */
};

enum resolver_step resolver_decide(const struct resolver_facts *f);

/*
 * Whether the text of a resolv.conf(5) has a name server at a loopback address or at none in
 * particular, other than systemd-resolved's 127.0.0.53 and 127.0.0.54. So it has where it names
 * none, or one that cannot be understood.
 */
bool resolver_is_local(const char *conf);

/* The whole reason in out, of RESOLVER_NOTE_MAX bytes: why the resolver cannot be used, and what
 * would allow more. */
void resolver_why_not(enum resolver_step step, const char *why, char *out);
/* The same when both ways failed; why is the resolver's, recursion that of full recursion. */
void resolver_why_neither(const char *why, const char *recursion, char *out);

/* That nobody answers, by full recursion or not. */
const char *resolver_why_silent(bool recursion);

/* What is unusual about the way that is taken, "" if nothing. why: of full recursion in a
 * resolver's place, or "". */
void resolver_notice(const char *why, bool tcp, char *out);

#endif
