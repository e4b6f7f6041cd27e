/* SPDX-License-Identifier: ISC */
/*
 * What of a server's octets gpg gets to see: one transferable public key at a time, with the User
 * IDs of one address, their own signatures, direct and revocation signatures and subkeys; nothing
 * else. Pure: no signature is verified here (gpg does that), this only throws away.
 */
#ifndef SEALPOST_FILTER_H
#define SEALPOST_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "pgp/cert/intake.h"

#define FILTER_OCTETS_MAX (1u << 20) /* of one body, before and after dearmouring */
#define FILTER_PACKETS_MAX 20000
#define FILTER_CERTS_MAX 16
#define FILTER_FOREIGN_REVOCATIONS_MAX 4 /* by designated revokers, as they say */
#define FILTER_UID_MAX 2048              /* bytes; gpg takes no longer User ID */

/*
 * What gpg gets of one certificate, after filtering: with more it would be busy for minutes. A
 * certificate beyond any of these cannot be used.
 */
#define FILTER_RSA_BITS_MAX 8192
#define FILTER_RSA_EXPONENT_BITS_MAX 32
#define FILTER_SUBKEYS_MAX 64
#define FILTER_SELF_SIGS_MAX 128
#define FILTER_UIDS_MAX 64
#define FILTER_CERT_MAX (256u << 10)
#define FILTER_REVOCATIONS_MAX 8 /* of its key, that are looked at all the same */

struct filter {
	const struct addr *addr;
	bool any_uid;      /* every User ID is kept (for a key that was named by fingerprint) */
	bool wildcard_uid; /* *@domain counts as the address */
	bool own;          /* the user's own key: as large as it is */
	/*
	 * Whose certifications of the kept User ID are kept too; NULL or "": nobody's. Only those
	 * that may replace a pin: generic or positive, by SHA-256 or better, not dated ahead.
	 */
	const char *pinned_fpr;
	int64_t now; /* seconds since 1970 */
};

struct filter_cert {
	char fpr[CERT_FPR_MAX]; /* upper-case hex; "" when the version's rule is not known */
	uint64_t keyid;
	int64_t created;
	unsigned version;
	bool damaged;         /* the input ended or went wrong in it: revocations may be missing */
	bool uid_sig_expires; /* a signature on a kept User ID says when it expires */
	bool no_uid;          /* none of its User IDs names the address; data is then without any */
	uint8_t *data;        /* owned; NULL when version is not 4, and see excess */
	size_t len;
	/* data is: key and direct signatures; at uid_at User IDs; at sub_at subkeys. */
	size_t uid_at, sub_at;
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
 * Splits and filters. set holds the certificates in the order of the input; filter_set_free. With
 * secret key material anywhere, none. ERR_DATA: one of the caps above is exceeded. ERR_OS: no
 * memory.
 */
int filter_certs(const struct filter *f, const uint8_t *data, size_t len, struct filter_set *set,
	struct err *err);
/*
 * Adds what another body held; from is then empty. Where one of the two holds secret key material,
 * both are. ERR_DATA: more than FILTER_CERTS_MAX together.
 */
int filter_set_join(struct filter_set *set, struct filter_set *from, struct err *err);
void filter_set_free(struct filter_set *set);

/* The key ID of a key packet, primary or not; 0 if it has none. */
struct packet;
uint64_t filter_packet_keyid(const struct packet *p);

#endif
