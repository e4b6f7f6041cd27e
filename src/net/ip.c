/* SPDX-License-Identifier: ISC */
#include "net/ip.h"

#include <arpa/inet.h>
#include <string.h>

struct range {
	uint8_t prefix[16];
	unsigned bits;
	enum ip_class class;
};

static const struct range v4_ranges[] = {
	{{0, 0, 0, 0}, 32, IP_NOHOST}, {{255, 255, 255, 255}, 32, IP_NOHOST},
	{{224}, 4, IP_NOHOST},         /* multicast */
	{{0}, 8, IP_PRIVATE},          /* this network */
	{{10}, 8, IP_PRIVATE},         /* RFC 1918 */
	{{100, 64}, 10, IP_PRIVATE},   /* carrier-grade NAT, RFC 6598 */
	{{127}, 8, IP_PRIVATE},        /* loopback */
	{{169, 254}, 16, IP_PRIVATE},  /* link-local */
	{{172, 16}, 12, IP_PRIVATE},   /* RFC 1918 */
	{{192, 0, 0}, 24, IP_PRIVATE}, /* protocol assignments, RFC 6890 */
	{{192, 168}, 16, IP_PRIVATE},  /* RFC 1918 */
	{{198, 18}, 15, IP_PRIVATE},   /* benchmarks, RFC 2544 */
	{{240}, 4, IP_PRIVATE},        /* reserved */
};

static const struct range v6_ranges[] = {
	{{0}, 128, IP_NOHOST}, {{0xff}, 8, IP_NOHOST},                       /* multicast */
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, IP_PRIVATE}, /* loopback */
	{{0xfc}, 7, IP_PRIVATE},                                             /* unique local */
	{{0xfe, 0x80}, 10, IP_PRIVATE},                                      /* link-local */
	{{0xfe, 0xc0}, 10, IP_PRIVATE},                /* site-local, RFC 3879 */
	{{0x01, 0x00}, 64, IP_PRIVATE},                /* discard-only, RFC 6666 */
	{{0, 0x64, 0xff, 0x9b, 0, 1}, 48, IP_PRIVATE}, /* local-use NAT64, RFC 8215 */
	{{0x20, 0x01, 0, 0}, 32, IP_PRIVATE}, /* Teredo: carries an IPv4 address, obscured */
};

/* Where an IPv6 prefix is followed by an IPv4 address. */
static const struct {
	uint8_t prefix[16];
	unsigned bits, at;
} carriers[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12}, /* mapped */
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 96, 12},       /* compatible */
	{{0, 0x64, 0xff, 0x9b}, 96, 12},                      /* NAT64, RFC 6052 */
	{{0x20, 0x02}, 16, 2},                                /* 6to4 */
};

static bool in_prefix(const uint8_t *b, const uint8_t *prefix, unsigned bits)
{
	uint8_t mask = (uint8_t)(0xff << (8 - bits % 8));

	if (memcmp(b, prefix, bits / 8) != 0)
		return false;
	return bits % 8 == 0 || ((b[bits / 8] ^ prefix[bits / 8]) & mask) == 0;
}

static enum ip_class find_range(const uint8_t *b, const struct range *r, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (in_prefix(b, r[i].prefix, r[i].bits))
			return r[i].class;
	}
	return IP_GLOBAL;
}

enum ip_class ip_class(const struct net_ip *ip)
{
	const size_t n4 = sizeof(v4_ranges) / sizeof(v4_ranges[0]);
	enum ip_class c;
	size_t i;

	if (!ip->v6)
		return find_range(ip->b, v4_ranges, n4);
	c = find_range(ip->b, v6_ranges, sizeof(v6_ranges) / sizeof(v6_ranges[0]));
	for (i = 0; c == IP_GLOBAL && i < sizeof(carriers) / sizeof(carriers[0]); i++) {
		if (in_prefix(ip->b, carriers[i].prefix, carriers[i].bits))
			c = find_range(ip->b + carriers[i].at, v4_ranges, n4);
	}
	return c;
}

bool ip_parse(const uint8_t *rdata, size_t len, bool v6, struct net_ip *out)
{
	if (len != (v6 ? 16 : 4))
		return false;
	memset(out, 0, sizeof(*out));
	out->v6 = v6;
	memcpy(out->b, rdata, len);
	return true;
}

void ip_text(const struct net_ip *ip, char *out)
{
	if (!inet_ntop(ip->v6 ? AF_INET6 : AF_INET, ip->b, out, IP_TEXT_MAX))
		out[0] = '\0';
}
