/* SPDX-License-Identifier: ISC */
#include "decide/candidate.h"

#include "decide/rules.h"

enum { RANK_MARGINAL = 2, RANK_FULL };

int candidate_rank(const struct keyring_facts *f)
{
	if (!f->usable || !f->can_encrypt)
		return 0;
	switch (f->validity) {
	case VALIDITY_FULL:
		return RANK_FULL;
	case VALIDITY_MARGINAL:
		return RANK_MARGINAL;
	case VALIDITY_UNKNOWN:
		return f->from_network ? 0 : 1;
	case VALIDITY_NEVER:
		break;
	}
	return 0;
}

bool candidate_may_be_own(const struct addr *a, bool wanted)
{
	return wanted && a->domain[0] != '\0' && !a->literal;
}

bool candidate_doubts_absence(const struct addr *a, bool wanted, enum key_status status)
{
	return wanted && a->domain[0] != '\0' && key_absent(status);
}

enum candidate_look candidate_look(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct candidate_of *of)
{
	bool absent = candidate_doubts_absence(of->addr, of->wanted, of->status);
	bool unknown =
		of->wanted && of->asked && of->addr->domain[0] != '\0' && of->status == KEY_UNKNOWN;
	struct policy_rules rules;

	if (!absent && !unknown)
		return LOOK_NOT;
	policy_rules(c, one, id, of->addr, &rules);
	if (rules.keys)
		return LOOK_NOT;
	if (rules.v[POLICY_GNUPG] == GNUPG_ASK)
		return LOOK_ASK;
	if (rules.v[POLICY_GNUPG] != GNUPG_USE || of->pin != PIN_NONE)
		return LOOK_NOT;
	return absent ? LOOK_USE : LOOK_USE_FULL;
}

bool candidate_fits(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct candidate_of *of)
{
	struct policy_rules rules;

	if (!of->wanted || of->addr->domain[0] == '\0' || of->pin != PIN_NONE)
		return false;
	policy_rules(c, one, id, of->addr, &rules);
	return !rules.keys;
}

int candidate_least(enum candidate_look look)
{
	return look == LOOK_USE ? RANK_MARGINAL : look == LOOK_USE_FULL ? RANK_FULL : 0;
}

const char *candidate_evidence(int rank)
{
	return rank >= RANK_FULL ? "{\"gnupg\":{\"validity\":\"full\"}}"
				 : "{\"gnupg\":{\"validity\":\"marginal\"}}";
}

enum candidate_fate candidate_fate(enum candidate_look look, int rank)
{
	int least = candidate_least(look);

	if (rank <= 0)
		return CANDIDATE_NONE;
	if (least > 0 && rank >= least)
		return CANDIDATE_USED;
	if (look == LOOK_ASK || (look == LOOK_USE_FULL && rank >= RANK_MARGINAL))
		return CANDIDATE_SHOWN;
	return look == LOOK_USE ? CANDIDATE_NAMED : CANDIDATE_NONE;
}
