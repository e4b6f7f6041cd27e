/* SPDX-License-Identifier: ISC */
/* The user's own gpg keyring: whose keys are looked for there, and which could be a recipient's.
 * Pure. */
#ifndef SEALPOST_CANDIDATE_H
#define SEALPOST_CANDIDATE_H

#include "conf/conf.h"
#include "decide/key_verdict.h"
#include "decide/rules.h"
#include "pgp/cert/keyring.h"

/*
 * A key could be its owner's if its User ID is of marginal validity or better, or of unknown
 * validity and the key did not come from the network by itself, for that could be planted.
 */
int candidate_rank(const struct keyring_facts *f);

/* Whether an address may be the user's own. wanted: its key is needed. */
bool candidate_may_be_own(const struct addr *a, bool wanted);

/* Whether the keyring is to be asked: nothing is published, and clear text is not settled
 * otherwise. */
bool candidate_wanted(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, bool wanted, enum key_status status);

/* Whether it matters that own keys could not be asked for: who has no key may be the user. */
bool candidate_doubts_absence(const struct addr *a, bool wanted, enum key_status status);

#endif
