/* SPDX-License-Identifier: ISC */
/* A context of libunbound, made for one way to the answers. */
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

/* Whether there is something like a trust anchor. ERR_CONFIG, with a hint. */
int dns_check_anchor(const struct dns_settings *s, struct err *err);

/*
 * A context with the trust anchor, which asks whom s names, over TCP only if so wanted, or from the
 * root downwards. Nothing is asked yet; its files, but for /etc/resolv.conf, are read at the first
 * question. ERR_CONFIG, ERR_OS.
 */
int dns_ctx_open(const struct dns_settings *s, bool recursive, bool tcp, struct ub_ctx **out,
	struct err *err);

#endif
