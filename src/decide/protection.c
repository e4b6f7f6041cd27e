/* SPDX-License-Identifier: ISC */
#include "decide/protection.h"

#include <stdio.h>

static void conclude(struct protection *out, enum protection_kind kind, enum check_result result,
	const char *why)
{
	out->kind = kind;
	out->result = result;
	snprintf(out->reason, sizeof(out->reason), "%s", why);
}

/* The facts are not all there, or there is nobody to send mail to. */
static bool none_to_mail(const struct check_reply *a, struct protection *out)
{
	if (a->failed[0] != '\0')
		conclude(out, PROTECTION_UNKNOWN, RESULT_NONE, a->failed);
	else if (a->null_mx)
		conclude(out, PROTECTION_NONE, RESULT_NONE, "the domain accepts no mail (null MX)");
	else if (a->mx_outcome == CHECK_UNKNOWN)
		conclude(out, PROTECTION_UNKNOWN,
			a->mx_dnssec == DNS_BOGUS ? RESULT_DNSSEC_INVALID : RESULT_NONE,
			a->mx_reason);
	else if (a->n_mx == 0)
		conclude(out, PROTECTION_NONE, RESULT_NONE,
			a->mx_reason[0] != '\0' ? a->mx_reason : "the domain has no mail server");
	else if (a->mx_left_off > 0)
		conclude(out, PROTECTION_UNKNOWN, RESULT_NONE,
			"it has more mail servers than can be looked at");
	else
		return false;
	return true;
}

/* A host that nobody can reach, and nobody can forge into reach. */
static bool out_of_reach(const struct check_mx *m)
{
	return m->address == CHECK_NONE && m->dnssec == DNS_SECURE;
}

/* A sender may not use a host whose TLSA records cannot be told, whatever MTA-STS says (RFC 8461
 * section 2). */
static const struct check_mx *untold(const struct check_reply *a)
{
	size_t i;

	for (i = 0; i < a->n_mx; i++) {
		if (a->mx[i].dane == DANE_UNKNOWN)
			return &a->mx[i];
	}
	return NULL;
}

/* NULL if DANE binds; else why not, in why (CHECK_TEXT_MAX bytes). */
static const char *dane_lacks(const struct check_reply *a, enum check_result *result, char *why)
{
	size_t i, bound = 0;

	*result = RESULT_NONE;
	if (a->mx_dnssec != DNS_SECURE)
		return "the domain's MX records are not signed, so DANE does not bind";
	for (i = 0; i < a->n_mx; i++) {
		const struct check_mx *m = &a->mx[i];

		if (m->dane == DANE_USABLE) {
			bound++;
		} else if (!out_of_reach(m)) {
			*result = m->dane == DANE_UNUSABLE ? RESULT_TLSA_INVALID : RESULT_NONE;
			snprintf(why, CHECK_TEXT_MAX, "%s %s", m->host,
				m->dane == DANE_UNUSABLE
					? "has only TLSA records that cannot be used"
				: m->dane == DANE_INSECURE ? "lies in a zone that is not signed"
							   : "has no TLSA record");
			return why;
		}
	}
	return bound > 0 ? NULL : "none of its mail servers can be reached";
}

static const char *untold_policy(const struct check_reply *a)
{
	if (a->sts.fetch_reason[0] != '\0')
		return a->sts.fetch_reason;
	return a->sts.txt_reason[0] != '\0' ? a->sts.txt_reason : "its MTA-STS policy is unknown";
}

static const char *sts_lacks(const struct check_reply *a, char *why)
{
	size_t i;

	if (a->sts.policy != CHECK_FOUND) {
		if (a->sts.txt == CHECK_NONE)
			return "it has no MTA-STS policy";
		snprintf(why, CHECK_TEXT_MAX, "MTA-STS: %s", untold_policy(a));
		return why;
	}
	if (a->sts.mode != STS_MODE_ENFORCE) {
		snprintf(why, CHECK_TEXT_MAX, "its MTA-STS policy is in mode %s",
			check_sts_mode_name(a->sts.mode));
		return why;
	}
	for (i = 0; i < a->n_mx; i++) {
		if (a->mx[i].sts != FACT_YES) {
			snprintf(why, CHECK_TEXT_MAX, "%s does not match its MTA-STS policy",
				a->mx[i].host);
			return why;
		}
	}
	return NULL;
}

void protection_decide(const struct check_reply *a, struct protection *out)
{
	char dane_why[CHECK_TEXT_MAX], sts_why[CHECK_TEXT_MAX], both[CHECK_TEXT_MAX];
	const struct check_mx *bad;
	const char *dane, *sts;
	enum check_result result;

	if (none_to_mail(a, out))
		return;
	bad = untold(a);
	if (bad) {
		conclude(out, PROTECTION_UNKNOWN,
			bad->dnssec == DNS_BOGUS || bad->tlsa_dnssec == DNS_BOGUS
				? RESULT_DNSSEC_INVALID
				: RESULT_NONE,
			bad->reason);
		return;
	}
	dane = dane_lacks(a, &result, dane_why);
	sts = sts_lacks(a, sts_why);
	if (!dane) {
		conclude(out, PROTECTION_DANE, RESULT_NONE,
			"its MX records are signed, and each host has a usable TLSA record");
	} else if (!sts) {
		conclude(out, PROTECTION_MTA_STS, RESULT_NONE,
			"its MTA-STS policy is enforced, and each host matches it");
	} else if (a->sts.policy == CHECK_UNKNOWN) {
		snprintf(both, sizeof(both), "%.400s; MTA-STS: %.500s", dane, untold_policy(a));
		conclude(out, PROTECTION_UNKNOWN, a->sts.result, both);
	} else {
		snprintf(both, sizeof(both), "%.480s; %.480s", dane, sts);
		conclude(out, PROTECTION_NONE, a->sts.result ? a->sts.result : result, both);
	}
}

bool protection_takes_no_mail(const struct check_reply *a, const struct protection *p)
{
	return p->kind == PROTECTION_NONE &&
	       (a->null_mx || (a->mx_outcome == CHECK_NONE && !a->implicit_mx));
}

const char *protection_name(enum protection_kind k)
{
	static const char *const name[] = {[PROTECTION_NONE] = "none",
		[PROTECTION_DANE] = "dane",
		[PROTECTION_MTA_STS] = "mta-sts",
		[PROTECTION_UNKNOWN] = "unknown"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == PROTECTION_UNKNOWN + 1, "a name for each");
	return name[k];
}
