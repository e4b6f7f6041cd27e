/* SPDX-License-Identifier: ISC */
#include "decide/publish_steps.h"

#include <stddef.h>
#include <string.h>

/* What stands in the way of a step, and what helps. */
struct step_row {
	const char *name;
	const char *not_ready;   /* ready is not so */
	const char *not_allowed; /* allowed is not so; NULL: it does not matter */
	const char *waiting;     /* for what; NULL: there is nothing to wait for */
	const char *mend;
	const char *mend_allowed; /* of not_allowed; NULL: as mend */
	const char *advice; /* while what it follows is younger than the wait; it is not refused */
};

static const struct step_row steps[STEPS_N] = {
	[STEP_HOST] = {"host",
		"the keys are not served at openpgpkey. yet: once the name has an address, nobody "
		"falls back to the direct method",
		"CAA forbids the issuer to make a certificate for openpgpkey.", NULL,
		"serve the tree there with a certificate first, then publish the address"},
	[STEP_DIRECT] = {"direct", "the direct method does not serve the same keys yet",
		"a wildcard in DNS would stand in for openpgpkey., and the record that keeps it "
		"away is not live yet",
		NULL,
		"serve the keys by the direct method too (method = both), then drop the address",
		.mend_allowed = "put openpgpkey TXT \"\" beside the address first, as written"},
	[STEP_ENFORCE] = {"enforce", "a live MX is not named by the policy, or there is none",
		"an MX does not show a valid certificate for its name by STARTTLS", NULL,
		"make every MX of the domain pass: sealpost check --live DOMAIN",
		.advice = "7 days of clean reports in testing are recommended first"},
	[STEP_MX] = {"mx", "a live MX is not in the policy", NULL, NULL,
		"publish the policy with it, wait for its max_age, then change the MX"},
	[STEP_LEAVE] = {"leave", "the policy that says mode: none is not live yet", NULL,
		"senders keep the old policy for its max_age",
		"publish mode: none first; sealpost publish plan says when the rest may go"},
	[STEP_TLSA] = {"tlsa", "an address of the MX shows a key that no record matches",
		"the zone is not signed: TLSA records there do not count", NULL,
		"publish the key in use beside the next one, and change it two TTL later"},
	[STEP_ROTATE] = {"rotate",
		"the old key did not certify the new one: whoever pinned the old one stops", NULL,
		"both keys are to be served for 30 days",
		"certify the new key with the old one (gpg -u OLD --sign-key NEW), serve both"},
	[STEP_WITHDRAW] = {"withdraw",
		"a published key goes without a revocation or a successor: who pinned it goes on "
		"sealing to it",
		NULL, "a revoked key is served until it would have expired",
		"publish its revocation, or its successor"},
	[STEP_CAA] = {"caa", "a live certificate comes from an issuer outside of the set", NULL,
		"authorities may know the records of before",
		"add its issuer to caa, or have the certificate issued anew first"},
	[STEP_CUSTOMER] = {"customer", "its names still point here", NULL,
		"senders keep the customer's old policy for its max_age",
		"the customer must remove its CNAMEs; until then mode: none stays served"},
};

static const char *const state_names[] = {[STATE_DONE] = "done",
	[STATE_NEXT] = "next",
	[STATE_WAIT] = "wait",
	[STATE_UNSAFE] = "unsafe",
	[STATE_UNKNOWN] = "unknown"};

static void set_verdict(
	struct step_verdict *out, enum step_state state, const char *reason, const char *mend)
{
	*out = (struct step_verdict){.state = state, .reason = reason, .mend = mend};
}

void publish_judge_step(
	enum publish_step step, const struct step_facts *f, struct step_verdict *out)
{
	const struct step_row *row = &steps[step];

	if (!f->wanted) {
		set_verdict(out, STATE_DONE, "", "");
	} else if (f->forced) {
		set_verdict(out, STATE_NEXT, "forced", "");
	} else if (f->offline) {
		set_verdict(out, STATE_UNKNOWN, "with --offline it is unknown what is live now",
			"write without --offline");
	} else if (f->ready == FACT_NO) {
		set_verdict(out, STATE_UNSAFE, row->not_ready, row->mend);
		out->not_before = f->until;
	} else if (row->not_allowed && f->allowed == FACT_NO) {
		set_verdict(out, STATE_UNSAFE, row->not_allowed,
			row->mend_allowed ? row->mend_allowed : row->mend);
	} else if (f->ready != FACT_YES || (row->not_allowed && f->allowed != FACT_YES)) {
		set_verdict(out, STATE_UNKNOWN, "what is live now is unknown",
			step == STEP_ENFORCE ? "verify where port 25 is open"
			: step == STEP_CAA   ? "try again where port 25 is open"
					     : "try again");
	} else if (row->waiting && (f->since == 0 || f->now < f->since + f->wait)) {
		set_verdict(out, STATE_WAIT, row->waiting, "");
		out->not_before = f->since == 0 ? 0 : f->since + f->wait;
	} else {
		bool young = row->advice && f->since != 0 && f->now < f->since + f->wait;

		set_verdict(out, STATE_NEXT, young ? row->advice : "", "");
		out->not_before = young ? f->since + f->wait : 0;
	}
}

enum check_fact publish_may_hide(const struct hiding_facts *f)
{
	if (f->wildcard == FACT_YES && !f->proved && !f->alias && !f->guarded)
		return FACT_NO;
	return FACT_YES;
}

const char *publish_step_name(enum publish_step step)
{
	return steps[step].name;
}

int publish_step_word(const char *word, enum publish_step *out)
{
	unsigned i;

	for (i = 0; i < STEPS_N; i++) {
		if (strcmp(word, steps[i].name) == 0) {
			*out = i;
			return 0;
		}
	}
	return -1;
}

const char *publish_state_name(enum step_state state)
{
	return state_names[state];
}

int publish_state_exit(enum step_state state)
{
	static const int status[] = {[STATE_DONE] = 0,
		[STATE_NEXT] = 1,
		[STATE_WAIT] = 1,
		[STATE_UNSAFE] = 69,
		[STATE_UNKNOWN] = 75};

	return status[state];
}

int publish_worse_exit(int a, int b)
{
	static const int order[] = {78, 71, 73, 74, 69, 75, 1, 0};
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (order[i] == a || order[i] == b)
			return order[i];
	}
	return a > b ? a : b;
}
