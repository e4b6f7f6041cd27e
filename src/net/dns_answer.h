/* SPDX-License-Identifier: ISC */
/* Interprets libunbound's results. Pure; the public part is in net/dns.h. */
#ifndef SEALPOST_NET_DNS_ANSWER_H
#define SEALPOST_NET_DNS_ANSWER_H

#include <stdbool.h>
#include <unbound.h>

#include "net/dns.h"

/* rc is libunbound's own code; res may be NULL. */
struct dns_flags dns_flags_of(int rc, const struct ub_result *res);

/* The target of a CNAME at name, "" if there was none. out has DNS_NAME_MAX + 1 bytes, and is
 * returned. */
const char *dns_canon_of(const char *name, const struct ub_result *res, char *out);

/* For a secure answer: whether it was synthesised from a wildcard. */
bool dns_is_wildcard(const struct ub_result *res);
/* Whether it had any signatures, good or bad. */
bool dns_is_signed(const struct ub_result *res);

#endif
