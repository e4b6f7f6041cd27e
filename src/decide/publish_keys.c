/* SPDX-License-Identifier: ISC */
#include "decide/publish_keys.h"

/* The usable ones: how many, and the places of the first two. */
static size_t find_usable(const struct key_fact *fact, size_t n, size_t at[2])
{
	size_t i, found = 0;

	for (i = 0; i < n; i++) {
		if (fact[i].use != CERT_USABLE)
			continue;
		if (found < 2)
			at[found] = i;
		found++;
	}
	return found;
}

bool publish_needs_certification(
	const struct key_fact *fact, size_t n, size_t *older, size_t *newer)
{
	size_t at[2];

	if (find_usable(fact, n, at) != 2 || fact[at[0]].created == fact[at[1]].created)
		return false;
	*older = fact[at[0]].created < fact[at[1]].created ? at[0] : at[1];
	*newer = *older == at[0] ? at[1] : at[0];
	return true;
}

bool publish_choose_keys(const struct key_fact *fact, size_t n, enum key_choice *out)
{
	size_t at[2], older, newer, i, usable = find_usable(fact, n, at);
	bool served = usable == 1, any = false;
	enum key_choice refused = usable > 2 ? CHOICE_MANY : CHOICE_TWO;

	if (usable == 2 && publish_needs_certification(fact, n, &older, &newer))
		served = fact[newer].certified;
	for (i = 0; i < n; i++) {
		bool revoked = fact[i].use == CERT_REVOKED;

		if (fact[i].use == CERT_USABLE)
			out[i] = served ? CHOICE_PUBLISH : refused;
		else if (served && (revoked || fact[i].use == CERT_EXPIRED))
			out[i] = CHOICE_PUBLISH;
		else
			out[i] = revoked && fact[i].kept ? CHOICE_PUBLISH : CHOICE_UNUSABLE;
		any |= out[i] == CHOICE_PUBLISH;
	}
	return any;
}
