/* SPDX-License-Identifier: ISC */
/* What everything that talks to the network shares. */
#ifndef SEALPOST_NET_NET_H
#define SEALPOST_NET_NET_H

#include "net/dns.h"
#include "net/https.h"
#include "net/timer.h"

struct smtp;
struct ct_logs;

struct net {
	struct dns *dns;
	struct https *https;
	struct smtp *smtp;  /* or NULL */
	struct ct_logs *ct; /* logs that SCTs are verified with; or NULL */
	bool proxied;       /* a proxy resolves names: no addresses, no DNSSEC */
	struct timers timers;
};

#define NET_NOT_WAITED "not waited for" /* the note of a question that no longer mattered */
#define NET_NO_ANSWER "no answer"

/* Sees every answer, and every question that was given up, for evidence and traces; must not stop
 * anything. */
struct net_watch {
	void (*dns)(void *arg, const struct dns_answer *a);
	void (*url)(void *arg, const struct https_result *r);
	void *arg;
};

#endif
