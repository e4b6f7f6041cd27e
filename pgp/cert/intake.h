/* SPDX-License-Identifier: ISC */
/*
 * Intake: octets from the network become certificates that may be used, or not, for one address.
 * gpg in a throw-away home checks every binding; other User IDs, attributes and third-party
 * signatures are gone (draft-koch-openpgp-webkey-service section 5, RFC 7929 section 5.3).
 */
#ifndef SEALPOST_INTAKE_H
#define SEALPOST_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

#define CERT_FPR_MAX 65 /* 64 hex digits of a v6 fingerprint and the NUL */
#define CERT_SUBKEYS_MAX 16
#define CERT_UID_MAX 1024

enum cert_use {
	CERT_USABLE = 0,
	CERT_REVOKED,
	CERT_EXPIRED,
	CERT_NO_ENCRYPTION, /* no valid encryption (sub)key */
	CERT_WRONG_UID,     /* no valid User ID for the address */
	CERT_UID_REVOKED,
	CERT_UNSUPPORTED, /* gpg cannot read or verify it: version, algorithm, damage */
	CERT_WEAK,        /* said by decide/key_policy, never by intake */
};

struct cert {
	char fpr[CERT_FPR_MAX]; /* primary key, upper-case hex; "" when gpg could not read it */
	enum cert_use use;
	char why[256]; /* one sentence when not usable */
	uint8_t *data; /* owned; filtered binary certificate; NULL when not readable, or
			  when no User ID is for the address; usable ones always have it */
	size_t len;
	char uid[CERT_UID_MAX]; /* the User ID kept; foreign text */
	int64_t created;
	int64_t expires; /* seconds since 1970 when it stops being usable: the earlier of the
			    primary key's expiry and the last of its encryption keys'; 0 never */
	uint64_t enc_keyid[CERT_SUBKEYS_MAX]; /* valid encryption (sub)keys */
	size_t n_enc;
	bool certified_by_pin; /* the pinned key made a valid certification on the kept User ID */
};

struct cert_set {
	struct cert *v; /* owned */
	size_t n;
	bool not_openpgp; /* nothing in the octets was OpenPGP public-key material */
	bool secret;      /* secret key material was there: all refused */
	bool armoured;    /* tolerated, worth a note */
};

struct intake {
	const struct addr *addr;
	bool wildcard_uid; /* *@domain is accepted (OPENPGPKEY only) */
	const uint8_t
		*pinned; /* the pinned certificate, to verify its certification; may be NULL */
	size_t pinned_len;
	const char *pinned_fpr;
	int budget_ms; /* for all that gpg does for this address; 0: INTAKE_BUDGET_MS */
};

#define INTAKE_BUDGET_MS 10000

/* Octets as one HTTP answer or one DNS record had them; borrowed. */
struct intake_body {
	const uint8_t *data;
	size_t len;
};

/*
 * Reads n bodies, each on its own: what is broken in one spoils no other. On success set holds
 * every certificate found, in the order of the input, same fingerprints merged; the caller frees
 * it. Not finding any is no failure (see the flags). The pinned certificate is merged into one of
 * the same fingerprint, so that a revocation that was known stays known, and one that is published
 * without any User ID still counts (it is then CERT_WRONG_UID, or CERT_REVOKED). Failure (ERR_OS,
 * ERR_CREATE, ERR_TEMP, ERR_CONFIG: gpg could not be asked; ERR_DATA: more than the caps of
 * filter.h) means that the result is unknown, never absent.
 */
int intake_bodies(const struct intake *in, const struct intake_body *body, size_t n,
	struct cert_set *set, struct err *err);

/* What is to be read for one address, and what came of it. */
struct intake_job {
	struct intake in;
	const struct intake_body *body; /* borrowed; n_body of them */
	size_t n_body;
	int rc;              /* out: of intake_bodies */
	struct cert_set set; /* out, when rc is 0 */
	struct err err;      /* out, when it is not */
};

/*
 * The same for many addresses, which is quicker than one after the other: what is plainly in order
 * of all of them is checked in one run of gpg. What one of them holds has no part in what becomes
 * of another.
 */
void intake_many(struct intake_job *job, size_t n);

/* The same for one. */
int intake_read(const struct intake *in, const uint8_t *data, size_t len, struct cert_set *set,
	struct err *err);

/*
 * Which of several to use : the pinned one if it is among the usable, else the newest
 * usable. NULL when none is usable.
 */
const struct cert *cert_set_choose(const struct cert_set *set, const char *pinned_fpr);

const char *cert_use_name(enum cert_use use); /* "usable", "revoked", ... */

void cert_free(struct cert *c);
void cert_set_free(struct cert_set *set);

#endif
