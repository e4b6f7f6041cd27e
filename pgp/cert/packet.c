/* SPDX-License-Identifier: ISC */
#include "pgp/cert/packet.h"

#include <stdlib.h>
#include <string.h>

struct header {
	unsigned tag;
	size_t size; /* octets of the header itself */
	size_t body;
	bool partial;
};

uint32_t packet_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint64_t packet_be64(const uint8_t *p)
{
	return (uint64_t)packet_be32(p) << 32 | packet_be32(p + 4);
}

/* RFC 9580 4.2.1.4: only these may have a partial (or, in the old format, indeterminate) length. */
static bool may_be_partial(unsigned tag)
{
	return tag == PACKET_COMPRESSED || tag == PACKET_SED || tag == PACKET_LITERAL ||
	       tag == PACKET_SEIPD || tag == PACKET_AEAD;
}

/* RFC 9580 4.2.2: tag in bits 5 to 2, length type in bits 1 and 0. */
static int old_header(const uint8_t *p, size_t len, struct header *h)
{
	unsigned type = p[0] & 3u;
	size_t n = (size_t)1 << type, i;

	h->tag = p[0] >> 2 & 0xfu;
	if (type == 3) {
		h->size = 1;
		h->body = len - 1;
		h->partial = true;
		return 0;
	}
	if (len < 1 + n)
		return -1;
	h->size = 1 + n;
	h->body = 0;
	for (i = 0; i < n; i++)
		h->body = h->body << 8 | p[1 + i];
	return 0;
}

/* RFC 9580 4.2.1: one, two or five octets of length, or a first partial one. */
static int new_header(const uint8_t *p, size_t len, struct header *h)
{
	h->tag = p[0] & 0x3fu;
	if (len < 2)
		return -1;
	if (p[1] < 192) {
		h->size = 2;
		h->body = p[1];
	} else if (p[1] < 224) {
		if (len < 3)
			return -1;
		h->size = 3;
		h->body = ((size_t)(p[1] - 192) << 8) + p[2] + 192;
	} else if (p[1] == 255) {
		if (len < 6)
			return -1;
		h->size = 6;
		h->body = packet_be32(p + 2);
	} else {
		h->size = 2;
		h->body = (size_t)1 << (p[1] & 0x1fu);
		h->partial = true;
	}
	return 0;
}

static int read_packet_header(const uint8_t *p, size_t len, struct header *h)
{
	int rc;

	memset(h, 0, sizeof(*h));
	if (!(p[0] & 0x80))
		return -1;
	rc = p[0] & 0x40 ? new_header(p, len, h) : old_header(p, len, h);
	if (rc < 0 || h->tag == 0)
		return -1;
	return h->partial && !may_be_partial(h->tag) ? -1 : 0;
}

int packet_next(const uint8_t **p, size_t *len, struct packet *out)
{
	struct header h;
	size_t there;

	if (*len == 0)
		return 0;
	if (read_packet_header(*p, *len, &h) < 0)
		return -1;
	there = *len - h.size;
	if (h.body > there && !h.partial)
		return -1;
	out->tag = h.tag;
	out->raw = *p;
	out->raw_len = h.partial ? *len : h.size + h.body;
	out->body = *p + h.size;
	out->body_len = h.body < there ? h.body : there;
	out->partial = h.partial;
	*p += out->raw_len;
	*len -= out->raw_len;
	return 1;
}

bool packet_same(const struct packet *a, const struct packet *b)
{
	return a->tag == b->tag && a->body_len == b->body_len &&
	       memcmp(a->body, b->body, a->body_len) == 0;
}

/* RFC 9580 5.1.2: length, key version, fingerprint; an empty one is a hidden recipient. */
static int pkesk_v6_keyid(const uint8_t *b, size_t len, uint64_t *keyid)
{
	size_t n;

	if (len < 2)
		return -1;
	n = b[1];
	if (len <= 2 + n)
		return -1;
	if (n == 0)
		*keyid = 0;
	else if (b[2] == 4 && n == 1 + 20)
		*keyid = packet_be64(b + 3 + 12);
	else if ((b[2] == 5 || b[2] == 6) && n == 1 + 32)
		*keyid = packet_be64(b + 3);
	else
		return -1;
	return 0;
}

int packet_pkesk_keyid(const struct packet *p, uint64_t *keyid)
{
	if (p->tag != PACKET_PKESK || p->partial || p->body_len < 1)
		return -1;
	if (p->body[0] == 6)
		return pkesk_v6_keyid(p->body, p->body_len, keyid);
	/* Version, key ID, algorithm, and something encrypted (RFC 9580 5.1.1). */
	if (p->body[0] != 3 || p->body_len < 11)
		return -1;
	*keyid = packet_be64(p->body + 1);
	return 0;
}

void packet_hex(char *out, const uint8_t *p, size_t n)
{
	static const char digit[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digit[p[i] >> 4];
		out[2 * i + 1] = digit[p[i] & 15];
	}
	out[2 * n] = '\0';
}

uint64_t fpr_keyid(const char *fpr)
{
	size_t n = fpr ? strlen(fpr) : 0;
	char part[17];

	if (n != 40 && n != 64)
		return 0;
	memcpy(part, n == 40 ? fpr + 24 : fpr, 16);
	part[16] = '\0';
	return strtoull(part, NULL, 16);
}

/*
 * The bits that a multiprecision integer takes, leading zeros not counted (RFC 9580 section 3.2;
 * gpg does not mind them); steps over it. 0: it is zero, or cut.
 */
static unsigned mpi_bits(const uint8_t **p, size_t *len)
{
	size_t n, i;
	unsigned bits = 0, top;

	if (*len < 2)
		return 0;
	n = (((size_t)(*p)[0] << 8 | (*p)[1]) + 7) / 8;
	if (n > *len - 2)
		return 0;
	for (i = 0; i < n && (*p)[2 + i] == 0; i++)
		;
	if (i < n) {
		for (top = (*p)[2 + i]; top > 0; top >>= 1)
			bits++;
		bits += 8 * (unsigned)(n - i - 1);
	}
	*p += 2 + n;
	*len -= 2 + n;
	return bits;
}

void packet_key_size(const struct packet *p, struct key_size *out)
{
	const uint8_t *at;
	size_t len = p->body_len;

	memset(out, 0, sizeof(*out));
	if (len < 6 || p->body[0] != 4)
		return;
	at = p->body + 6;
	len -= 6;
	out->algo = p->body[5];
	switch (out->algo) {
	case 1: /* RSA */
	case 2:
	case 3:
		out->bits = mpi_bits(&at, &len);
		out->exponent_bits = mpi_bits(&at, &len);
		break;
	case 16: /* ElGamal */
	case 17: /* DSA */
	case 20:
		out->bits = mpi_bits(&at, &len);
		break;
	default:
		break;
	}
}
