/* SPDX-License-Identifier: ISC */
/* Decides what to do if the resolver does not pass DNSSEC records. Pure. */
#ifndef SEALPOST_NET_RESOLVER_H
#define SEALPOST_NET_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

#define RESOLVER_NOTE_MAX 256
#define RESOLVER_SERVER_MAX 80 /* an address with its scope, and a NUL */

enum resolver_step {
	RESOLVER_STAY,       /* recursion would not help, or is not wanted */
	RESOLVER_RECURSE,    /* recurse from the root's name servers */
	RESOLVER_STAY_LOCAL, /* recursion would help, but the local resolver may be a Tor, VPN or
				dnscrypt stub */
};

struct resolver_facts {
	bool system;   /* the system's resolver is used, not a configured one */
	bool local;    /* see resolver_is_local */
	bool stripped; /* its answers lack DNSSEC records (invalid signatures do not count) */
};

enum resolver_step resolver_decide(const struct resolver_facts *f);

/* The next name server in the text of a resolv.conf(5), "ADDRESS[%SCOPE]", and steps over its line;
 * one that is no address is passed over. False: there is none. */
bool resolver_server(const char **conf, char *out);

/*
 * Whether the text of a resolv.conf(5) has a name server at a loopback or unspecified address other
 * than systemd-resolved's 127.0.0.53 and 127.0.0.54. Also true if it names none.
 */
bool resolver_is_local(const char *conf);

/* Writes the whole reason to out (RESOLVER_NOTE_MAX bytes): why the resolver is not usable, and
 * which setting would permit recursion. */
void resolver_why_not(enum resolver_step step, const char *why, char *out);
/* The same if both failed; why is the resolver's reason, recursion that of full recursion. */
void resolver_why_neither(const char *why, const char *recursion, char *out);

/* The reason that no server answers, with full recursion or without. */
const char *resolver_why_silent(bool recursion);

/* What is unusual about the chosen method, "" if nothing. why: reason of full recursion instead of
 * a resolver, or "". */
void resolver_notice(const char *why, bool tcp, char *out);

#endif
