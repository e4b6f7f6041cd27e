/* SPDX-License-Identifier: ISC */
#include "decide/keyserver.h"

#include "conf/never_ask.h"

const char *keyserver_list(const struct conf *c, const struct mail_rules *one, const struct addr *a,
	const struct keyserver_of *of)
{
	bool again = of->pin_by == SOURCE_KEYSERVER;
	struct policy_rules rules;

	if (!key_absent(of->status) || never_ask(c, a) || !addr_discoverable(a))
		return "";
	if (of->pin == PIN_TOFU || of->pin == PIN_VERIFIED ? !again : !of->offered)
		return "";
	policy_rules(c, one, NULL, a, &rules);
	if (rules.v[POLICY_ABSENCE] == ABSENCE_PROVED && of->status != KEY_ABSENT_PROVED)
		return "";
	return policy_keyservers(c, a);
}

/* Whether one of them is for the address, or was and cannot be read. */
static bool has_own_certificate(const struct cert_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		if (set->v[i].fpr[0] != '\0' && set->v[i].use != CERT_WRONG_UID)
			return true;
	}
	return false;
}

enum source_answer keyserver_answer(const struct verdict *v, const struct cert_set *set)
{
	switch (v->status) {
	case KEY_USABLE:
		return SOURCE_HAS;
	case KEY_ABSENT_PROVED:
	case KEY_ABSENT_UNPROVED:
		return SOURCE_HAS_NONE;
	case KEY_UNUSABLE:
		return !set->secret && has_own_certificate(set) ? SOURCE_UNFIT : SOURCE_FAILED;
	default: /* KEY_UNKNOWN, KEY_CONFLICT */
		return SOURCE_FAILED;
	}
}
