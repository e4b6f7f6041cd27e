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

struct filter {
	const struct addr *addr;
	bool any_uid;      /* every User ID is kept (for a key that was named by fingerprint) */
	bool wildcard_uid; /* *@domain counts as the address */
	/* Whose certifications of the kept User ID are kept too; NULL or "": nobody's. */
	const char *pinned_fpr;
};

struct filter_cert {
	char fpr[CERT_FPR_MAX]; /* upper-case hex; "" when the version's rule is not known */
	uint64_t keyid;
	int64_t created;
	unsigned version;
	bool damaged;         /* the input ended or went wrong in it: revocations may be missing */
	bool uid_sig_expires; /* a signature on a kept User ID says when it expires */
	bool no_uid;          /* none of its User IDs names the address; data is then without any */
	uint8_t *data;        /* owned; NULL when version is not 4 */
	size_t len;
	/* data is: key and direct signatures; at uid_at User IDs; at sub_at subkeys. */
	size_t uid_at, sub_at;
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

/* The key ID of a version 4 or later fingerprint in hex; 0 if it is none. */
uint64_t filter_keyid(const char *fpr);

#endif
