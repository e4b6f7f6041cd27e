/* SPDX-License-Identifier: ISC */
#include "decide/publish_mx.h"

#include <string.h>

/* When the host may leave DNS: once another one was there for as long as senders may keep a policy
 * that does not name that other one. */
static int64_t may_leave_from(const struct mx_facts *f, size_t i)
{
	int64_t from = 0;
	size_t k;

	for (k = 0; k < f->n; k++) {
		const struct mx_fact *x = &f->v[k];

		if (k == i || !x->wanted || !x->live || !x->served)
			continue;
		/* The one that is there for longest counts. */
		if (from == 0 || x->live_since + f->max_age < from)
			from = x->live_since + f->max_age;
	}
	return from != 0 && from < f->older_until ? f->older_until : from;
}

enum mx_next publish_mx_next(const struct mx_facts *f, size_t i, int64_t *not_before)
{
	const struct mx_fact *x = &f->v[i];

	*not_before = 0;
	if (x->wanted && x->live)
		return x->served ? MX_SETTLED : MX_PUBLISH;
	if (x->live && !x->served)
		return MX_UNNAMED;
	if (x->live) {
		*not_before = may_leave_from(f, i);
		return MX_IN_DNS;
	}
	if (!x->wanted && x->served && f->now < x->known_until) {
		*not_before = x->known_until;
		return MX_KNOWN;
	}
	/* A line that was never used is for a server that is to come; "*." is for any. */
	if (x->wanted && x->served && x->live_since == 0 && strncmp(x->host, "*.", 2) != 0) {
		*not_before = x->line_since + f->ttl;
		return MX_ADD;
	}
	return MX_SETTLED;
}

bool publish_mx_keeps_line(enum mx_next next)
{
	return next == MX_IN_DNS || next == MX_KNOWN;
}

void publish_mx_verdict(
	enum mx_next next, int64_t now, int64_t not_before, struct step_verdict *out)
{
	static const struct {
		enum step_state state;
		const char *reason, *mend;
	} row[] = {
		[MX_SETTLED] = {STATE_DONE, "", ""},
		[MX_PUBLISH] = {STATE_NEXT, "is in DNS, and gets its line in the policy", ""},
		[MX_ADD] = {STATE_NEXT, "is named by the policy, and may be added to DNS", ""},
		[MX_UNNAMED] = {STATE_UNSAFE, "is not in the policy",
			"publish the policy with it, wait for the TTL of _mta-sts, then the MX"},
		[MX_IN_DNS] = {STATE_UNSAFE,
			"is a mail server in DNS, and its line is being removed",
			"take it out of DNS, wait for the TTL of the MX, then its line"},
		[MX_KNOWN] = {STATE_WAIT, "has left DNS, and senders may remember it", ""},
	};

	*out = (struct step_verdict){row[next].state, not_before, row[next].reason, row[next].mend};
	if (next == MX_ADD && now < not_before)
		*out = (struct step_verdict){STATE_WAIT, not_before,
			"is named by the policy, which senders may not have seen yet", ""};
	else if (next == MX_ADD)
		out->not_before = 0;
	if (next == MX_IN_DNS && not_before == 0)
		out->mend = "publish another mail server first, then take this one out of DNS";
}

void publish_no_mx_verdict(enum check_outcome mx, bool null_mx, struct step_verdict *out)
{
	static const char name_them[] = "name the mail servers in FILE: mx = HOST...";

	*out = (struct step_verdict){STATE_UNSAFE, 0, "the domain has no MX record", name_them};
	if (null_mx)
		*out = (struct step_verdict){STATE_UNSAFE, 0,
			"the domain takes no mail (null MX): nobody needs a policy",
			"mta-sts = off"};
	else if (mx == CHECK_INVALID)
		out->reason = "none of the domain's MX records names a host";
	else if (mx != CHECK_NONE && mx != CHECK_FOUND)
		*out = (struct step_verdict){
			STATE_UNKNOWN, 0, "the domain's MX records could not be asked", name_them};
}
