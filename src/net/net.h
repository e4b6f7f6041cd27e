/* SPDX-License-Identifier: ISC */
/* State shared by everything that uses the network. */
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
	struct ct_logs *ct; /* logs to verify SCTs with; or NULL */
	bool proxied;       /* a proxy resolves names: no addresses, no DNSSEC */
	struct timers timers;
};

#define NET_NOT_WAITED "not waited for" /* note of a question that became irrelevant */
#define NET_NO_ANSWER "no answer"

/* Observer of every answer and every abandoned question, for evidence and traces; must not cancel
 * anything. */
struct net_watch {
	void (*dns)(void *arg, const struct dns_answer *a);
	void (*url)(void *arg, const struct https_result *r);
	void *arg;
};

#endif
