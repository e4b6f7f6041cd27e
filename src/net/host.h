/* SPDX-License-Identifier: ISC */
/* A web server's name: whether it exists, where it is, and how its TLS key is pinned. */
#ifndef SEALPOST_NET_HOST_H
#define SEALPOST_NET_HOST_H

#include "net/ip.h"
#include "net/net.h"
#include "net/tlsa.h"

#define HOST_IPS_MAX 16 /* half for each family */
#define HOST_REASON_MAX 512

/* The other address family is waited for this long once one has answered with an address (cf. RFC
 * 8305 section 3). */
#define HOST_PATIENCE_MS 300

enum host_status {
	HOST_FOUND,  /* at least one validated address; or see host_resolve */
	HOST_ABSENT, /* a definitive negative for both families */
	HOST_FAILED, /* neither */
};

struct host_answer {
	enum host_status status;
	/* Of the addresses, or of both denials; of the failure. */
	enum dns_state dnssec;
	struct net_ip ip[HOST_IPS_MAX];
	size_t n_ip;
	struct tlsa_set tlsa; /* usable secure records, to be matched; empty if there are none */
	uint32_t ttl;
	char reason[HOST_REASON_MAX]; /* "NAME: ..." unless found */
};

struct host;
typedef void host_done(void *arg, const struct host_answer *a);

/*
 * Asks for A, AAAA and the TLSA records of HTTPS at once. Where the address is secure, these count:
 * those of a CNAME's target, if it has any, else the name's own (RFC 7671 section 7); where a CNAME
 * leads into an unsigned zone, the name's own if they are Secure. A bogus
 * answer is HOST_FAILED, unless the other family has a validated address; so is a TLSA question
 * without an answer. Where a proxy resolves names nothing is asked, and every name is found, with
 * no address and no dnssec. done is called once, from the event loop. ERR_TEMP.
 */
int host_resolve(struct net *net, const char *name, const struct net_watch *watch, host_done *done,
	void *arg, struct host **out, struct err *err);
/* As host_resolve, but an answer that DNSSEC proves to be synthesised from a wildcard is a denial:
 * the name is not there. */
int host_resolve_own(struct net *net, const char *name, const struct net_watch *watch,
	host_done *done, void *arg, struct host **out, struct err *err);
/* NULL is fine. */
void host_cancel(struct host *h);
/* Tells the watch of the questions that have no answer yet. */
void host_tell_open(const struct host *h, const char *note);
/* What is being waited for, "NAME: no answer from its name servers". */
const char *host_waiting(const struct host *h);

#endif
