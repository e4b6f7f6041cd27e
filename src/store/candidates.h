/* SPDX-License-Identifier: ISC */
/*
 * Candidates: keys that were found elsewhere than at their domain, with where and when each was
 * seen. They are no pins: what becomes of them is decided in decide/sources.h, or by a person.
 */
#ifndef SEALPOST_STORE_CANDIDATES_H
#define SEALPOST_STORE_CANDIDATES_H

#include "base/digest.h"
#include "store/store.h"

#define CANDIDATES_MAX 20000           /* in all; those that were not seen for longest leave */
#define CANDIDATES_OF_ADDRESS_MAX 8    /* likewise */
#define CANDIDATE_SOURCES_MAX 8        /* of one candidate */
#define CANDIDATE_CERT_MAX (64u << 10) /* bytes of its filtered certificate */
#define CANDIDATE_EVIDENCE_MAX 2048
#define CANDIDATE_SUMS_MAX 32 /* of one candidate; the oldest leave */
#define CANDIDATE_SOURCE_MAX 16

/* One time that a key was seen, to be written. All borrowed. */
struct candidate_note {
	const char *address; /* struct addr's name */
	const char *fpr;
	const struct cert *cert; /* judged by intake, with what is stored merged into it; NULL:
				    the one that is stored */
	const uint8_t *sum;      /* DIGEST_LEN bytes: of the bytes that it was read from; NULL */
	const char *source;      /* "autocrypt", "gossip", "attached", "signature" */
	int64_t date;            /* of the mail, seconds since 1970 */
	bool mutual;             /* prefer-encrypt=mutual */
	const char *evidence;    /* JSON object */
	bool is_new;             /* out: there was no such candidate */
};

/*
 * Writes n of them in one transaction. Whatever the order in which they come, and however often,
 * the result is the same: of each source the first and the last date, with the evidence and the
 * preference of the last mail (of several of that date: mutual only if all say so). A certificate
 * replaces the one that is stored; that it is revoked stays, and holds for each address that the
 * key is a candidate of. Rejected ones, and certificates of
 * more than CANDIDATE_CERT_MAX bytes, are left out.
 */
int store_candidates_note(struct store *s, struct candidate_note *v, size_t n, struct err *err);

struct candidate_mail {
	const char *address; /* borrowed */
	int64_t date;
};

/* Of n addresses, those of them that have a candidate: when their last mail was written, with a
 * key in it or not. One transaction. */
int store_candidate_mails(
	struct store *s, const struct candidate_mail *v, size_t n, struct err *err);

/* 1 if these bytes were read for this address before: the fingerprint into fpr (CERT_FPR_MAX). */
int store_candidate_known(struct store *s, const char *address, const uint8_t sum[DIGEST_LEN],
	char *fpr, struct err *err);

struct candidate_seen {
	char source[CANDIDATE_SOURCE_MAX];
	int64_t first, last;
	bool mutual;
	char *evidence; /* owned; JSON object */
};

struct candidate {
	char address[ADDR_TEXT_MAX + 1];
	char fpr[CERT_FPR_MAX];
	uint8_t *cert; /* owned; filtered certificate */
	size_t cert_len;
	int64_t expires;
	bool revoked;
	bool can_encrypt;
	bool rejected;          /* for this address */
	char uid[CERT_UID_MAX]; /* foreign text */
	int64_t last_mail;      /* of the address */
	struct candidate_seen seen[CANDIDATE_SOURCES_MAX];
	size_t n_seen;
};

/* Those of an address, or all with NULL, in order of address and of the last time that they were
 * seen, the latest first. cb returns non-zero to stop; it may take what c owns by zeroing *c. */
int store_candidate_each(struct store *s, const char *address,
	int (*cb)(struct candidate *c, void *arg), void *arg, struct err *err);

/* 1 found (*c filled; candidate_free), 0 none. */
int store_candidate_get(struct store *s, const char *address, const char *fpr, struct candidate *c,
	struct err *err);
void candidate_free(struct candidate *c);

#endif
