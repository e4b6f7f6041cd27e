/* SPDX-License-Identifier: ISC */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "conf/sender_dir.h"
#include "decide/candidate.h"
#include "decide/queue.h"
#include "discovery/candidates.h"
#include "discovery/pin_update.h"
#include "pgp/cert/ahead.h"
#include "pgp/seal/detect.h"

/* Reads the rules for this mail: from the command line and the message. */
static int read_rules(struct mail *m, struct err *err)
{
	size_t i;
	int rc = 0;

	m->rules.once = m->args.once;
	for (i = 0; i < m->msg.n_field && rc == 0; i++) {
		if (strcasecmp(m->msg.field[i].name, "X-Sealpost") == 0)
			rc = policy_read_field(m->msg.field[i].value, &m->rules.demand, err);
	}
	return rc;
}

int mail_read(struct mail *m, int fd, struct err *err)
{
	struct source_opts opts = {.max = m->app->conf.max_message, .dots = !m->args.ignore_dots};
	int rc = source_open(&m->source, fd, &opts, err);

	return rc == 0 ? mail_read_source(m, err) : rc;
}

/*
 * With state per sender, a server sends for many users, and each may write any From, so the
 * identity and the key are those of the envelope sender, which the server has authenticated.
 */
static int whose_key_signs(struct mail *m, struct err *err)
{
	const struct conf *c = &m->app->conf;

	return c->per_sender ? conf_sender(c, m->app->sender, &m->msg.sender, err) : 0;
}

/* A message without From is by the envelope sender, under the name given with it, as for sendmail.
 */
static int set_author(struct mail *m, struct err *err)
{
	const struct send_args *args = &m->args;
	struct addr from;
	int rc = 0;

	if (!args->have_sender || args->sender[0] == '\0')
		message_set_author(&m->msg, NULL, args->fullname);
	else if ((rc = addr_parse(args->sender, &from, err)) == 0)
		message_set_author(&m->msg, &from, args->fullname);
	return rc;
}

int mail_read_source(struct mail *m, struct err *err)
{
	int rc = message_parse(&m->msg, &m->source, err);

	if (rc == 0)
		rc = detect_encrypted(&m->msg, &m->encrypted, err);
	if (rc == 0)
		rc = read_rules(m, err);
	if (rc == 0)
		rc = envelope_qualify(&m->args, &m->msg, m->app->conf.qualify_domain, err);
	if (rc == 0)
		rc = set_author(m, err);
	if (rc == 0)
		rc = whose_key_signs(m, err);
	if (rc == 0 && m->msg.sender.text[0] != '\0')
		m->identity = conf_identity_for(&m->app->conf, &m->msg.sender);
	if (rc == 0)
		rc = envelope_make(&m->args, &m->msg, &m->env, err);
	return rc;
}

/* It may be an own address whose key is not published. */
static void doubt_absent(struct finding *f, const char *why)
{
	char reason[VERDICT_REASON_MAX];

	f->unread |= f->wanted && f->status == KEY_UNKNOWN;
	if (!candidate_doubts_absence(f->addr, f->wanted, f->status))
		return;
	f->unread = true;
	snprintf(reason, sizeof(reason), "it may be your own address, but %.400s", why);
	finding_set(f, KEY_UNKNOWN, reason);
	f->cause = CAUSE_KEYRING;
}

static int ask_about(struct mail *m, struct discover *d, struct err *err)
{
	const struct key_search s = {.app = m->app,
		.session = &m->session,
		.rules = &m->rules,
		.identity = m->identity,
		.servers = true,
		.may_ask = m->may_ask,
		.unread = &m->unread};
	size_t i;
	int rc;

	m->finding = calloc(m->env.n, sizeof(*m->finding));
	m->rcpt = calloc(m->env.n, sizeof(*m->rcpt));
	m->untagged = calloc(m->env.n, sizeof(*m->untagged));
	if (!m->finding || !m->rcpt || !m->untagged)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n; i++) {
		m->finding[i].addr = &m->env.rcpt[i].addr;
		m->finding[i].status = KEY_UNKNOWN;
		m->finding[i].wanted =
			!m->encrypted && (m->answers || policy_needs_key(&m->app->conf, &m->rules,
								&m->env.rcpt[i].addr));
	}
	rc = own_keys_find(&s, m->finding, m->env.n, err);
	if (rc == 0)
		rc = discover_all(d, m->finding, m->env.n, err);
	if (rc >= 0 && gnupg_pins_check(d, &m->session.daemons, m->finding, m->env.n, err) < 0)
		rc = err->code;
	for (i = 0; rc >= 0 && m->unread.code != ERR_NONE && i < m->env.n; i++)
		doubt_absent(&m->finding[i], m->unread.msg);
	if (rc >= 0)
		rc = candidates_find(&s, m->finding, m->env.n, err);
	return rc < 0 ? rc : mail_stand_ins(m, err);
}

#define FAILED_FOR ((int64_t)5 * 24 * 60 * 60) /* older attempts do not count */

/* Collects what distinguishes a fault of this machine from one of the recipient's domain. */
static int describe_failure(struct mail *m, size_t i, struct err *err)
{
	const struct finding *f = &m->finding[i], *o;
	struct policy_rcpt *r = &m->rcpt[i];
	int64_t now = (int64_t)time(NULL), first;
	size_t k;
	int rc;

	r->cause = f->cause;
	for (k = 0; k < m->env.n; k++) {
		o = &m->finding[k];
		if (o->reached && now - o->asked < 3600 &&
			strcmp(o->addr->domain, f->addr->domain) != 0)
			r->other_answered = true;
	}
	rc = store_other_answered(m->session.store, f->addr->domain, now - 3600, err);
	r->other_answered |= rc == 1;
	if (rc >= 0)
		rc = store_refused_since(m->session.store, f->addr->name, err_exit(ERR_TEMP),
			now - FAILED_FOR, &first, err);
	if (rc >= 0 && first > 0 && first < now)
		r->waited = now - first;
	return rc < 0 ? rc : 0;
}

/* Whether the address without its "+tag" has a pin. */
static int find_untagged(struct mail *m, size_t i, struct err *err)
{
	const struct addr *a = m->finding[i].addr;
	struct untagged *u = &m->untagged[i];
	const char *at = strrchr(a->name, '@'), *plus = strchr(a->name, '+');
	struct pin pin = {0};
	int rc;

	if (!plus || !at || plus > at || plus == a->name)
		return 0;
	snprintf(u->address, sizeof(u->address), "%.*s%s", (int)(plus - a->name), a->name, at);
	rc = store_pin_get(m->session.store, u->address, &pin, err);
	if (rc >= 0 && pin.fpr[0] != '\0') {
		memcpy(u->fpr, pin.fpr, sizeof(u->fpr));
		m->rcpt[i].untagged = u->address;
		m->rcpt[i].untagged_fpr = u->fpr;
	}
	pin_free(&pin);
	return rc < 0 ? rc : 0;
}

/* Collects the facts about one recipient for the decision, from the store and the findings. */
static int describe(struct mail *m, size_t i, struct err *err)
{
	const struct finding *f = &m->finding[i];
	struct policy_rcpt *r = &m->rcpt[i];
	struct pin pin = {0};
	int rc;

	*r = (struct policy_rcpt){.addr = f->addr,
		.key = f->status,
		.reason = f->reason,
		.weak = f->weak,
		.unread = f->unread,
		.answers = m->answers,
		.lapsed = f->lapsed,
		.lapsed_mend = f->lapsed_mend,
		.hidden = m->env.rcpt[i].hidden};
	rc = store_pin_get(m->session.store, f->addr->name, &pin, err);
	if (rc < 0)
		return rc;
	r->pinned = pin.fpr[0] != '\0' || m->stand_ins[i].v;
	r->mend = m->stand_ins[i].mend[0] != '\0' ? m->stand_ins[i].mend
		  : f->cause == CAUSE_KEYRING     ? m->unread.hint
						  : NULL;
	r->allow_clear = pin.state == PIN_CLEAR;
	r->own = f->own && !r->pinned;
	r->learnt = f->learnt[0] != '\0' ? f->learnt : NULL;
	r->in_gnupg = f->in_gnupg[0] != '\0' ? f->in_gnupg : NULL;
	pin_free(&pin);
	if (key_absent(f->status) || f->status == KEY_UNKNOWN)
		rc = find_untagged(m, i, err);
	if (rc < 0)
		return rc;
	if (!addr_discoverable(f->addr))
		return 0;
	rc = r->key == KEY_UNKNOWN ? describe_failure(m, i, err) : 0;
	/* Nothing that is allowed for a whole domain is about an address with a pin. */
	if (rc < 0 || r->pinned)
		return rc;
	rc = store_domain_clear(m->session.store, f->addr->domain, err);
	r->domain_clear = rc == 1;
	if (rc >= 0)
		rc = store_domain_served(m->session.store, f->addr->domain, err);
	r->domain_unserved = rc == 0;
	return rc < 0 ? rc : 0;
}

static int decide_mail(struct mail *m, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->env.n; i++)
		rc = describe(m, i, err);
	if (rc == 0)
		policy_decide(
			&m->app->conf, &m->rules, m->rcpt, m->env.n, m->encrypted, &m->decision);
	return rc;
}

/* filter writes one copy only: a recipient that would need another one is in the way. */
static int one_copy_only(struct mail *m)
{
	const struct mail_copy *c;
	struct policy_rcpt *r;
	size_t i, j;

	for (i = 1; i < m->copies.n; i++) {
		c = &m->copies.v[i];
		for (j = 0; j < c->n_rcpt; j++) {
			r = &m->rcpt[c->rcpt[j]];
			r->in_the_way = true;
			snprintf(r->why, sizeof(r->why), "%s, and filter gives one copy only",
				c->hidden ? "is hidden (Bcc) and needs a sealed copy of its own"
					  : "is to get clear text, and others of this mail have a "
					    "key");
		}
	}
	m->decision.action = ACTION_REFUSE;
	m->decision.code = ERR_POLICY;
	snprintf(m->decision.hint, sizeof(m->decision.hint),
		"use sealpost send, which hands over a copy for each");
	return 0;
}

/* Plans which recipient gets which copy, once it is decided that the mail is sent. */
static int plan_mail(struct mail *m, struct err *err)
{
	struct copy_rcpt *r;
	size_t i;
	int rc;

	if (m->decision.action == ACTION_REFUSE)
		return 0;
	r = calloc(m->env.n, sizeof(*r));
	if (!r)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n; i++)
		r[i] = (struct copy_rcpt){
			m->env.rcpt[i].hidden, policy_seals(&m->decision, &m->rcpt[i])};
	rc = copies_plan(r, m->env.n, m->encrypted, &m->copies, err);
	free(r);
	if (rc == 0 && m->filter && m->copies.n > 1)
		rc = one_copy_only(m);
	return rc;
}

/* Removes what is dated in the future: from here on the certificates are used by gpg only. */
static void cut_ahead(struct mail *m)
{
	int64_t now = (int64_t)time(NULL);
	size_t i, k;

	for (i = 0; i < m->env.n; i++) {
		ahead_cut(&m->finding[i].cert, now);
		for (k = 0; k < m->stand_ins[i].n; k++)
			ahead_cut(&m->stand_ins[i].v[k].cert, now);
	}
}

int mail_decide(struct mail *m, bool ask, bool keep, struct err *err)
{
	struct discover d = {.app = m->app,
		.one = &m->rules,
		.runner = &m->session.runner,
		.store = m->session.store,
		.offline = !ask,
		.remembered = true,
		.pins_first = true,
		.keep = keep};
	bool first = false;
	size_t i;
	int rc;

	m->may_ask = ask;
	rc = mail_answers(m, err);
	if (rc == 0)
		rc = ask_about(m, &d, err);
	if (rc == 0)
		rc = decide_mail(m, err);
	/* A mail that is sent in clear by rule uses no key, and so pins none. */
	if (rc == 0 && keep && m->decision.action != ACTION_CLEAR) {
		for (i = 0; rc == 0 && i < m->env.n; i++) {
			first |= m->finding[i].tofu == TOFU_FIRST;
			rc = keep_first(&d, &m->finding[i], err);
		}
		if (rc == 0 && first)
			rc = decide_mail(m, err);
	}
	if (rc == 0)
		cut_ahead(m);
	if (rc == 0)
		rc = plan_mail(m, err);
	m->queue.keeps = rc == 0 && queue_keeps_refused(m->app->conf.queue, &m->decision, m->rcpt,
					    m->gate, m->env.n);
	return rc;
}

void mail_free(struct mail *m)
{
	mail_journal_free(m);
	copies_free(&m->copies);
	free(m->autocrypt);
	mail_marks_free(m);
	cert_free(&m->signer);
	mail_stand_ins_free(m);
	findings_free(m->finding, m->env.n);
	free(m->rcpt);
	free(m->untagged);
	free(m->answers);
	free(m->gate);
	free(m->queue.seal);
	envelope_free(&m->env);
	message_free(&m->msg);
	source_close(&m->source);
	send_args_free(&m->args);
	session_close(&m->session);
}
