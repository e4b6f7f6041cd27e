/* SPDX-License-Identifier: ISC */
/*
 * The keys of one run of gpg: put into its home, and named in its arguments, by fingerprint or by
 * file, never by address.
 *
 * What gpg has checked before stands in one keyring, with its marks (sig_marks.h). There a
 * fingerprint could find another certificate that has got the same key for a subkey: so a key that
 * is in the keyring already keeps its certificate out. Such certificates, those without marks, and
 * many at once (gpg reads a keyring through for each recipient) are each given as a file, which gpg
 * reads alone, and checks.
 */
#ifndef SEALPOST_KEY_ARGS_H
#define SEALPOST_KEY_ARGS_H

#include "pgp/gpg/home.h"
#include "pgp/seal/seal.h"

#define KEY_ARGS_RING_MAX 64 /* certificates in the keyring */
#define KEY_ARGS_KEYS_MAX 512

struct key_args {
	const struct gpg_home *home; /* borrowed, as all that is added */
	const struct cert *signer;
	struct buf ring;
	struct buf text; /* the arguments, each with its NUL */
	size_t n;        /* of them */
	size_t n_ring, n_file;
	uint64_t id[KEY_ARGS_KEYS_MAX]; /* all keys in the ring */
	size_t n_id;
};

/* The home's gpg.conf holds GPG_RING_CONF. */
void key_args_init(struct key_args *a, const struct gpg_home *home, size_t n_certs);
/* First, if at all. marks may be NULL. These return 0, ERR_OS, or what gpg_home_put does. */
int key_args_sign(
	struct key_args *a, const struct cert *signer, const char *marks, struct err *err);
int key_args_encrypt(struct key_args *a, const struct seal_cert *to, struct err *err);
/* Last. */
int key_args_write(const struct key_args *a, struct err *err);
/* Appends a->n pointers into a. */
void key_args_list(const struct key_args *a, const char **argv);
void key_args_free(struct key_args *a);

#endif
