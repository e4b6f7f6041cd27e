/* SPDX-License-Identifier: ISC */
/* The fields of a signature packet (RFC 9580 section 5.2). Pure; hashes by libgcrypt; verifies
 * nothing. */
#ifndef SEALPOST_SIGNATURE_H
#define SEALPOST_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "pgp/cert/intake.h"
#include "pgp/cert/packet.h"

/* Signature types, RFC 9580 section 5.2.1. */
enum {
	SIG_CERT_GENERIC = 0x10,
	SIG_CERT_POSITIVE = 0x13,
	SIG_SUBKEY_BINDING = 0x18,
	SIG_DIRECT_KEY = 0x1f,
	SIG_KEY_REVOCATION = 0x20,
	SIG_SUBKEY_REVOCATION = 0x28,
	SIG_CERT_REVOCATION = 0x30,
};

/* Hash algorithms, RFC 9580 section 9.5. */
enum {
	HASH_MD5 = 1,
	HASH_SHA1 = 2,
	HASH_RIPEMD160 = 3,
	HASH_SHA256 = 8,
	HASH_SHA384 = 9,
	HASH_SHA512 = 10,
	HASH_SHA224 = 11,
	HASH_SHA3_256 = 12,
	HASH_SHA3_512 = 14,
};

struct signature {
	unsigned type, hash;
	int64_t made;   /* seconds since 1970; 0: not given */
	int reason;     /* for revocation, in the hashed area only; -1: none */
	bool expires;   /* it has an expiry time */
	unsigned aes;   /* bit 0, 1, 2: AES with 128, 192, 256 bits is among the preferences */
	uint64_t keyid; /* 0 if not given */
	char fpr[CERT_FPR_MAX];
	const uint8_t *key_block; /* certificate that it brings (gpg --include-key-block); NULL:
				     none; borrowed from the packet */
	size_t key_block_len;
	const uint8_t *unhashed; /* the subpackets that are not signed; NULL: none; borrowed */
	size_t unhashed_len;
};

/* Parses versions 3 and 4, the only ones made by version 4 keys. 0, or -1 if it is not one, or
 * malformed. */
int signature_read(const struct packet *p, struct signature *s);

/*
 * Appends the packet p that s was read from. Of what is not signed only the issuer and embedded
 * signatures are kept, and there is the key ID that fits the fingerprint: gpg goes by it, and by
 * critical subpackets there, and anybody can make it pass over a revocation with them. 0 or -1.
 */
int signature_put(const struct packet *p, const struct signature *s, struct buf *out);

/*
 * Whether two signatures have the same numbers but sign different content: at most one is valid,
 * and gpg, importing both, keeps one without checking which.
 */
bool signature_twins(const struct packet *a, const struct packet *b);

/* Whether it claims to be made by this key. */
bool signature_made_by(const struct signature *s, const char *fpr);

/*
 * Whether the two bytes of the hash that a signature names are those of one by this primary key
 * over the User ID, attribute or subkey; true for a hash that gpg does not know either. They are
 * not signed: they tell what a signature is for, not whether it is valid.
 */
bool signature_fits(const struct packet *p, const struct signature *s, const struct packet *key,
	const struct packet *of);

/* Whether it certifies a User ID, in any degree, or revokes that. */
bool signature_on_user_id(const struct signature *s);

/* Whether it certifies a User ID, in any degree. */
bool signature_certifies(const struct signature *s);

/* Whether the hash is SHA-256 or better. */
bool signature_hash_strong(const struct signature *s);

/*
 * Whether it is a soft revocation of a key or subkey (superseded or retired; RFC 9580
 * section 5.2.3.31, reasons 1 and 3) dated in the future.
 */
bool signature_revokes_later(const struct signature *s, int64_t now);

#endif
