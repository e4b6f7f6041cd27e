/* SPDX-License-Identifier: ISC */
/*
 * Finds the signing key in the user's own keyring without changing anything there: gpg in our own
 * home reads the user's pubring as an extra keyring (lock-never) and asks the user's agent for
 * secret keys.
 */
#ifndef SEALPOST_SIGNER_H
#define SEALPOST_SIGNER_H

#include "pgp/cert/intake.h"
#include "pgp/gpg/daemons.h"

enum own_key {
	OWN_MISSING = 0, /* there is no secret key for it */
	OWN_USABLE,
	OWN_EXPIRED,        /* the primary key, and so all of it */
	OWN_SUBKEY_EXPIRED, /* its signing subkeys */
	OWN_REVOKED,
	OWN_UNFIT, /* disabled, invalid, or its secret key cannot sign */
};

/* "has expired" and the like; "" for one that is usable. Static. */
const char *own_key_state(enum own_key key);

/* What is said of one that has late.seal. */
#define OWN_LATE_SEAL "can no longer be sealed to, for that part of it has expired"

#define OWN_SOON_DAYS 30

/* What of a key has expired by a time. */
struct own_late {
	bool whole; /* the primary key */
	/* Subkeys, where no other could sign, or be sealed to: "" if there is none. */
	char sign[CERT_FPR_MAX], seal[CERT_FPR_MAX];
};

/* Details of a search. */
struct signer_found {
	enum own_key key;
	char fpr[CERT_FPR_MAX]; /* "" when it is missing */
	/* Now, where seal may be set for one that is usable, as it signs; and in OWN_SOON_DAYS. */
	struct own_late late, soon;
	bool certain; /* that it is missing: the agent worked before and afterwards, and gpg got
			 keys from it if it has any. Otherwise gpg may have failed to reach it
			 without saying so, and the result must not be cached */
};

/* Sets a hint with the command that makes the key usable again, or for longer, if any. */
void own_key_hint(struct err *err, const struct signer_found *found);

/*
 * Finds the signing key: key (a fingerprint, key ID or address from sign-key) if not NULL, else the
 * secret key for from. daemons: the user's; NULL if there are none.
 * 1: found, *out is filled (its certificate minimal, User ID of from where there is one;
 * out->enc_keyid lists its encryption subkeys, perhaps none; out->expires is also that of its
 * ability to sign); caller frees with cert_free. 0: no such secret key that is usable, *found says
 * more. ERR_CONFIG: key was named but is missing, revoked, expired or cannot sign. ERR_TEMP: the
 * agent does not answer.
 */
int signer_find(const char *key, const struct addr *from, struct gpg_daemons *daemons,
	struct cert *out, struct signer_found *found, struct err *err);

/*
 * Determines which of n addresses are the user's own: found[i].key is OWN_USABLE where signer_find
 * would find a secret key for addr[i], else it says what is the matter with one; its certain is
 * not set. certain: as in signer_found, for those that are not, and then uids has every User ID of
 * the keys that were looked at, each with a NUL behind it. Reads the keyring once. ERR_TEMP,
 * ERR_CONFIG, ERR_OS: not known.
 */
int signer_own(const struct addr *const *addr, size_t n, struct gpg_daemons *daemons,
	struct signer_found *found, bool *certain, struct buf *uids, struct err *err);

/* Whether one of the User IDs of signer_own names the address. If none does, signer_find would find
 * nothing, usable or not. */
bool signer_uids_name(const uint8_t *uids, size_t len, const struct addr *a);

/*
 * Calls each for every address in User IDs of the user's usable secret keys, in keyring order,
 * possibly repeated. 0, an error of each, or as signer_own.
 */
int signer_addresses(struct gpg_daemons *daemons, int (*each)(void *arg, const struct addr *a),
	void *arg, struct err *err);

#define OWN_ADDRESSES_MAX 32

/* The first of them, for those who look at few. */
struct own_addresses {
	struct addr v[OWN_ADDRESSES_MAX];
	size_t n;
};

int signer_own_addresses(struct gpg_daemons *daemons, struct own_addresses *own, struct err *err);

/* Whether the user's gpg home contains a secret key, or the stub of one on a card. If not, only an
 * agent already running can have one. */
bool signer_has_secret(void);

/*
 * The state that signer_find's result depends on besides its arguments, as a short text (path,
 * mtime and size of the keyring; mtime of the private-keys folder), for caching the result. "" if
 * there is no keyring. out has SIGNER_STAMP_MAX bytes. Fails if it cannot be told whether there is.
 */
#define SIGNER_STAMP_MAX 256
int signer_stamp(char *out, struct err *err);

#endif
