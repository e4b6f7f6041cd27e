/* SPDX-License-Identifier: ISC */
/* Decides from gpg's data about a key whether it can be used for an address. Starts no process. */
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
 * Whether the pinned key, neither revoked nor expired itself, has certified a valid User ID for the
 * address, verified by gpg and not revoked. keys: all of the home, listed with signatures.
 */
bool judge_certified(const struct gpg_keys *keys, gpgme_key_t key, const char *pinned_fpr,
	const struct addr *addr, bool wildcard);

/* The key with this fingerprint, or NULL. Borrowed. */
gpgme_key_t judge_find(const struct gpg_keys *keys, const char *fpr);

#endif
