/* SPDX-License-Identifier: ISC */
/* What gpg prints of a certificate that it was shown: a listing in colons, then the certificate in
 * armour. Pure. */
#ifndef SEALPOST_LISTING_H
#define SEALPOST_LISTING_H

#include <gpgme.h>
#include <stdbool.h>
#include <stddef.h>

#define LISTING_UIDS_MAX 16
#define LISTING_SUBKEYS_MAX 17 /* with the primary key, which is the first */
#define LISTING_SIGS_MAX 256   /* on User IDs */

/* As GPGME would have it, for judge.h; points into itself and into the text. */
struct listing {
	struct _gpgme_key key;
	struct _gpgme_subkey sub[LISTING_SUBKEYS_MAX];
	struct _gpgme_user_id uid[LISTING_UIDS_MAX];
	struct _gpgme_key_sig sig[LISTING_SIGS_MAX];
	size_t n_sub, n_uid, n_sig;
	bool bound;         /* the last subkey has a binding that gpg verified */
	const char *armour; /* borrowed, not NUL-terminated */
	size_t armour_len;
};

/*
 * The next certificate of *text (NUL-terminated, changed here; printed with --with-sig-check);
 * steps over it. 0; -1 when anything is not plain: a line that is not expected, a key or User ID
 * that is revoked, expired, disabled or invalid, a subkey without a binding or with one that gpg
 * did not verify, more of them than above, armour without an end. The signatures of a User ID carry
 * gpg's verdict on each as their status: whether one of them counts is for judge.h.
 */
int listing_next(char **text, struct listing *out);

/*
 * The same of a listing without armour and signatures, of certificates that need not be in order:
 * validity is told as gpg says it, lines of other kinds are passed over, and more User IDs or
 * subkeys than above are left out. 0; -1 at the end of the text.
 */
int listing_loose(char **text, struct listing *out);

#endif
