/* SPDX-License-Identifier: ISC */
#include "wkd/absence.h"

enum absence_proof absence_proof(const struct absence_facts *f)
{
	if (f->proxied || f->weakest == PROOF_NONE)
		return ABSENCE_UNPROVED;
	if (!f->advanced && f->denial != DNS_SECURE)
		return ABSENCE_UNPROVED;
	if (f->first == PROOF_DNSSEC || f->policy == POLICY_VALID)
		return ABSENCE_PROVED;
	return f->policy == POLICY_NOT_ASKED ? ABSENCE_ASK_POLICY : ABSENCE_UNPROVED;
}
