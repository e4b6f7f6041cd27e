/* SPDX-License-Identifier: ISC */
/*
 * The user's own gpg keyring and what its web of trust says of it, read through a home of ours: the
 * keyring as an extra one that is never written, the trust database as a copy. Nothing there is
 * changed, and the user's gpg.conf plays no part. Keys in keyboxd are read by gpg in the user's
 * home.
 */
#ifndef SEALPOST_KEYRING_H
#define SEALPOST_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "pgp/cert/intake.h"

#define KEYRING_TRUSTDB_MAX (64u << 20)
#define KEYRING_CERTS_MAX (256u << 20)

enum keyring_validity { VALIDITY_UNKNOWN, VALIDITY_NEVER, VALIDITY_MARGINAL, VALIDITY_FULL };

/* What gpg says of a key and one of its User IDs. */
struct keyring_facts {
	bool usable; /* neither of them is revoked, expired, disabled or invalid */
	bool can_encrypt;
	bool from_network; /* by itself: auto-key-retrieve, WKD, DANE, a key server */
	enum keyring_validity validity;
};

/* 0: the key is no candidate by that User ID; else the higher the better. */
typedef int keyring_rank(const struct keyring_facts *f);

/* A User ID with an address. */
struct keyring_uid {
	char fpr[CERT_FPR_MAX];
	struct addr addr;
	bool valid;  /* fully or ultimately, and the key is neither revoked, expired nor disabled */
	bool unsure; /* not valid, and a person who compares the fingerprint can settle it */
	char why[64]; /* when not valid */
};

struct keyring {
	struct keyring_uid *v; /* owned; in the keyring's order */
	size_t n;
	struct buf certs; /* the certificates that have a valid User ID, one after another */
};

/*
 * 1: read; 0: there is no keyring. ERR_CONFIG: there is one, and it or gpg cannot be used;
 * ERR_TEMP, ERR_IO, ERR_OS. keyboxd must run if the keys are there.
 */
int keyring_read(struct keyring *k, keyring_rank *rank, struct err *err);
/* What the keyring has for an address. */
struct keyring_candidate {
	const struct addr *addr; /* borrowed; NULL: it is not asked about */
	int export_from;         /* the rank from which its certificate is wanted too; 0: never */
	/* out: */
	char fpr[CERT_FPR_MAX]; /* "": none */
	int rank;
	struct buf cert; /* as gpg exports it, unchecked; empty if it was not wanted; owned */
};

/*
 * For each of n addresses the key in the keyring that ranks highest, of several the newest. Errors
 * as keyring_read. The certificates are to be freed in both cases.
 */
int keyring_candidates(struct keyring_candidate *c, size_t n, keyring_rank *rank, struct err *err);

void keyring_free(struct keyring *k);

#endif
