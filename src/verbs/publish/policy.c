/* SPDX-License-Identifier: ISC */
#include "verbs/publish/policy.h"

#include <stdlib.h>
#include <string.h>

#include "decide/publish_mx.h"
#include "verbs/publish/mx.h"
#include "verbs/publish/records.h"

static bool same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(buf_str(a), buf_str(b), a->len) == 0;
}

static int keep_old_policy(const struct buf *old, struct buf *next, struct err *err)
{
	buf_reset(next);
	return buf_add(next, buf_str(old), old->len) < 0 ? err_set(err, ERR_OS, "out of memory")
							 : 0;
}

/* First a policy of mode none; once that was live for long enough its record goes, and after the
 * record's TTL the rest. Of a customer the record is that of the provider's zone. */
static int leave_policy(struct publish *p, struct step_list *steps, const struct publish_domain *d,
	const struct look *l, const struct buf *old, struct buf *next, bool *untold,
	struct err *err)
{
	struct step_facts f = {.wanted = true, .ready = FACT_YES, .since = 1};
	bool none = policy_says(old, "none");

	if (old->len == 0)
		return 0;
	if (none && l && l->sts_away_since != 0 && p->now >= l->kept_until) {
		*untold = p->now < l->sts_away_since + d->section->ttl;
		return *untold ? keep_old_policy(old, next, err) : 0;
	}
	if (none)
		look_leave(l, &f);
	if (!step_allowed(p, steps, d, STEP_LEAVE, d->name, &f))
		return keep_old_policy(old, next, err);
	if (!none)
		return policy_text(d, true, NULL, next) < 0 ? err_set(err, ERR_OS, "out of memory")
							    : 0;
	*untold = !step_is_forced(p, STEP_LEAVE, d->name);
	return *untold ? keep_old_policy(old, next, err) : 0;
}

/* Under an enforced policy: lines are added at once, and go when nobody needs them any more. */
static int change_enforced(struct publish *p, struct step_list *steps,
	const struct publish_domain *d, const struct look *l, const struct buf *old,
	struct buf *next, struct err *err)
{
	const struct check_reply *live = look_knows_mx(l) ? &l->t.reply : NULL;
	struct step_facts f = {.wanted = !same_text(old, next), .ready = FACT_UNKNOWN};
	struct mx_kept kept = {.n = 0};
	int rc;

	if (!live || live->mx_left_off > 0 || live->sts.policy == CHECK_UNKNOWN)
		return step_allowed(p, steps, d, STEP_MX, d->name, &f) && next->len > 0
			       ? 0
			       : keep_old_policy(old, next, err);
	rc = mx_judge(p, steps, d, l, &kept, err);
	if (rc == 0 && kept.refused) {
		rc = keep_old_policy(old, next, err);
	} else if (rc == 0 && kept.n > 0) {
		buf_reset(next);
		rc = policy_lines(d, live, (const char *const *)kept.line, kept.n, next) < 0
			     ? err_set(err, ERR_OS, "out of memory")
			     : 0;
	}
	mx_kept_free(&kept);
	return rc;
}

/* Without any MX there can be no policy. */
static int tell_no_mx(struct step_list *steps, const struct publish_domain *d, const struct look *l,
	struct err *err)
{
	const struct check_reply *r = l && l->t.answered ? &l->t.reply : NULL;
	struct step_verdict v;

	publish_no_mx_verdict(r ? r->mx_outcome : CHECK_UNKNOWN, r && r->null_mx, &v);
	return step_add(
		steps, d, d->sts == PUBLISH_STS_ENFORCE ? STEP_ENFORCE : STEP_MX, d->name, &v, err);
}

int policy_choose(struct publish *p, struct step_list *steps, const struct publish_domain *d,
	const struct look *l, const struct buf *old, struct buf *next, bool *untold,
	struct err *err)
{
	const struct check_reply *live = look_knows_mx(l) ? &l->t.reply : NULL;
	struct step_facts f = {.wanted = true, .ready = FACT_UNKNOWN, .allowed = FACT_UNKNOWN};
	bool enforced = policy_says(old, "enforce");

	*untold = false;
	if (d->sts == PUBLISH_STS_OFF)
		return leave_policy(p, steps, d, l, old, next, untold, err);
	if (policy_text(d, false, live, next) < 0)
		return err_set(err, ERR_OS, "out of memory");
	if (enforced && d->sts == PUBLISH_STS_ENFORCE)
		return change_enforced(p, steps, d, l, old, next, err);
	if (same_text(old, next) ||
		(d->sts == PUBLISH_STS_TESTING && (d->section->mx.n > 0 || live)))
		return 0;
	if (d->section->mx.n == 0 && !live && !p->args->offline) {
		int rc = tell_no_mx(steps, d, l, err);

		return rc < 0 ? rc : keep_old_policy(old, next, err);
	}
	look_enforce(l, &f);
	if (d->section->mx.n == 0 && !live)
		f.ready = FACT_UNKNOWN;
	if (step_allowed(p, steps, d, STEP_ENFORCE, d->name, &f))
		return 0;
	return keep_old_policy(old, next, err);
}
