/* SPDX-License-Identifier: ISC */
/* MTA-STS and TLS reports, in lines. */
#include "verbs/check/page.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define WEEK (7 * 86400) /* RFC 8461 section 3.2 suggests weeks */

PAGE_KINDS(GROUP_TRANSPORT);
static const struct check_line bad_policy = {
	.group = GROUP_TRANSPORT, .level = LEVEL_BAD, .result = RESULT_STS_POLICY_INVALID};

static void record(struct check_page *p, const struct check_reply *r, bool dane)
{
	static const char mend[] = "publish one TXT record at _mta-sts: \"v=STSv1; id=...\", the "
				   "id made of letters and digits";
	const struct check_sts *s = &r->sts;

	switch (s->txt) {
	case CHECK_FOUND:
		page_add(p, &ok, "MTA-STS record", NULL, "id %s", s->id);
		break;
	case CHECK_NONE:
		page_add(p, &note, "MTA-STS record",
			dane ? "publish a policy as well, for senders that do not use DANE" : NULL,
			"none");
		break;
	case CHECK_INVALID:
		page_add(p, &bad_policy, "MTA-STS record", mend, "%s", s->txt_reason);
		break;
	case CHECK_UNKNOWN:
		page_add(p, &unknown, "MTA-STS record", NULL, "%s", s->txt_reason);
		break;
	case CHECK_NOT_ASKED:
		break;
	}
}

static void page_fetch(struct check_page *p, const struct check_reply *r)
{
	const struct check_sts *s = &r->sts;
	struct check_line failed = {
		.group = GROUP_TRANSPORT, .level = LEVEL_BAD, .result = s->result};

	if (s->fetch == CHECK_FOUND && s->tls != TLS_NONE)
		page_add(p, &ok, "MTA-STS server", NULL, "https://mta-sts.%s/ gave it, TLS %s",
			r->domain, tls_auth_name(s->tls));
	if (s->fetch == CHECK_UNKNOWN)
		failed.level = LEVEL_UNKNOWN;
	if (s->fetch == CHECK_NONE || s->fetch == CHECK_INVALID || s->fetch == CHECK_UNKNOWN)
		page_add(p, &failed, "MTA-STS server",
			s->fetch == CHECK_INVALID
				? "fix the policy's text (RFC 8461 section 3.2)"
				: "let https://mta-sts.DOMAIN/.well-known/mta-sts.txt answer 200 "
				  "with the policy as "
				  "text/plain, without a redirect, under a certificate for "
				  "mta-sts.DOMAIN",
			"%s", s->fetch_reason);
}

static void policy(struct check_page *p, const struct check_reply *r)
{
	const struct check_sts *s = &r->sts;
	char until[TEXT_TIME_MAX], since[TEXT_TIME_MAX];

	if (s->policy == CHECK_UNKNOWN) {
		page_add(p, &unknown, "MTA-STS policy", NULL, "cannot be told, and none was kept");
		return;
	}
	if (s->policy != CHECK_FOUND)
		return;
	text_time(until, s->expires);
	text_time(since, s->fetched);
	if (s->kept)
		page_add(p, &note, "MTA-STS policy", NULL, "the one that was fetched at %s (id %s)",
			since, s->policy_id);
	switch (s->mode) {
	case STS_MODE_ENFORCE:
		page_add(p, &ok, "MTA-STS policy", NULL,
			"enforce, for %zu pattern%s, until %s (max_age %u)", s->n_mx,
			s->n_mx == 1 ? "" : "s", until, s->max_age);
		break;
	case STS_MODE_TESTING:
		page_add(p, &warn, "MTA-STS policy",
			"say \"mode: enforce\" when the reports are clean, and change the record's "
			"id",
			"testing, until %s (max_age %u): senders report, and deliver all the same",
			until, s->max_age);
		break;
	case STS_MODE_NONE:
		page_add(p, &note, "MTA-STS policy", NULL, "none: it is being taken back");
		return;
	}
	if (s->max_age < WEEK)
		page_add(p, &warn, "MTA-STS policy",
			"say \"max_age: 604800\" or more, once it is stable",
			"max_age %u: who blocks the renewal for so long can pass for a domain "
			"without",
			s->max_age);
}

void page_sts(struct check_page *p, const struct check_reply *r, const struct protection *bound)
{
	if (r->null_mx && r->sts.txt != CHECK_FOUND && r->sts.policy != CHECK_FOUND)
		return;
	record(p, r, bound->kind == PROTECTION_DANE);
	page_fetch(p, r);
	policy(p, r);
}

void page_tlsrpt(struct check_page *p, const struct check_reply *r)
{
	const struct check_tlsrpt *t = &r->tlsrpt;
	size_t i;

	switch (t->outcome) {
	case CHECK_NOT_ASKED:
		break;
	case CHECK_FOUND:
		for (i = 0; i < t->n_rua; i++)
			page_add(p, &ok, "TLS reports", NULL, "go to %s", t->rua[i]);
		if (t->reason && t->reason[0])
			page_add(p, &warn, "TLS reports", "take them out of the record", "%s",
				t->reason);
		break;
	case CHECK_NONE:
		if (!r->null_mx)
			page_add(p, &note, "TLS reports",
				"publish _smtp._tls TXT \"v=TLSRPTv1; rua=mailto:...\" to hear of "
				"failures",
				"nobody is told when senders cannot use TLS");
		break;
	case CHECK_INVALID:
		page_add(p, &bad, "TLS reports",
			"publish one TXT record at _smtp._tls: \"v=TLSRPTv1; rua=\" and mailto: or "
			"https: addresses",
			"%s", t->reason);
		break;
	case CHECK_UNKNOWN:
		page_add(p, &unknown, "TLS reports", NULL, "%s", t->reason);
		break;
	}
}
