/* SPDX-License-Identifier: ISC */
/* What libunbound's results say. Pure; what of it others need is in net/dns.h. */
#ifndef SEALPOST_NET_DNS_ANSWER_H
#define SEALPOST_NET_DNS_ANSWER_H

#include <stdbool.h>
#include <unbound.h>

#include "net/dns.h"

/* rc is libunbound's own code; res may be NULL. */
struct dns_flags dns_flags_of(int rc, const struct ub_result *res);

/* Where a CNAME led from name, "" if there was none. out has DNS_NAME_MAX + 1 bytes, and is
 * returned. */
const char *dns_canon_of(const char *name, const struct ub_result *res, char *out);

/* Of a secure answer: whether it was synthesised. */
bool dns_is_wildcard(const struct ub_result *res);
/* Whether signatures came with it at all, good or bad. */
bool dns_is_signed(const struct ub_result *res);

#endif
