/* SPDX-License-Identifier: ISC */
/*
 * The user's own gpg keyring with its web of trust, read through our own home: the keyring as an
 * extra one that is never written, the trust database as a copy. Nothing there is changed, and the
 * user's gpg.conf is ignored. Keys in keyboxd are read by gpg in the user's home.
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
#include "pgp/gpg/daemons.h"

#define KEYRING_TRUSTDB_MAX (64u << 20)
#define KEYRING_CERTS_MAX (256u << 20)

enum keyring_validity { VALIDITY_UNKNOWN, VALIDITY_NEVER, VALIDITY_MARGINAL, VALIDITY_FULL };

/* gpg's data about a key and one of its User IDs. */
struct keyring_facts {
	bool usable; /* neither of them is revoked, expired, disabled or invalid */
	bool can_encrypt;
	bool from_network; /* imported automatically: auto-key-retrieve, WKD, DANE, a key server */
	enum keyring_validity validity;
};

/* Ranks a key by that User ID, higher is better; 0: not a candidate. */
typedef int keyring_rank(const struct keyring_facts *f);

/* A User ID with an address. */
struct keyring_uid {
	char fpr[CERT_FPR_MAX];
	struct addr addr;
	bool valid;  /* fully or ultimately, and the key is neither revoked, expired nor disabled */
	bool unsure; /* not valid, but could be confirmed by comparing the fingerprint */
	char why[64]; /* when not valid */
};

struct keyring {
	struct keyring_uid *v; /* owned; in the keyring's order */
	size_t n;
	struct buf certs; /* the certificates that have a valid User ID, one after another */
};

/*
 * 1: read; 0: there is no keyring. ERR_CONFIG: there is one, and it or gpg cannot be used;
 * ERR_TEMP, ERR_IO, ERR_OS. daemons: to ask for the keys that keyboxd has.
 */
int keyring_read(
	struct keyring *k, keyring_rank *rank, struct gpg_daemons *daemons, struct err *err);
/* The candidate for an address. */
struct keyring_candidate {
	const struct addr *addr; /* borrowed; NULL: skip */
	int export_from;         /* minimum rank for exporting its certificate; 0: never */
	const char *only; /* borrowed; NULL, or a fingerprint: that key and no other, exported,
			     whatever it is worth */
	/* out: */
	char fpr[CERT_FPR_MAX]; /* "": none */
	int rank;
	struct buf cert; /* as exported by gpg, unchecked; empty if not requested; owned */
};

/*
 * Finds, for each of n addresses, the key with the highest rank, the newest of several. Errors as
 * keyring_read. The caller frees the certificates in both cases.
 */
int keyring_candidates(struct keyring_candidate *c, size_t n, keyring_rank *rank,
	struct gpg_daemons *daemons, struct err *err);

void keyring_free(struct keyring *k);

/* Whether it may have been written to at that time or later, in seconds since 1970. */
bool keyring_changed_since(int64_t when);

#endif
