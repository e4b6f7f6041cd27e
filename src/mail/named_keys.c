/* SPDX-License-Identifier: ISC */
/* Recipients for whom a policy names certificates (key, keys): what the keyring has of them. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decide/pin_quality.h"

struct wanted {
	const char *fpr;
	bool accept_weak; /* by the rules for the recipient */
	enum pin_quality quality;
	struct pin pin; /* the best so far, of several addresses; owned */
	bool failed;    /* no memory */
};

static bool is_strong(const struct pin *p)
{
	char why[KEY_POLICY_WHY_MAX];
	struct cert_strength s;

	(void)cert_strength(p->cert, p->cert_len, p->enc_keyid, p->n_enc, &s);
	return key_policy_strong(&s, why);
}

static enum pin_quality quality_of(const struct pin *p, bool accept_weak)
{
	const struct pin_facts facts = {.state = p->state,
		.revoked = p->revoked,
		.can_encrypt = p->n_enc > 0,
		.expires = p->expires,
		.strong = accept_weak || is_strong(p)};

	return pin_quality(&facts, (int64_t)time(NULL));
}

static int look_at_pin(const struct pin *p, void *arg)
{
	struct wanted *w = arg;
	enum pin_quality q;
	uint8_t *cert;

	if (strcmp(p->fpr, w->fpr) != 0)
		return 0;
	q = quality_of(p, w->accept_weak);
	if (q < w->quality || (q == w->quality && p->last_seen <= w->pin.last_seen))
		return 0;
	cert = malloc(p->cert_len + 1);
	if (!cert) {
		w->failed = true;
		return 1;
	}
	if (p->cert_len > 0)
		memcpy(cert, p->cert, p->cert_len);
	pin_free(&w->pin);
	w->pin = *p;
	w->pin.cert = cert;
	w->quality = q;
	return 0;
}

/* Takes the pin's certificate. */
static void take_stand_in(struct stand_in *s, struct pin *p)
{
	s->cert = (struct cert){
		.data = p->cert, .len = p->cert_len, .expires = p->expires, .n_enc = p->n_enc};
	memcpy(s->cert.fpr, p->fpr, sizeof(s->cert.fpr));
	memcpy(s->cert.enc_keyid, p->enc_keyid, sizeof(s->cert.enc_keyid));
	memcpy(s->address, p->address, sizeof(s->address));
	p->cert = NULL;
}

/* Only the owner of the key, or the user, can settle it; clear text would be worse. */
static void hint_weak(struct stand_ins *l, const struct addr *a)
{
	snprintf(l->mend, sizeof(l->mend),
		"ask for a stronger key; until then, in the configuration: [policy weak] to = "
		"%.300s "
		"with the line weak-keys = accept",
		a->name);
}

/* No domain can renew it, only the keyring that it is from. */
static void hint_renewed(struct stand_ins *l, const struct pin *p)
{
	snprintf(l->mend, sizeof(l->mend),
		"once your gpg keyring has it renewed: gpg --export %s | sealpost pins import -",
		p->fpr);
}

static void say_why_not(
	struct stand_ins *l, const struct wanted *w, const char *policy, struct finding *f)
{
	char reason[VERDICT_REASON_MAX];

	snprintf(reason, sizeof(reason), "%s, which [policy %s] names, %s", w->fpr, policy,
		w->quality == QUALITY_MISSING    ? "is not in the keyring"
		: w->quality == QUALITY_REJECTED ? "was rejected"
		: w->quality == QUALITY_WEAK     ? "is too weak"
						 : "is revoked, has expired, or cannot encrypt");
	finding_set(f, KEY_UNUSABLE, reason);
	f->weak = w->quality == QUALITY_WEAK;
	if (w->quality == QUALITY_WEAK)
		hint_weak(l, f->addr);
	else if (w->quality == QUALITY_DEAD)
		snprintf(l->mend, sizeof(l->mend), "sealpost refresh %.400s", w->pin.address);
	else if (w->quality == QUALITY_MISSING)
		snprintf(l->mend, sizeof(l->mend),
			"sealpost pins import FILE, which has that certificate");
	else
		snprintf(l->mend, sizeof(l->mend), "sealpost pins list");
}

/* Every certificate that the policy names, or the finding is unusable. */
static int fill_stand_in(
	struct mail *m, const struct conf_policy *policy, size_t i, struct err *err)
{
	bool accept_weak = policy_accepts_weak(&m->app->conf, &m->rules, m->finding[i].addr);
	struct stand_ins *l = &m->stand_ins[i];
	size_t k;
	int rc = 0;

	l->v = calloc(policy->n_key, sizeof(*l->v));
	if (!l->v)
		return err_set(err, ERR_OS, "out of memory");
	m->finding[i].weak = false;
	finding_set(&m->finding[i], KEY_USABLE, "the keys that its policy names");
	for (k = 0; k < policy->n_key && rc == 0; k++) {
		struct wanted w = {.fpr = policy->key[k], .accept_weak = accept_weak};

		rc = store_pin_each(m->session.store, look_at_pin, &w, err);
		if (rc == 0 && w.failed)
			rc = err_set(err, ERR_OS, "out of memory");
		if (rc == 0 && w.quality == QUALITY_GOOD)
			take_stand_in(&l->v[l->n++], &w.pin);
		else if (rc == 0 && m->finding[i].status == KEY_USABLE)
			say_why_not(l, &w, policy->name, &m->finding[i]);
		pin_free(&w.pin);
	}
	return rc;
}

int mail_stand_ins(struct mail *m, struct err *err)
{
	struct policy_rules rules;
	size_t i;
	int rc = 0;

	m->stand_ins = calloc(m->env.n, sizeof(*m->stand_ins));
	if (!m->stand_ins)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n && rc == 0; i++) {
		policy_rules(&m->app->conf, &m->rules, m->identity, m->finding[i].addr, &rules);
		if (rules.keys && rules.v[POLICY_ENCRYPT] != ENCRYPT_NEVER && !m->encrypted)
			rc = fill_stand_in(m, rules.keys, i, err);
		else if (m->finding[i].weak)
			hint_weak(&m->stand_ins[i], m->finding[i].addr);
		else if (m->finding[i].status == KEY_UNUSABLE &&
			 source_of_pin(m->finding[i].pin.method) == SOURCE_GNUPG)
			hint_renewed(&m->stand_ins[i], &m->finding[i].pin);
	}
	return rc;
}

size_t mail_certs(const struct mail *m, size_t i)
{
	return m->stand_ins[i].v ? m->stand_ins[i].n : 1;
}

const struct cert *mail_cert(const struct mail *m, size_t i, size_t k)
{
	return m->stand_ins[i].v ? &m->stand_ins[i].v[k].cert : &m->finding[i].cert;
}

int mail_still_pinned(struct mail *m, struct err *err)
{
	const char *address = "";
	size_t i, k;
	int rc = 1;

	for (i = 0; rc > 0 && i < m->env.n; i++) {
		for (k = 0;
			rc > 0 && policy_seals(&m->decision, &m->rcpt[i]) && k < mail_certs(m, i);
			k++) {
			if (m->finding[i].own && !m->stand_ins[i].v)
				continue;
			address = m->stand_ins[i].v ? m->stand_ins[i].v[k].address
						    : m->finding[i].addr->name;
			rc = store_pin_still(
				m->session.store, address, mail_cert(m, i, k)->fpr, err);
		}
	}
	if (rc == 0)
		rc = err_set(err, ERR_TEMP,
			"%s: its pin was changed while the mail was being sealed", address);
	return rc < 0 ? rc : 0;
}

void mail_stand_ins_free(struct mail *m)
{
	size_t i, k;

	for (i = 0; m->stand_ins && i < m->env.n; i++) {
		for (k = 0; k < m->stand_ins[i].n; k++)
			cert_free(&m->stand_ins[i].v[k].cert);
		free(m->stand_ins[i].v);
	}
	free(m->stand_ins);
	m->stand_ins = NULL;
}
