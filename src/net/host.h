/* SPDX-License-Identifier: ISC */
/* Resolves a web server's name: its existence, addresses and TLSA records. */
#ifndef SEALPOST_NET_HOST_H
#define SEALPOST_NET_HOST_H

#include "net/ip.h"
#include "net/net.h"
#include "net/tlsa.h"

#define HOST_IPS_MAX 16 /* half for each family */
#define HOST_REASON_MAX 512

/* How long to wait for the other address family once one has returned an address (cf. RFC 8305
 * section 3). */
#define HOST_PATIENCE_MS 300

enum host_status {
	HOST_FOUND,  /* at least one validated address; or see host_resolve */
	HOST_ABSENT, /* a definitive negative for both families */
	HOST_FAILED, /* neither */
};

struct host_answer {
	enum host_status status;
	/* State of the addresses, of both denials, or of the failure. */
	enum dns_state dnssec;
	struct net_ip ip[HOST_IPS_MAX];
	size_t n_ip;
	struct tlsa_set tlsa; /* usable secure records to be matched; empty if there are none */
	uint32_t ttl;
	char reason[HOST_REASON_MAX]; /* "NAME: ..." unless found */
};

struct host;
typedef void host_done(void *arg, const struct host_answer *a);

/*
 * Asks for A, AAAA and the TLSA records of HTTPS at once. If the address is secure, TLSA records
 * are used: those of a CNAME's target, if it has any, else the name's own (RFC 7671 section 7); if
 * a CNAME leads to an unsigned zone, the name's own if they are Secure. A bogus answer is
 * HOST_FAILED, unless the other family has a validated address; so is an unanswered TLSA question.
 * If a proxy resolves names nothing is asked, and every name is found, without address and dnssec.
 * done is called once, from the event loop. ERR_TEMP.
 */
int host_resolve(struct net *net, const char *name, const struct net_watch *watch, host_done *done,
	void *arg, struct host **out, struct err *err);
/* Like host_resolve, but an answer proved by DNSSEC to come from a wildcard counts as denial of the
 * name. */
int host_resolve_own(struct net *net, const char *name, const struct net_watch *watch,
	host_done *done, void *arg, struct host **out, struct err *err);
/* NULL is fine. */
void host_cancel(struct host *h);
/* Reports the questions without an answer to the watch. */
void host_tell_open(const struct host *h, const char *note);
/* The pending step, "NAME: no answer from its name servers". */
const char *host_waiting(const struct host *h);

#endif
