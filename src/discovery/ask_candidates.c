/* SPDX-License-Identifier: ISC */
/* The candidates' sources, each asked in its turn about all addresses, and what comes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/candidates.h"

static void use_found_key(struct finding *f, enum cert_source by, struct found_key *k)
{
	cert_free(&f->cert);
	f->cert = k->cert;
	k->cert = (struct cert){.data = NULL};
	f->tofu = TOFU_FIRST;
	f->method = METHOD_NONE;
	f->weak = false;
	f->candidate = by;
	f->candidate_evidence = k->evidence;
	k->evidence = NULL;
	finding_set(f, KEY_USABLE, k->why);
}

/* by could not be asked: no absence is sure then, and what the domain's silence allows is not
 * meant. */
static void doubt_by(struct finding *f, enum cert_source by, const struct found_key *k)
{
	/* That it may be an own address says the same, if the keyring is the cause already. */
	bool too = f->status == KEY_UNKNOWN && f->cause != CAUSE_KEYRING;
	char reason[VERDICT_REASON_MAX];

	snprintf(reason, sizeof(reason), "%.400s%s%s, which may have a key, cannot be read: %.300s",
		too ? f->reason : "", too ? "; and " : "", source_place(by), k->why);
	finding_set(f, KEY_UNKNOWN, reason);
	f->cause = by == SOURCE_GNUPG ? CAUSE_KEYRING : CAUSE_OURS;
	f->unread = true;
}

static void settle_job(struct candidate_job *j)
{
	struct sources_out out = sources_decide(j->said);
	struct found_key *k = &j->key[out.by];
	char reason[VERDICT_REASON_MAX];

	/* Where nobody knows what is published, both stand in the way of clear text too. */
	if (out.asks != SOURCE_NONE && out.outcome != OUTCOME_USE)
		memcpy(j->f->in_gnupg, j->key[out.asks].fpr, sizeof(j->f->in_gnupg));
	if (out.unread != SOURCE_NONE && out.outcome == OUTCOME_UNKNOWN)
		doubt_by(j->f, out.unread, &j->key[out.unread]);
	if (out.by <= SOURCE_DOMAIN)
		return;
	switch (out.outcome) {
	case OUTCOME_USE:
		use_found_key(j->f, out.by, k);
		break;
	case OUTCOME_NAME: /* what went in clear is to say that there was one */
		if (out.by == SOURCE_LEARNT)
			memcpy(j->f->learnt, k->fpr, sizeof(j->f->learnt));
		snprintf(reason, sizeof(reason), "%.500s; %.400s", j->f->reason, k->why);
		finding_set(j->f, j->f->status, reason);
		break;
	case OUTCOME_REFUSE:
		finding_set(j->f, KEY_UNUSABLE, k->why);
		j->f->weak = k->weak;
		break;
	case OUTCOME_ASK:
	case OUTCOME_UNKNOWN:
	case OUTCOME_ABSENT:
		break;
	}
}

static void free_found_keys(struct candidate_job *j)
{
	enum cert_source s;

	for (s = SOURCE_NONE; s < SOURCES; s++) {
		cert_free(&j->key[s].cert);
		free(j->key[s].evidence);
	}
}

int candidates_find(const struct key_search *s, struct finding *f, size_t n, struct err *err)
{
	static int (*const ask[])(const struct key_search *, struct candidate_job *, size_t,
		struct err *) = {candidates_gnupg, candidates_keyserver, candidates_learnt};
	struct candidate_job *j = calloc(n + 1, sizeof(*j));
	size_t i;
	int rc = 0;

	if (!j)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < n; i++) {
		j[i].f = &f[i];
		sources_begin(j[i].said, f[i].status, f[i].own, f[i].method == METHOD_NONE);
	}
	for (i = 0; rc == 0 && i < sizeof(ask) / sizeof(ask[0]); i++)
		rc = ask[i](s, j, n, err);
	for (i = 0; i < n; i++) {
		if (rc == 0)
			settle_job(&j[i]);
		free_found_keys(&j[i]);
	}
	free(j);
	return rc;
}
