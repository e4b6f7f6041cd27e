/* SPDX-License-Identifier: ISC */
/*
 * OpenPGP packet framing (RFC 9580 section 4.2), as far as sealpost needs it: to split
 * certificates, to filter them before gpg sees them, and to read key IDs from a sealed message.
 * Pure; verifies nothing.
 */
#ifndef SEALPOST_PACKET_H
#define SEALPOST_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packet_tag {
	PACKET_PKESK = 1,
	PACKET_SIGNATURE = 2,
	PACKET_SKESK = 3,
	PACKET_SECRET_KEY = 5,
	PACKET_PUBLIC_KEY = 6,
	PACKET_SECRET_SUBKEY = 7,
	PACKET_COMPRESSED = 8,
	PACKET_SED = 9,
	PACKET_MARKER = 10,
	PACKET_LITERAL = 11,
	PACKET_TRUST = 12,
	PACKET_USER_ID = 13,
	PACKET_PUBLIC_SUBKEY = 14,
	PACKET_USER_ATTRIBUTE = 17,
	PACKET_SEIPD = 18,
	PACKET_AEAD = 20,
	PACKET_PADDING = 21,
};

struct packet {
	unsigned tag;
	const uint8_t *raw; /* header and body; borrowed */
	size_t raw_len;
	const uint8_t *body; /* borrowed */
	size_t body_len;     /* for partial lengths: what is available of the first chunk */
	bool partial; /* partial or indeterminate length: only the last packet of a message */
};

/*
 * Takes the packet at the front of [*p, *p + *len). 1: done; 0: end; -1: not a packet, or longer
 * than the input; *p, *len and out are then unchanged. A packet of partial or indeterminate length
 * (data packets only) takes the rest of the input.
 */
int packet_next(const uint8_t **p, size_t *len, struct packet *out);

/* Whether two packets have the same tag and body, regardless of their header encoding. */
bool packet_same(const struct packet *a, const struct packet *b);

/*
 * Recipient key ID of a PKESK: version 3's own (LibrePGP uses it too); of version 6, what the
 * fingerprint gives: the low 64 bits of a version 4 key's, the high 64 bits of a later one's.
 * *keyid is 0 when the recipient is hidden. 0, or -1 if malformed, of an unknown version, or no
 * PKESK.
 */
int packet_pkesk_keyid(const struct packet *p, uint64_t *keyid);

/* Upper-case hex of n bytes, and a NUL. */
void packet_hex(char *out, const uint8_t *p, size_t n);

/* The key ID of a version 4 or later fingerprint in hex; 0 if it is none. */
uint64_t fpr_keyid(const char *fpr);

/* The sizes of the numbers in a version 4 key packet. */
struct key_size {
	unsigned algo;          /* RFC 9580 section 9.1; 0: it cannot be read */
	unsigned bits;          /* RSA: of n; DSA, ElGamal: of p; 0: it has neither */
	unsigned exponent_bits; /* RSA */
};

void packet_key_size(const struct packet *p, struct key_size *out);

/* The octets at p, big endian. */
uint32_t packet_be32(const uint8_t *p);
uint64_t packet_be64(const uint8_t *p);

#endif
