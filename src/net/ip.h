/* SPDX-License-Identifier: ISC */
/* IP addresses, and which of them are public. Pure. */
#ifndef SEALPOST_NET_IP_H
#define SEALPOST_NET_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IP_TEXT_MAX 46

struct net_ip {
	bool v6;
	uint8_t b[16]; /* the first 4 of them if not v6 */
};

enum ip_class {
	IP_GLOBAL,
	IP_PRIVATE, /* this machine, this site, reserved: a redirect from outside must not lead
		       there */
	IP_NOHOST,  /* unspecified, multicast, broadcast: not a host */
};

/* Parses RDATA of an A (4 bytes) or AAAA (16) record. */
bool ip_parse(const uint8_t *rdata, size_t len, bool v6, struct net_ip *out);

/*
 * Addresses with an embedded IPv4 address (mapped, compatible, NAT64, 6to4) have the class of that.
 * Documentation ranges count as global.
 */
enum ip_class ip_class(const struct net_ip *ip);

/* out has IP_TEXT_MAX bytes. */
void ip_text(const struct net_ip *ip, char *out);

#endif
