/* SPDX-License-Identifier: ISC */
#include "decide/candidate.h"

#include "decide/rules.h"

int candidate_rank(const struct keyring_facts *f)
{
	if (!f->usable || !f->can_encrypt)
		return 0;
	switch (f->validity) {
	case VALIDITY_FULL:
		return 3;
	case VALIDITY_MARGINAL:
		return 2;
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

bool candidate_wanted(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, bool wanted, enum key_status status)
{
	struct policy_rules rules;

	if (!candidate_doubts_absence(a, wanted, status))
		return false;
	policy_rules(c, one, id, a, &rules);
	return rules.v[POLICY_GNUPG] == GNUPG_ASK && !rules.keys;
}
