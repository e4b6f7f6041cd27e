/* SPDX-License-Identifier: ISC */
/* send --explain: what would happen to a mail and why, recipient by recipient. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "print/output.h"

static const char *key_word(enum key_status k)
{
	static const char *const word[] = {[KEY_USABLE] = "there is a usable key",
		[KEY_ABSENT_PROVED] = "no key is published (proved)",
		[KEY_ABSENT_UNPROVED] = "no key is published (unproved)",
		[KEY_UNUSABLE] = "there is only a key that cannot be used",
		[KEY_UNKNOWN] = "it is not known whether there is a key",
		[KEY_CONFLICT] = "another key is published than the pinned one"};

	_Static_assert(sizeof(word) / sizeof(word[0]) == KEY_CONFLICT + 1, "a word for each");
	return word[k];
}

/* The copy that recipient i is to get, and its number; NULL when the mail is refused. */
static const struct mail_copy *copy_of(const struct mail *m, size_t i, size_t *number)
{
	size_t c, j;

	for (c = 0; m->decision.action != ACTION_REFUSE && c < m->copies.n; c++) {
		for (j = 0; j < m->copies.v[c].n_rcpt; j++) {
			if (m->copies.v[c].rcpt[j] != i)
				continue;
			*number = c + 1;
			return &m->copies.v[c];
		}
	}
	return NULL;
}

static const char *fate_of_recipient(const struct mail *m, size_t i)
{
	static const char *const word[] = {[COPY_SEALED] = "would be sealed",
		[COPY_CLEAR] = "would go in clear",
		[COPY_AS_IT_WAS] = "would be passed on as it is, encrypted already"};
	const struct policy_rcpt *r = &m->rcpt[i];
	const struct mail_copy *c;
	size_t number;

	_Static_assert(sizeof(word) / sizeof(word[0]) == COPY_AS_IT_WAS + 1, "a word for each");
	c = copy_of(m, i, &number);
	if (c)
		return word[c->how];
	if (r->in_the_way)
		return "is in the way";
	return r->seal ? "could be sealed" : "could go in clear";
}

/* The rule, or the person's decision, that made it so. */
static void explain_rule(const struct mail *m, size_t i)
{
	const struct policy_rcpt *r = &m->rcpt[i];
	const struct policy_rcpt *public = m->decision.public;
	struct policy_rules rules;
	char said[POLICY_SAY_MAX];
	bool goes_clear = m->decision.action != ACTION_REFUSE && !policy_seals(&m->decision, r);

	policy_rules(&m->app->conf, &m->rules, m->identity,
		public && goes_clear ? public->addr : r->addr, &rules);
	if (public && goes_clear) {
		policy_say(&rules, POLICY_PUBLIC, said);
		mail_line(stdout, "  rule       ", "", said);
		mail_line(stdout, "  public     ", public->addr->name,
			"what goes there is not secret");
		return;
	}
	if (r->allow_clear && r->clear)
		mail_line(stdout, "  allowed    ", "", "clear text, by name (pins allow-clear)");
	else if (r->domain_clear && r->clear && rules.v[POLICY_ENCRYPT] != ENCRYPT_NEVER)
		mail_line(stdout, "  allowed    ", "",
			"clear text, for the domain (pins allow-clear)");
	policy_say(&rules, r->decided == POLICY_MIXED ? POLICY_ENCRYPT : r->decided, said);
	mail_line(stdout, "  rule       ", "", said);
	if (r->decided == POLICY_MIXED || (m->decision.action == ACTION_SPLIT && goes_clear) ||
		(goes_clear && r->seal)) {
		rules.v[POLICY_MIXED] = (int)m->decision.mixed;
		rules.by[POLICY_MIXED] = m->decision.mixed_by;
		policy_say(&rules, POLICY_MIXED, said);
		mail_line(stdout, "  rule       ", "", said);
	}
}

static void explain_key(const struct mail *m, size_t i)
{
	const struct finding *f = &m->finding[i];
	size_t k;

	if (m->encrypted)
		return;
	if (m->stand_ins[i].v)
		mail_line(stdout, "  key        ", "", "the ones that its policy names");
	else if (!policy_needs_key(&m->app->conf, &m->rules, f->addr))
		mail_line(stdout, "  key        ", "", "none is needed");
	else
		mail_line(stdout, "  key        ", "", key_word(m->rcpt[i].key));
	for (k = 0; k < mail_certs(m, i); k++) {
		if (mail_cert(m, i, k)->fpr[0] != '\0')
			mail_line(stdout, "  key        ", "", mail_cert(m, i, k)->fpr);
	}
	if (f->reason[0] != '\0')
		mail_line(stdout, "  because    ", "", f->reason);
	if (f->pin.state != PIN_NONE)
		mail_line(stdout, "  pin        ", "", pin_state_name(f->pin.state));
}

static void explain_one(const struct mail *m, size_t i)
{
	const struct policy_rcpt *r = &m->rcpt[i];
	const struct mail_copy *c;
	char said[80];
	size_t number = 0;

	mail_line(stdout, "", r->addr->name, fate_of_recipient(m, i));
	explain_key(m, i);
	if (!m->encrypted)
		explain_rule(m, i);
	if (r->hidden)
		mail_line(stdout, "  hidden     ", "", "not named in To or Cc");
	c = copy_of(m, i, &number);
	if (c && m->copies.n > 1) {
		snprintf(said, sizeof(said), "%zu of %zu, %s", number, m->copies.n,
			c->hidden        ? "for this recipient alone"
			: c->n_rcpt == 1 ? "for one recipient"
					 : "for several recipients");
		mail_line(stdout, "  copy       ", "", said);
	}
	if (m->gate && m->gate[i].way != GATE_FREE && m->gate[i].code == ERR_NONE)
		mail_line(stdout, "  way        ", "", m->gate[i].why);
	if (mail_served(m, i))
		mail_line(stdout, "  served     ", "", "has it from an earlier try");
	if (r->in_the_way)
		mail_line(stdout, "  in the way ", "", r->why);
}

static void explain_sending(const struct mail *m, char **mta)
{
	struct buf cmd = BUF_INIT(FILE_PATH_MAX);
	char own[256];
	size_t k, missing = 0;
	int i;

	if (m->journal.done) {
		puts("would not hand it over again: the same mail was handed over within the hour "
		     "(--again does that)");
		return;
	}
	mail_own_key_text(m, own, sizeof(own));

	for (i = 0; mta[i]; i++)
		(void)buf_addf(&cmd, "%s%s", i > 0 ? " " : "", mta[i]);
	for (k = 0; k < m->copies.n; k++)
		missing += m->copies.v[k].state != COPY_TAKEN;
	if (missing < m->copies.n)
		printf("would hand over what is missing: %zu of %zu copies\n", missing,
			m->copies.n);
	else if (m->copies.n > 1)
		printf("would hand over %zu copies\n", m->copies.n);
	if (m->encrypted)
		puts("would pass on as it is: it is encrypted already");
	else if (m->decision.action == ACTION_CLEAR &&
		 (!mail_signs_clear(m) || m->signer.fpr[0] == '\0'))
		puts("would send in clear");
	else if (m->decision.action == ACTION_CLEAR)
		printf("would send in clear, signed by %s\n", m->signer.fpr);
	else if (m->signer.fpr[0] == '\0')
		printf("would seal, unsigned: %s\n", own[0] ? own : "no signing key was found");
	else if (m->decision.sign == SIGN_NEVER)
		printf("would seal, unsigned, also to %s\n", m->signer.fpr);
	else
		printf("would seal, signed by %s%s%s\n", m->signer.fpr,
			own[0] ? ", but not to yourself: " : "", own);
	if (m->identity)
		mail_line(stdout, "would use the identity ", "", m->identity->name);
	mail_line(stdout, "would hand over to ", "", buf_str(&cmd));
	buf_free(&cmd);
}

/* Somebody's key, or the way to somebody, is not known because --online was not given: no reason to
 * settle anything. */
static bool asked_nobody(const struct mail *m)
{
	size_t i;

	for (i = 0; !m->args.online && i < m->env.n; i++) {
		if (m->rcpt[i].in_the_way && m->rcpt[i].key == KEY_UNKNOWN)
			return true;
		if (m->gate && m->gate[i].code == ERR_TEMP)
			return true;
	}
	return false;
}

int mail_explain(struct mail *m, struct err *err)
{
	char **mta = NULL;
	bool kept;
	size_t i;
	int rc;

	rc = conf_mta(&m->app->conf, m->identity ? m->identity->name : "", &mta, err);
	if (rc == 0)
		rc = mail_find_signer(m, err);
	if (rc == 0 && m->decision.action != ACTION_REFUSE)
		rc = mail_check_own_key(m, mail_keeps_sealed(m), err);
	if (rc < 0)
		goto out;
	mail_gate_apply(m);
	for (i = 0; i < m->env.n; i++)
		explain_one(m, i);
	if (m->decision.action == ACTION_REFUSE) {
		kept = !asked_nobody(m) && mail_queue_would_keep(m);
		puts(kept ? "would keep it in the queue, to be sent later" : "would refuse");
		mail_line(stdout, "hint: ", "",
			asked_nobody(m) ? "add --online to ask the network as well"
					: m->decision.hint);
		rc = kept ? 0 : err_exit(m->decision.code);
	} else {
		explain_sending(m, mta);
	}
	if (fflush(stdout) != 0)
		rc = out_failed(err, ERR_IO);
out:
	free(mta);
	return rc;
}
