/* SPDX-License-Identifier: ISC */
/* The keys that an answer's signature leads to, asked for while the answer is still on its way.
 * Only for dns.c. */
#ifndef SEALPOST_NET_DNS_CHAIN_H
#define SEALPOST_NET_DNS_CHAIN_H

#include <unbound.h>

struct dns_chain {
	void *seen; /* names, owned */
};

/*
 * Asks for DS and DNSKEY of the domain and of each one above it, the root excepted, unless this was
 * done before. libunbound would ask for the same, but one after the other, each after the answer
 * before: what comes of these waits in its cache. Failure is no loss.
 */
void dns_chain_ask(struct dns_chain *c, struct ub_ctx *ctx, const char *domain);
void dns_chain_free(struct dns_chain *c);

#endif
