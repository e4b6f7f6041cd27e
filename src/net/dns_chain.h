/* SPDX-License-Identifier: ISC */
/* Prefetches the DNSSEC keys of an answer while the answer is pending. Only for dns.c. */
#ifndef SEALPOST_NET_DNS_CHAIN_H
#define SEALPOST_NET_DNS_CHAIN_H

#include <unbound.h>

struct dns_chain {
	void *seen; /* names, owned */
};

/*
 * Asks for DS and DNSKEY of the domain and of each parent except the root, unless done before.
 * libunbound would ask for the same sequentially; this fills its cache in parallel. Errors are
 * ignored.
 */
void dns_chain_ask(struct dns_chain *c, struct ub_ctx *ctx, const char *domain);
void dns_chain_free(struct dns_chain *c);

#endif
