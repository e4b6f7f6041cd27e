/* SPDX-License-Identifier: ISC */
/* Recipients for whom nothing is published, or nobody knows: keys of theirs in the gpg keyring. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "decide/candidate.h"
#include "pgp/cert/keyring.h"

/* One recipient and what the keyring is asked for. */
struct gnupg_look {
	struct finding *f; /* borrowed */
	enum candidate_look look;
	char *fpr; /* of a key that is shown to a person; CERT_FPR_MAX bytes, borrowed */
};

static void cannot_read_ring(struct finding *f, const char *why)
{
	char reason[VERDICT_REASON_MAX];

	if (f->status == KEY_UNKNOWN)
		return;
	snprintf(reason, sizeof(reason),
		"your gpg keyring, which may have a key, cannot be read: %.300s", why);
	finding_set(f, KEY_UNKNOWN, reason);
	f->cause = CAUSE_OURS;
}

/* What went in clear is to say that there was one. */
static void name_it(struct finding *f, const char *fpr)
{
	char reason[VERDICT_REASON_MAX];

	snprintf(reason, sizeof(reason),
		"%.700s; your gpg keyring has %s, whose validity is unknown", f->reason, fpr);
	finding_set(f, f->status, reason);
}

/* Takes what intake made of it, if it is the key and in good order. */
static bool take_candidate(
	const struct mail *m, struct finding *f, struct cert *c, const struct keyring_candidate *k)
{
	char why[KEY_POLICY_WHY_MAX] = "";
	struct cert_strength s;

	if (strcmp(c->fpr, k->fpr) != 0 || c->use != CERT_USABLE) {
		log_info("%s in the gpg keyring cannot be used: %s", k->fpr, c->why);
		return false;
	}
	(void)cert_strength(c->data, c->len, c->enc_keyid, c->n_enc, &s);
	if (!policy_accepts_weak(&m->app->conf, &m->rules, f->addr) &&
		!key_policy_strong(&s, why)) {
		log_info("%s in the gpg keyring cannot be used: %s", k->fpr, why);
		return false;
	}
	cert_free(&f->cert);
	f->cert = *c;
	*c = (struct cert){.data = NULL};
	return true;
}

/* Whether it is used. */
static bool use_candidate(
	const struct mail *m, const struct gnupg_look *g, struct keyring_candidate *k)
{
	const struct intake in = {.addr = g->f->addr};
	struct finding *f = g->f;
	struct cert_set set = {.v = NULL};
	struct err err = ERR_INIT;
	bool used = false;
	int rejected = store_rejected(m->session.store, f->addr->name, k->fpr, &err);

	if (rejected == 0 && intake_read(&in, k->cert.p, k->cert.len, &set, &err) == 0)
		used = set.n == 1 && take_candidate(m, f, &set.v[0], k);
	cert_set_free(&set);
	if (!used)
		return false;
	f->tofu = TOFU_FIRST;
	f->method = METHOD_NONE;
	f->weak = false;
	f->candidate = candidate_evidence(k->rank);
	finding_set(f, KEY_USABLE,
		g->look == LOOK_USE ? "no key is published; the one of your gpg keyring is used"
				    : "what is published cannot be told; the key of your gpg "
				      "keyring is used");
	return true;
}

static void settle_candidate(
	const struct mail *m, const struct gnupg_look *g, struct keyring_candidate *k)
{
	switch (candidate_fate(g->look, k->rank)) {
	case CANDIDATE_USED:
		if (use_candidate(m, g, k))
			break;
		/* Whoever says "use" does not mean clear text where there is a key. */
		memcpy(g->fpr, k->fpr, sizeof(k->fpr));
		break;
	case CANDIDATE_SHOWN:
		memcpy(g->fpr, k->fpr, sizeof(k->fpr));
		break;
	case CANDIDATE_NAMED:
		name_it(g->f, k->fpr);
		break;
	case CANDIDATE_NONE:
		break;
	}
}

/* Whether anybody is to be looked for. */
static bool choose_looks(struct mail *m, struct gnupg_look *g, struct keyring_candidate *k)
{
	bool any = false;
	size_t i;

	for (i = 0; i < m->env.n; i++) {
		struct finding *f = &m->finding[i];
		const struct candidate_of of = {
			f->addr, f->wanted, f->status, f->asked != 0, f->pin.state};

		g[i] = (struct gnupg_look){.f = f, .fpr = m->in_gnupg[i]};
		g[i].look = candidate_look(&m->app->conf, &m->rules, m->identity, &of);
		k[i].export_from = candidate_least(g[i].look);
		k[i].addr = g[i].look == LOOK_NOT ? NULL : f->addr;
		any |= g[i].look != LOOK_NOT;
	}
	return any;
}

int mail_gnupg_keys(struct mail *m, struct err *err)
{
	struct keyring_candidate *k = calloc(m->env.n + 1, sizeof(*k));
	struct gnupg_look *g = calloc(m->env.n + 1, sizeof(*g));
	struct err failed = ERR_INIT;
	size_t i;
	int rc = 0;

	if (!k || !g) {
		free(k);
		free(g);
		return err_set(err, ERR_OS, "out of memory");
	}
	if (choose_looks(m, g, k)) {
		rc = mail_start_keyboxd(m, &failed);
		if (rc == 0)
			rc = keyring_candidates(k, m->env.n, candidate_rank, &failed);
		for (i = 0; i < m->env.n; i++) {
			if (rc < 0 && g[i].look != LOOK_NOT)
				cannot_read_ring(g[i].f, failed.msg);
			else if (g[i].look != LOOK_NOT)
				settle_candidate(m, &g[i], &k[i]);
			buf_free(&k[i].cert);
		}
	}
	free(k);
	free(g);
	return 0;
}
