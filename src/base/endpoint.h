/* SPDX-License-Identifier: ISC */
/* An address and port from the configuration. Pure. */
#ifndef SEALPOST_ENDPOINT_H
#define SEALPOST_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#define ENDPOINT_IP_MAX 46 /* an address in text, with its NUL */

#define ENDPOINT_DNS_PORT 53
#define ENDPOINT_SOCKS_PORT 1080

struct endpoint {
	char ip[ENDPOINT_IP_MAX]; /* as inet_ntop(3) writes it */
	bool v6;
	uint16_t port;
};

/* ADDRESS[@PORT]. False if it is not that; *out is then untouched. */
bool endpoint_resolver(const char *value, struct endpoint *out);

/*
 * socks5h://HOST[:PORT], HOST being an IPv4 address, an IPv6 address in brackets or localhost,
 * which means 127.0.0.1; other names are refused, since they would need a DNS lookup. No user
 * information, no path. False if it is not that.
 */
bool endpoint_proxy(const char *value, struct endpoint *out);

#endif
