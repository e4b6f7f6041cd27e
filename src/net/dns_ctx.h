/* SPDX-License-Identifier: ISC */
/* Creates a libunbound context for one resolution method. */
#ifndef SEALPOST_NET_DNS_CTX_H
#define SEALPOST_NET_DNS_CTX_H

#include <stdbool.h>
#include <unbound.h>

#include "net/dns.h"

bool dns_is_system(const struct dns_settings *s);
bool dns_is_recursive(const struct dns_settings *s);
/* Whether the system's resolver is one on this machine, see net/resolver.h. Reads /etc/resolv.conf.
 */
bool dns_system_is_local(void);

/* Checks that there is a plausible trust anchor. ERR_CONFIG, with a hint. */
int dns_check_anchor(const struct dns_settings *s, struct err *err);

struct dns_ctx_way {
	bool recursive;   /* from the root down, instead of the resolver of the settings */
	bool tcp;         /* over TCP only */
	bool unvalidated; /* without DNSSEC; a question is sent once */
};

/*
 * Creates a context with the trust anchor. Asks nothing yet; its files, except /etc/resolv.conf,
 * are read at the first question. ERR_CONFIG, ERR_OS.
 */
int dns_ctx_open(const struct dns_settings *s, const struct dns_ctx_way *way, struct ub_ctx **out,
	struct err *err);

#endif
