/* SPDX-License-Identifier: ISC */
/*
 * Intake: turns data from the network into certificates that are usable, or not, for one address.
 * gpg in a temporary home checks every binding; other User IDs, attributes and third-party
 * signatures are removed (draft-koch-openpgp-webkey-service section 5, RFC 7929 section 5.3).
 */
#ifndef SEALPOST_INTAKE_H
#define SEALPOST_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

#define CERT_FPR_MAX 65     /* 64 hex digits of a v6 fingerprint and the NUL */
#define CERT_SUBKEYS_MAX 65 /* the filter's subkeys, and the primary key */
#define CERT_UID_MAX 1024

enum cert_use {
	CERT_USABLE = 0,
	CERT_REVOKED,
	CERT_EXPIRED,
	CERT_NO_ENCRYPTION, /* no valid encryption (sub)key */
	CERT_WRONG_UID,     /* no valid User ID for the address */
	CERT_UID_REVOKED,
	CERT_UNSUPPORTED, /* gpg cannot read or verify it: version, algorithm, damage */
	CERT_WEAK,        /* set by decide/key_policy, never by intake */
};

struct cert {
	char fpr[CERT_FPR_MAX]; /* primary key, upper-case hex; "" if gpg could not read it */
	enum cert_use use;
	char why[256]; /* message if not usable */
	uint8_t *data; /* owned; filtered binary certificate; NULL if not readable, or without User
			  ID for the address; never NULL if usable */
	size_t len;
	char uid[CERT_UID_MAX]; /* the User ID kept; foreign text */
	int64_t created;
	int64_t expires; /* when it stops being usable, in seconds since 1970: the expiry of the
			    primary key or of the last encryption key, whichever is earlier; 0:
			    never */
	uint64_t enc_keyid[CERT_SUBKEYS_MAX]; /* valid encryption (sub)keys */
	size_t n_enc;
	bool certified_by_pin; /* the pinned key has validly certified the kept User ID */
};

struct cert_set {
	struct cert *v; /* owned */
	size_t n;
	bool not_openpgp; /* no OpenPGP public-key material found */
	bool secret;      /* contains secret key material: all refused */
	bool armoured;    /* tolerated, but noted */
};

struct intake {
	const struct addr *addr;
	bool wildcard_uid; /* *@domain is accepted (OPENPGPKEY only) */
	const uint8_t
		*pinned; /* the pinned certificate, to verify its certification; may be NULL */
	size_t pinned_len;
	const char *pinned_fpr;
	int budget_ms; /* time limit for gpg for this address; 0: INTAKE_BUDGET_MS */
};

#define INTAKE_BUDGET_MS 10000

/* The data of one HTTP answer or DNS record; borrowed. */
struct intake_body {
	const uint8_t *data;
	size_t len;
};

/*
 * Reads n bodies independently: damage in one does not affect others. On success set has every
 * certificate found, in input order, equal fingerprints merged; the caller frees it. Finding none
 * is not an error (see the flags). The pinned certificate is merged into one with the same
 * fingerprint, so that a known revocation is kept, and one published without User ID still counts
 * (as CERT_WRONG_UID, or CERT_REVOKED). An error (ERR_OS, ERR_CREATE, ERR_TEMP, ERR_CONFIG: gpg
 * could not be run; ERR_DATA: limits of filter.h exceeded) never means absent.
 */
int intake_bodies(const struct intake *in, const struct intake_body *body, size_t n,
	struct cert_set *set, struct err *err);

/* Input and result for one address. */
struct intake_job {
	struct intake in;
	const struct intake_body *body; /* borrowed; n_body of them */
	size_t n_body;
	int rc;              /* out: of intake_bodies */
	struct cert_set set; /* out, if rc is 0 */
	struct err err;      /* out, if it is not */
};

/*
 * The same for many addresses, faster than one by one: ordinary certificates are checked in one gpg
 * run. The data of one address does not influence the result of another. ready: see plain_read.
 */
struct plain_gpg;
void intake_many(struct intake_job *job, size_t n, struct plain_gpg *ready);

/* The same for one. */
int intake_read(const struct intake *in, const uint8_t *data, size_t len, struct cert_set *set,
	struct err *err);

/*
 * Selects the pinned one if it is usable, else the newest usable one. NULL if none is usable.
 */
const struct cert *cert_set_choose(const struct cert_set *set, const char *pinned_fpr);
/* The one with this fingerprint; NULL: none. Borrowed. */
struct cert *cert_set_find(const struct cert_set *set, const char *fpr);

const char *cert_use_name(enum cert_use use); /* "usable", "revoked", ... */

void cert_free(struct cert *c);
void cert_set_free(struct cert_set *set);

#endif
