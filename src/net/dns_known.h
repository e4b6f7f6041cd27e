/* SPDX-License-Identifier: ISC */
/* Of which domains it is known whether anybody answers for them. Only for dns.c. */
#ifndef SEALPOST_NET_DNS_KNOWN_H
#define SEALPOST_NET_DNS_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

struct dns_known {
	void *tree; /* of struct known_domain, owned */
};

/*
 * Notes it. silent: why nothing about the domain needs to be asked; NULL: somebody answers, which
 * stays so whatever comes later. Out of memory: it stays unknown.
 */
void dns_known_put(struct dns_known *k, const char *domain, const char *silent);
bool dns_known_has(const struct dns_known *k, const char *domain);
/*
 * Why a question is not to be asked, or NULL; the text stays as long as k. What is known of the
 * nearest domain counts, among the name and those above it. A domain's DS is its parent's to
 * answer.
 */
const char *dns_known_silent(const struct dns_known *k, const char *name, uint16_t type);
void dns_known_free(struct dns_known *k);

#endif
