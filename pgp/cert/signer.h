/* SPDX-License-Identifier: ISC */
/*
 * Whose key signs, found in the user's own keyring without changing anything there: gpg in a home
 * of ours reads the user's pubring as an extra keyring (lock-never) and asks the user's agent which
 * secret keys exist.
 */
#ifndef SEALPOST_SIGNER_H
#define SEALPOST_SIGNER_H

#include "pgp/cert/intake.h"

enum own_key {
	OWN_MISSING = 0, /* there is no secret key for it */
	OWN_USABLE,
	OWN_EXPIRED,        /* the primary key, and so all of it */
	OWN_SUBKEY_EXPIRED, /* what of it could sign */
	OWN_REVOKED,
	OWN_UNFIT, /* disabled, invalid, or its secret key cannot sign */
};

/* "has expired" and the like; "" for one that is usable. Static. */
const char *own_key_state(enum own_key key);

/* The command that makes the key usable again, where there is one, as a hint. */
void own_key_hint(struct err *err, enum own_key key, const char *fpr);

/* Of a key that was looked for. */
struct signer_found {
	enum own_key key;
	char fpr[CERT_FPR_MAX]; /* "" when it is missing */
	bool certain;           /* that it is missing: the agent worked before and afterwards, and
				   gpg heard of keys from it if it has any. Else gpg may just not
				   have reached it: it does not say so, and nothing is to be
				   remembered */
};

/*
 * Finds the signing key: key (a fingerprint, key ID or address from sign-key) if not NULL, else the
 * secret key for from. agent_socket: the user's agent; "" if there is none.
 * 1: found, *out is filled (its certificate minimal, User ID of from where there is one;
 * out->enc_keyid lists its encryption subkeys, perhaps none; out->expires is also that of its
 * ability to sign); caller frees with cert_free. 0: no such secret key that is usable, *found says
 * more. ERR_CONFIG: key was named but is missing, revoked, expired or cannot sign. ERR_TEMP: the
 * agent does not answer.
 */
int signer_find(const char *key, const struct addr *from, const char *agent_socket,
	struct cert *out, struct signer_found *found, struct err *err);

/*
 * Which of n addresses are the user's own: own[i] says whether signer_find would find a secret key
 * for addr[i]; certain: as signer_found's, for those that are not. One look at the keyring for all.
 * ERR_TEMP, ERR_CONFIG, ERR_OS: it is not known.
 */
int signer_own(const struct addr *const *addr, size_t n, const char *agent_socket, bool *own,
	bool *certain, struct err *err);

/*
 * Calls each for every address that a usable secret key of the user's names, in the keyring's
 * order, perhaps more than once. 0, or each's error, or as signer_own.
 */
int signer_addresses(const char *agent_socket, int (*each)(void *arg, const struct addr *a),
	void *arg, struct err *err);

/* Whether the user's gpg home holds a secret key, or the stub of one on a card. Without one only an
 * agent that listens already can have any. */
bool signer_has_secret(void);

/*
 * What signer_find's answer depends on besides its arguments, as a short text (the keyring's path,
 * mtime, size; the private-keys folder's mtime), so that an answer can be kept while it is the
 * same.
 * "" if there is no keyring. out has SIGNER_STAMP_MAX bytes.
 */
#define SIGNER_STAMP_MAX 256
void signer_stamp(char *out);

#endif
