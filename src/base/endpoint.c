/* SPDX-License-Identifier: ISC */
#include "base/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOCKS "socks5h://"

/* The first len octets of s as an address. */
static bool take_ip(const char *s, size_t len, struct endpoint *e)
{
	char text[ENDPOINT_IP_MAX];
	unsigned char a[sizeof(struct in6_addr)];
	int family;

	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	family = memchr(text, ':', len) ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, a) != 1)
		return false;
	e->v6 = family == AF_INET6;
	return inet_ntop(family, a, e->ip, sizeof(e->ip)) != NULL;
}

/* A port, which goes up to end. */
static bool take_port(const char *s, const char *end, struct endpoint *e)
{
	unsigned long v;
	char *rest;

	if (*s < '0' || *s > '9' || end - s > 5)
		return false;
	v = strtoul(s, &rest, 10);
	if (rest != end || v < 1 || v > UINT16_MAX)
		return false;
	e->port = (uint16_t)v;
	return true;
}

bool endpoint_resolver(const char *value, struct endpoint *out)
{
	struct endpoint e = {.port = ENDPOINT_DNS_PORT};
	size_t len = strcspn(value, "@");
	const char *port = value + len + 1;

	if (!take_ip(value, len, &e) ||
		(value[len] == '@' && !take_port(port, port + strlen(port), &e)))
		return false;
	*out = e;
	return true;
}

bool endpoint_proxy(const char *value, struct endpoint *out)
{
	struct endpoint e = {.port = ENDPOINT_SOCKS_PORT};
	const char *p = value + strlen(SOCKS), *end;
	size_t len;
	bool known;

	if (strncmp(value, SOCKS, strlen(SOCKS)) != 0)
		return false;
	if (*p == '[') {
		len = strcspn(++p, "]");
		known = p[len] == ']' && memchr(p, ':', len) && take_ip(p, len, &e);
		end = known ? p + len + 1 : p;
	} else {
		len = strcspn(p, ":");
		end = p + len;
		if (len == strlen("localhost") && strncmp(p, "localhost", len) == 0)
			known = take_ip("127.0.0.1", strlen("127.0.0.1"), &e);
		else
			known = take_ip(p, len, &e);
	}
	if (!known || (*end != '\0' && (*end != ':' || !take_port(end + 1, end + strlen(end), &e))))
		return false;
	*out = e;
	return true;
}
