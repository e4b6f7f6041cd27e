/* SPDX-License-Identifier: ISC */
/* What gpg says of a key -> whether it can be used for an address. Starts nothing. */
#ifndef SEALPOST_JUDGE_H
#define SEALPOST_JUDGE_H

#include <gpgme.h>

#include "pgp/gpg/home.h"
#include "pgp/cert/intake.h"

/*
 * Fills use, why, uid, created, expires and enc_keyid of c from key. addr NULL: any valid User ID
 * will do. sigs: the key was listed with its signatures, so that expired certifications are seen.
 */
void judge_key(gpgme_key_t key, const struct addr *addr, bool wildcard, bool sigs, struct cert *c);

/*
 * Whether the pinned key, itself neither revoked nor expired, made a certification of a valid User
 * ID for the address that gpg verified, and did not revoke it. keys: all of the home, listed with
 * signatures.
 */
bool judge_certified(const struct gpg_keys *keys, gpgme_key_t key, const char *pinned_fpr,
	const struct addr *addr, bool wildcard);

/* The key with this fingerprint, NULL if it is not among them. Borrowed. */
gpgme_key_t judge_find(const struct gpg_keys *keys, const char *fpr);

#endif
