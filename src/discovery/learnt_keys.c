/* SPDX-License-Identifier: ISC */
/* Recipients for whom nothing is published: keys of theirs that received mail had. */
#include "discovery/candidates.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "decide/candidate.h"
#include "discovery/learnt.h"

static void note_learnt(
	const struct key_search *s, struct candidate_job *j, const struct learnt_known *k)
{
	const struct candidate *c = &k->v[k->choice.index];
	const struct buf cert = {.p = c->cert, .len = c->cert_len};
	const char *address = j->f->addr->name, *why = k->choice.why;
	char text[VERDICT_REASON_MAX];
	char *evidence = k->choice.answer == SOURCE_HAS ? learnt_evidence(c) : NULL;

	if (evidence && candidate_takes(s, j, SOURCE_LEARNT, c->fpr, &cert, evidence,
				"no key is published; the one learnt from mail is used"))
		why = NULL;
	else if (!why)
		why = "it is not usable";
	free(evidence);
	if (!why)
		return;
	snprintf(text, sizeof(text),
		"received mail has %s, which is not used automatically (%s): sealpost pins accept "
		"%.300s %s",
		c->fpr, why, address, c->fpr);
	candidate_says(j, SOURCE_LEARNT, SOURCE_NAMES, c->fpr, text);
}

int candidates_learnt(
	const struct key_search *s, struct candidate_job *j, size_t n, struct err *err)
{
	struct err failed = ERR_INIT;
	struct learnt_known k;
	size_t i;

	(void)err;
	for (i = 0; i < n; i++) {
		const struct finding *f = j[i].f;
		const struct candidate_of of = {
			f->addr, f->wanted, f->status, f->asked != 0, f->pin.state};

		if (!sources_look(SOURCE_LEARNT, j[i].said) ||
			!candidate_fits(&s->app->conf, s->rules, s->identity, &of))
			continue;
		if (learnt_read(s->session->store, f->addr->name, (int64_t)time(NULL), &k,
			    &failed) < 0) {
			candidate_says(&j[i], SOURCE_LEARNT, SOURCE_FAILED, NULL, failed.msg);
			continue;
		}
		if (k.choice.answer == SOURCE_HAS_NONE)
			candidate_says(&j[i], SOURCE_LEARNT, SOURCE_HAS_NONE, NULL, NULL);
		else
			note_learnt(s, &j[i], &k);
		learnt_known_free(&k);
	}
	return 0;
}
