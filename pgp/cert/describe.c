/* SPDX-License-Identifier: ISC */
#include "pgp/cert/describe.h"

#include <stdio.h>
#include <string.h>

#include "pgp/cert/packet.h"

/* Where a key packet's fields stand (RFC 9580 section 5.5.2). */
#define AT_CREATED 1
#define AT_ALGORITHM 5
#define AT_MATERIAL_V4 6
#define AT_MATERIAL_V6 10

/* Curves by their OID (RFC 9580 section 9.2), as gpg calls them. */
static const struct curve_name {
	const char *name;
	uint8_t len;
	uint8_t oid[10];
} curve_names[] = {
	{"nistp256", 8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}},
	{"nistp384", 5, {0x2b, 0x81, 0x04, 0x00, 0x22}},
	{"nistp521", 5, {0x2b, 0x81, 0x04, 0x00, 0x23}},
	{"brainpoolP256r1", 9, {0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07}},
	{"brainpoolP384r1", 9, {0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b}},
	{"brainpoolP512r1", 9, {0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0d}},
	{"ed25519", 9, {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01}},
	{"ed448", 3, {0x2b, 0x65, 0x71}},
	{"secp256k1", 5, {0x2b, 0x81, 0x04, 0x00, 0x0a}},
};

/* p: the octet of the OID's length. */
static const char *curve_of(const uint8_t *p, size_t left)
{
	size_t i;

	for (i = 0; left > 0 && i < sizeof(curve_names) / sizeof(curve_names[0]); i++) {
		const struct curve_name *c = &curve_names[i];

		if (p[0] == c->len && left > c->len && memcmp(p + 1, c->oid, c->len) == 0)
			return c->name;
	}
	return "ecc";
}

static void name_algorithm(unsigned algo, const uint8_t *p, size_t left, char *out)
{
	unsigned bits = left >= 2 ? (unsigned)p[0] << 8 | p[1] : 0; /* of the first number */

	switch (algo) {
	case 1:
	case 2:
	case 3:
		snprintf(out, CERT_ALGORITHM_MAX, "rsa%u", bits);
		break;
	case 17:
		snprintf(out, CERT_ALGORITHM_MAX, "dsa%u", bits);
		break;
	case 19:
	case 22:
		snprintf(out, CERT_ALGORITHM_MAX, "%s", curve_of(p, left));
		break;
	case 27:
		snprintf(out, CERT_ALGORITHM_MAX, "ed25519");
		break;
	case 28:
		snprintf(out, CERT_ALGORITHM_MAX, "ed448");
		break;
	default:
		snprintf(out, CERT_ALGORITHM_MAX, "algorithm %u", algo);
	}
}

void cert_describe(
	const uint8_t *data, size_t len, char algorithm[CERT_ALGORITHM_MAX], int64_t *created)
{
	const uint8_t *p = data;
	size_t left = len, at;
	struct packet k;

	algorithm[0] = '\0';
	*created = 0;
	if (!data || packet_next(&p, &left, &k) != 1 || k.tag != PACKET_PUBLIC_KEY ||
		k.body_len < AT_MATERIAL_V4 || (k.body[0] != 4 && k.body[0] != 6))
		return;
	at = k.body[0] == 4 ? AT_MATERIAL_V4 : AT_MATERIAL_V6;
	if (k.body_len < at)
		return;
	*created = packet_be32(k.body + AT_CREATED);
	name_algorithm(k.body[AT_ALGORITHM], k.body + at, k.body_len - at, algorithm);
}
