/* SPDX-License-Identifier: ISC */
#include "discovery/learnt.h"

#include <stdlib.h>
#include <string.h>

#include "print/output.h"

struct reading_learnt {
	struct learnt_known *out;
	bool failed;
};

static int take_known(struct candidate *c, void *arg)
{
	struct reading_learnt *r = arg;
	struct candidate *v = reallocarray(r->out->v, r->out->n + 1, sizeof(*v));

	r->failed = !v;
	if (!v)
		return 1;
	r->out->v = v;
	v[r->out->n++] = *c;
	memset(c, 0, sizeof(*c));
	return 0;
}

static void describe_learnt(const struct candidate *c, int64_t now, struct learnt_key *k)
{
	enum learnt_how how;
	size_t i;

	*k = (struct learnt_key){.usable = !c->revoked && !c->rejected && c->can_encrypt &&
					   (c->expires == 0 || c->expires > now)};
	for (i = 0; i < c->n_seen; i++) {
		how = learnt_how_parse(c->seen[i].source);
		if (how == LEARNT_HOWS)
			continue;
		k->last[how] = c->seen[i].last;
		if (how == LEARNT_AUTOCRYPT)
			k->mutual = c->seen[i].mutual;
	}
}

int learnt_read(struct store *s, const char *address, int64_t now, struct learnt_known *out,
	struct err *err)
{
	struct reading_learnt r = {.out = out};
	struct learnt_key *k;
	size_t i;
	int rc;

	memset(out, 0, sizeof(*out));
	out->choice.answer = SOURCE_HAS_NONE;
	rc = store_candidate_each(s, address, take_known, &r, err);
	k = rc == 0 && !r.failed ? calloc(out->n + 1, sizeof(*k)) : NULL;
	if (rc == 0 && !k)
		rc = err_set(err, ERR_OS, "out of memory");
	for (i = 0; rc == 0 && i < out->n; i++)
		describe_learnt(&out->v[i], now, &k[i]);
	if (rc == 0)
		out->choice = learnt_choose(k, out->n, out->n > 0 ? out->v[0].last_mail : 0);
	free(k);
	if (rc < 0)
		learnt_known_free(out);
	return rc;
}

void learnt_known_free(struct learnt_known *k)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		candidate_free(&k->v[i]);
	free(k->v);
	k->v = NULL;
	k->n = 0;
}

bool learnt_is_used(const struct learnt_known *k, enum pin_state pin, size_t i)
{
	return pin == PIN_NONE && k->choice.answer == SOURCE_HAS && k->choice.index == i;
}

char *learnt_evidence(const struct candidate *c)
{
	struct out *o = out_new(), *all = out_object(o, "learnt");
	size_t i;

	for (i = 0; i < c->n_seen; i++)
		out_object_text(all, c->seen[i].source, c->seen[i].evidence);
	return out_text(o);
}

static void seen_json(struct out *o, const struct candidate_seen *s)
{
	out_str(o, "how", s->source);
	out_time(o, "first_seen", s->first);
	out_time(o, "last_seen", s->last);
	out_str(o, "prefer_encrypt", s->mutual ? "mutual" : "");
	out_object_text(o, "evidence", s->evidence);
}

void learnt_json(struct out *o, const struct candidate *c, bool used)
{
	out_str(o, "fingerprint", c->fpr);
	out_str(o, "user_id", c->uid);
	out_time(o, "expires", c->expires);
	out_bool(o, "revoked", c->revoked);
	out_bool(o, "used", used);
	OUT_LIST(o, "seen", c->seen, c->n_seen, seen_json);
}
