/* SPDX-License-Identifier: ISC */
/*
 * The keys for one run of gpg: stored in its home, and selected in its job by fingerprint or by
 * file, never by address.
 *
 * Certificates that gpg has checked before are in one keyring, a keybox, with their marks
 * (sig_marks.h). There a fingerprint could also match another certificate with the same key as a
 * subkey, so a certificate with a key that is already in the keyring is not added. Such
 * certificates, those without marks, those that a keybox does not take, and very large numbers (gpg
 * searches the keyring linearly for each recipient) are passed as separate files, which gpg reads
 * individually and checks.
 */
#ifndef SEALPOST_KEY_ARGS_H
#define SEALPOST_KEY_ARGS_H

#include "pgp/gpg/home.h"
#include "pgp/seal/seal.h"
#include "wire/gpg_job.h"

#define KEY_ARGS_RING_MAX GPG_JOB_RING_MAX /* certificates in the keyring */
#define KEY_ARGS_KEYS_MAX (4 * KEY_ARGS_RING_MAX)

struct key_args {
	const struct gpg_home *home; /* borrowed, like everything added */
	struct gpg_job *job;
	const struct cert *signer;
	struct buf ring;
	size_t n_ring;
	struct buf ids; /* of all keys in the ring */
};

/* job: what is put into it are the keys. */
void key_args_init(struct key_args *a, const struct gpg_home *home, struct gpg_job *job);
/* To be called first, if at all. marks may be NULL. These return 0, ERR_OS, or an error of
 * gpg_home_put. */
int key_args_sign(
	struct key_args *a, const struct cert *signer, const char *marks, struct err *err);
int key_args_encrypt(struct key_args *a, const struct seal_cert *to, struct err *err);
/* Last. */
int key_args_write(const struct key_args *a, struct err *err);
void key_args_free(struct key_args *a);

#endif
