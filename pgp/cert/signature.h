/* SPDX-License-Identifier: ISC */
/* What a signature packet says of itself (RFC 9580 section 5.2). Pure; nothing is verified here. */
#ifndef SEALPOST_SIGNATURE_H
#define SEALPOST_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

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
	int64_t made; /* seconds since 1970; 0: it does not say */
	int reason;   /* for revocation, of the hashed part only; -1: none */
	bool expires; /* it says when it does */
	unsigned aes; /* bit 0, 1, 2: the maker prefers AES with 128, 192, 256 bits, among others */
	uint64_t keyid; /* 0 if it names none */
	char fpr[CERT_FPR_MAX];
};

/* Versions 3 and 4, the only ones that a version 4 key makes. 0, or -1: it is none, or broken. */
int signature_read(const struct packet *p, struct signature *s);

/* Whether it says that this key made it. */
bool signature_made_by(const struct signature *s, const char *fpr);

/* Whether it certifies a User ID, in whatever degree. */
bool signature_certifies(const struct signature *s);

/* Whether the hash is SHA-256 or better. */
bool signature_hash_strong(const struct signature *s);

/*
 * Whether it revokes a key or subkey without saying that this was ever in wrong hands, from a time
 * on that has not come: superseded or retired (RFC 9580 section 5.2.3.31, reasons 1 and 3).
 */
bool signature_revokes_later(const struct signature *s, int64_t now);

#endif
