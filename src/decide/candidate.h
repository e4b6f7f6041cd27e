/* SPDX-License-Identifier: ISC */
/* The user's own gpg keyring: whose keys are looked for there, and which could be a recipient's.
 * Pure. */
#ifndef SEALPOST_CANDIDATE_H
#define SEALPOST_CANDIDATE_H

#include "conf/conf.h"
#include "decide/key_verdict.h"
#include "decide/rules.h"
#include "decide/tofu.h"
#include "pgp/cert/keyring.h"

/*
 * A key could be its owner's if its User ID is of marginal validity or better, or of unknown
 * validity and the key did not come from the network by itself, for that could be planted.
 */
int candidate_rank(const struct keyring_facts *f);

/* Whether an address may be the user's own. wanted: its key is needed. */
bool candidate_may_be_own(const struct addr *a, bool wanted);

/* What the keyring is looked at for. */
enum candidate_look {
	LOOK_NOT,
	LOOK_ASK,      /* a key there is shown to a person */
	LOOK_USE,      /* nothing is published: one of marginal validity or better is used */
	LOOK_USE_FULL, /* nobody knows what is published: only one of full validity is, and one
			* of marginal validity is shown */
};

/* What is known of the address that a key is looked for. */
struct candidate_of {
	const struct addr *addr;
	bool wanted; /* its key is needed */
	enum key_status status;
	bool asked; /* the network was asked about it */
	enum pin_state pin;
};

/* one, id: as policy_rules has them. A pin, of whatever state, comes before a key that is used. */
enum candidate_look candidate_look(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct candidate_of *of);

/* Whether a key from any source besides may be looked for: it is needed, the address has a domain
 * and no pin of whatever state, and no rule names keys for it. */
bool candidate_fits(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct candidate_of *of);

/* The rank from which a key is used; 0: none is. */
int candidate_least(enum candidate_look look);

/* What a pin of such a key says of where it came from, JSON. */
const char *candidate_evidence(int rank);

/* What becomes of a key that was found. */
enum candidate_fate {
	CANDIDATE_NONE,
	CANDIDATE_NAMED, /* it stays unused, and what went in clear says so */
	CANDIDATE_SHOWN, /* a person decides */
	CANDIDATE_USED,
};
/* rank: candidate_rank's. */
enum candidate_fate candidate_fate(enum candidate_look look, int rank);

/* Whether it matters that own keys could not be asked for: who has no key may be the user. */
bool candidate_doubts_absence(const struct addr *a, bool wanted, enum key_status status);

#endif
