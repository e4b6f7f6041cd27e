/* SPDX-License-Identifier: ISC */
/* Fingerprints and key IDs of key packets (RFC 9580 section 5.5.4). Pure; hashes by libgcrypt. */
#ifndef SEALPOST_FINGERPRINT_H
#define SEALPOST_FINGERPRINT_H

#include <stdint.h>

#include "pgp/cert/intake.h"
#include "pgp/cert/packet.h"

#define KEY_HASH_HEAD_MAX 5

/* What is hashed before the body of a key packet of version 4, 5 or 6, in fingerprints and in
 * signatures (RFC 9580 section 5.2.4). Returns its length. */
size_t key_hash_head(const struct packet *p, uint8_t out[KEY_HASH_HEAD_MAX]);

/* The fingerprint of a key packet, primary or not, in upper-case hex; "" if it has none: it is not
 * of version 4, 5 (LibrePGP) or 6, or too long. 0, or -1 with "" if libgcrypt cannot compute it. */
int key_fingerprint(const struct packet *p, char fpr[CERT_FPR_MAX]);

/* The key ID of a key packet; 0 if it has none. */
uint64_t key_id(const struct packet *p);

/* Whether the key ID, if it is one, is among these. */
bool key_id_in(uint64_t id, const uint64_t *v, size_t n);

#endif
