/* SPDX-License-Identifier: ISC */
/* Parses gpg's output about a certificate: a colon listing, then the armoured certificate. Pure. */
#ifndef SEALPOST_LISTING_H
#define SEALPOST_LISTING_H

#include <gpgme.h>
#include <stdbool.h>
#include <stddef.h>

#define LISTING_UIDS_MAX 16
#define LISTING_SUBKEYS_MAX 65 /* with the primary key, which is the first */
#define LISTING_SIGS_MAX 256   /* on User IDs */

/* As GPGME structures, for judge.h; points into itself and into the text. */
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
 * Takes the next certificate of *text (NUL-terminated, modified; printed with --with-sig-check). 0;
 * -1 for anything unusual: an unexpected line, a key or User ID that is revoked, expired, disabled
 * or invalid, a subkey without a verified binding, more of them than the limits above, unterminated
 * armour. The status of each signature on a User ID is gpg's verdict; judge.h decides whether one
 * counts.
 */
int listing_next(char **text, struct listing *out);

/*
 * The same for a listing without armour and signatures, of arbitrary certificates: reports validity
 * as gpg does, skips other lines, and omits User IDs and subkeys beyond the limits. 0; -1 at the
 * end of the text.
 */
int listing_loose(char **text, struct listing *out);

#endif
