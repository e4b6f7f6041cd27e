/* SPDX-License-Identifier: ISC */
/*
 * The keys for one run of gpg: stored in its home, and selected in its arguments by fingerprint or
 * by file, never by address.
 *
 * Certificates that gpg has checked before are in one keyring, with their marks (sig_marks.h).
 * There a fingerprint could also match another certificate with the same key as a subkey, so a
 * certificate with a key that is already in the keyring is not added. Such certificates, those
 * without marks, and large numbers (gpg searches the keyring linearly for each recipient) are
 * passed as separate files, which gpg reads individually and checks.
 */
#ifndef SEALPOST_KEY_ARGS_H
#define SEALPOST_KEY_ARGS_H

#include "pgp/gpg/home.h"
#include "pgp/seal/seal.h"

#define KEY_ARGS_RING_MAX 64 /* certificates in the keyring */
#define KEY_ARGS_KEYS_MAX 512

struct key_args {
	const struct gpg_home *home; /* borrowed, like everything added */
	const struct cert *signer;
	struct buf ring;
	struct buf text; /* the arguments, each with its NUL */
	size_t n;        /* of them */
	size_t n_ring, n_file;
	uint64_t id[KEY_ARGS_KEYS_MAX]; /* all keys in the ring */
	size_t n_id;
};

/* The home's gpg.conf must contain GPG_RING_CONF. */
void key_args_init(struct key_args *a, const struct gpg_home *home, size_t n_certs);
/* To be called first, if at all. marks may be NULL. These return 0, ERR_OS, or an error of
 * gpg_home_put. */
int key_args_sign(
	struct key_args *a, const struct cert *signer, const char *marks, struct err *err);
int key_args_encrypt(struct key_args *a, const struct seal_cert *to, struct err *err);
/* Last. */
int key_args_write(const struct key_args *a, struct err *err);
/* Appends a->n pointers into a. */
void key_args_list(const struct key_args *a, const char **argv);
void key_args_free(struct key_args *a);

#endif
