/* SPDX-License-Identifier: ISC */
/* The cryptographic strength of a certificate: algorithms, sizes and hashes, read from its packets.
 * Pure. */
#ifndef SEALPOST_STRENGTH_H
#define SEALPOST_STRENGTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_strength {
	unsigned algo; /* RFC 9580 section 9.1; 0: none, or unreadable */
	unsigned bits; /* RSA, DSA, ElGamal; 0: others */
};

struct sig_strength {
	unsigned hash; /* RFC 9580 section 9.5; 0: there is none */
	int64_t made;  /* seconds since 1970 */
};

struct cert_strength {
	struct key_strength primary, encryption; /* the same key, if it encrypts itself */
	struct sig_strength user_id;             /* the newest self-signature of a User ID */
	struct sig_strength direct;  /* of the key itself, only if it is newer than that */
	struct sig_strength binding; /* the newest of the encryption subkey */
};

/*
 * Reads a certificate whose signatures gpg has verified. enc_keyid: its encryption keys, of which
 * gpg uses the newest subkey. 0, or -1 with *out zeroed: not a certificate, or it has no such key.
 */
int cert_strength(const uint8_t *data, size_t len, const uint64_t *enc_keyid, size_t n_enc,
	struct cert_strength *out);

#endif
