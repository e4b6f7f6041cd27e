/* SPDX-License-Identifier: ISC */
/*
 * Filters a server's data before gpg sees it: for each transferable public key, keeps the User IDs
 * of one address with their self-signatures, direct and revocation signatures, and subkeys. Pure:
 * verifies no signatures (gpg does that), only removes data (but see signature_put).
 */
#ifndef SEALPOST_FILTER_H
#define SEALPOST_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "pgp/cert/intake.h"

#define FILTER_OCTETS_MAX (1u << 20) /* bytes of one body, before and after decoding armour */
#define FILTER_PACKETS_MAX 20000
#define FILTER_CERTS_MAX 16
#define FILTER_FOREIGN_REVOCATIONS_MAX 4 /* claiming to be by designated revokers */
#define FILTER_UID_MAX 2048              /* bytes; gpg accepts no longer User ID */

/*
 * Limits of one certificate after filtering, since gpg could be busy with more for minutes. A
 * certificate that exceeds any of these is unusable.
 */
#define FILTER_RSA_BITS_MAX 8192
#define FILTER_RSA_EXPONENT_BITS_MAX 32
#define FILTER_SUBKEYS_MAX 64
#define FILTER_SELF_SIGS_MAX 128
#define FILTER_UIDS_MAX 64
#define FILTER_CERT_MAX (256u << 10)
#define FILTER_REVOCATIONS_MAX 8      /* revocations of its key, which are checked all the same */
#define FILTER_HASHED_MAX (16u << 20) /* bytes of one body, to find out what signatures are for */

struct filter {
	const struct addr *addr;
	bool any_uid;      /* keep every User ID (for a key selected by fingerprint) */
	bool wildcard_uid; /* *@domain counts as the address */
	bool own;          /* the user's own key: no limits of size */
	bool in_order;     /* gpg wrote it: each signature stands where it belongs */
	/*
	 * Also keep certifications of the User ID by this key; NULL or "": none. Only those that
	 * may replace a pin: generic or positive, SHA-256 or better, not dated in the future.
	 */
	const char *pinned_fpr;
	int64_t now; /* seconds since 1970 */
};

struct filter_cert {
	char fpr[CERT_FPR_MAX]; /* upper-case hex; "" if the version is not known */
	uint64_t keyid;
	int64_t created;
	unsigned version;
	bool damaged; /* the input was truncated or malformed in it, or a signature is there in
			 two versions, perhaps in another copy: revocations may be missing */
	bool uid_sig_expires; /* a signature on a kept User ID has an expiry time */
	bool no_uid;          /* no User ID has the address; data then has none */
	uint8_t *data;        /* owned; NULL if version is not 4; see also excess */
	size_t len;
	/*
	 * data is: key and direct signatures; at uid_at User IDs; at sub_at subkeys; at stray_at
	 * its signatures on User IDs and subkeys that stood elsewhere, perhaps in another copy of
	 * it: gpg has to import the certificate to find what they are for.
	 */
	size_t uid_at, sub_at, stray_at;
	/*
	 * Its own soft revocations (superseded, retired) that are dated ahead, each behind the key
	 * or subkey that it is for: not in data, for gpg would take them to be in force. Not
	 * verified. Owned; NULL: none.
	 */
	uint8_t *ahead;
	size_t ahead_len;
	/*
	 * Why gpg is not to be busied with it: a sentence; NULL: nothing. data then holds the
	 * primary key with its revocations only, or is NULL where that key itself is too much.
	 */
	const char *excess;
};

struct filter_set {
	struct filter_cert v[FILTER_CERTS_MAX];
	size_t n;
	bool not_openpgp, secret, armoured; /* as in struct cert_set */
};

/*
 * Splits and filters. set has the certificates in input order; free with filter_set_free. Empty if
 * there is secret key material anywhere. ERR_DATA: one of the limits above is exceeded. ERR_OS: no
 * memory.
 */
int filter_certs(const struct filter *f, const uint8_t *data, size_t len, struct filter_set *set,
	struct err *err);
/*
 * Moves the certificates of another body to set. If either contains secret key material, the result
 * is empty. ERR_DATA: more than FILTER_CERTS_MAX together.
 */
int filter_set_join(struct filter_set *set, struct filter_set *from, struct err *err);
/* Marks copies of a certificate in which one signature is there in two versions. */
void filter_set_compare(struct filter_set *set);
void filter_set_free(struct filter_set *set);

#endif
