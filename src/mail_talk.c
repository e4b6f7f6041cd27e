/* What send says of a mail: refusals, and --explain. */
#include "mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output.h"

static void line(FILE *out, const char *prefix, const char *address, const char *text)
{
	fputs(prefix, out);
	out_safe(out, address, 0);
	if (address[0] != '\0')
		fputs(": ", out);
	out_safe(out, text, 0);
	fputc('\n', out);
}

static void keep_refusal(struct mail *m, int status, const struct err *err, const char *hint)
{
	struct refusal r = {.time = (int64_t)time(NULL), .exit = status};
	size_t i;

	snprintf(r.hint, sizeof(r.hint), "%s", hint);
	memcpy(r.sender, m->msg.from.text, sizeof(r.sender));
	r.rcpt = calloc(m->env.n + 1, sizeof(*r.rcpt));
	if (!r.rcpt || !m->session.store)
		goto out;
	if (err)
		snprintf(r.rcpt[r.n_rcpt++].reason, sizeof(r.rcpt->reason), "%s", err->msg);
	for (i = 0; !err && i < m->env.n; i++) {
		if (!m->rcpt[i].in_the_way)
			continue;
		memcpy(r.rcpt[r.n_rcpt].address, m->rcpt[i].addr->name, sizeof(r.rcpt->address));
		r.rcpt[r.n_rcpt].allowable = m->rcpt[i].allowable;
		snprintf(r.rcpt[r.n_rcpt++].reason, sizeof(r.rcpt->reason), "%s", m->rcpt[i].why);
	}
	/* Best effort: the refusal stands whether it could be kept or not. */
	(void)store_refusal_add(m->session.store, &r, NULL);
out:
	free(r.rcpt);
}

int mail_refuse(struct mail *m, const struct err *err)
{
	const char *hint = err ? app_hint(err) : m->decision.hint;
	int status = err_exit(err ? err->code : m->decision.code);
	size_t i;

	if (err)
		line(stderr, "sealpost: not sent: ", "", err->msg);
	for (i = 0; !err && i < m->env.n; i++) {
		if (m->rcpt[i].in_the_way)
			line(stderr, "sealpost: not sent: ", m->rcpt[i].addr->name, m->rcpt[i].why);
	}
	line(stderr, "hint: ", "", hint);
	keep_refusal(m, status, err, hint);
	return status;
}

/* The reasons of the copies that were not taken, for "why". */
static void keep_report(struct mail *m, int status, const char *hint)
{
	struct refusal r = {.time = (int64_t)time(NULL), .exit = status};
	const struct mail_copy *c;
	size_t i, j;

	snprintf(r.hint, sizeof(r.hint), "%s", hint);
	memcpy(r.sender, m->msg.from.text, sizeof(r.sender));
	r.rcpt = calloc(m->env.n, sizeof(*r.rcpt));
	for (i = 0; r.rcpt && i < m->copies.n; i++) {
		c = &m->copies.v[i];
		for (j = 0; c->state != COPY_TAKEN && j < c->n_rcpt; j++) {
			if (mail_served(m, c->rcpt[j]))
				continue;
			memcpy(r.rcpt[r.n_rcpt].address, m->env.rcpt[c->rcpt[j]].addr.name,
				sizeof(r.rcpt->address));
			memcpy(r.rcpt[r.n_rcpt++].reason, c->why, sizeof(c->why));
		}
	}
	if (r.rcpt && m->session.store)
		(void)store_refusal_add(m->session.store, &r, NULL);
	free(r.rcpt);
}

/* Of one copy: each recipient, and what became of it. */
static void report_copy(const struct mail *m, const struct mail_copy *c)
{
	const char *what, *why;
	char said[64];
	size_t i;

	for (i = 0; i < c->n_rcpt; i++) {
		what = c->state == COPY_TAKEN      ? "sent"
		       : c->state == COPY_IN_DOUBT ? "perhaps sent"
						   : "not sent";
		why = c->state == COPY_TAKEN ? "the mail program has it" : c->why;
		if (mail_served(m, c->rcpt[i])) {
			what = "sent";
			why = "the mail program has it from an earlier try";
		}
		snprintf(said, sizeof(said), "sealpost: %s: ", what);
		line(stderr, said, m->env.rcpt[c->rcpt[i]].addr.name, why);
	}
}

/* With one copy the sentence is true of all its recipients; with several each is named. */
void mail_report(struct mail *m, int status)
{
	static const char none[] = "see what the mail program logged before sending again";
	static const char some[] = "send it again, but only to those who were not served";
	static const char rest[] = "send the very same mail again: only those who were not served get it";
	const char *hint = none;
	size_t i, taken = m->journal.n_served;

	for (i = 0; i < m->copies.n; i++)
		taken += m->copies.v[i].state == COPY_TAKEN;
	if (taken > 0)
		hint = m->journal.on && !m->journal.failed ? rest : some;
	if (m->copies.n == 1 && taken == 0)
		line(stderr, "sealpost: ", "", m->copies.v[0].why);
	for (i = 0; (m->copies.n > 1 || taken > 0) && i < m->copies.n; i++)
		report_copy(m, &m->copies.v[i]);
	line(stderr, "hint: ", "", hint);
	keep_report(m, status, hint);
}

static const char *key_word(enum key_status k)
{
	static const char *const word[] = {[KEY_USABLE] = "has a usable key",
		[KEY_ABSENT_PROVED] = "publishes no key (proved)",
		[KEY_ABSENT_UNPROVED] = "publishes no key (unproved)",
		[KEY_UNUSABLE] = "has only a key that cannot be used",
		[KEY_UNKNOWN] = "not known whether there is a key",
		[KEY_CONFLICT] = "has another key than the pinned one"};

	_Static_assert(sizeof(word) / sizeof(word[0]) == KEY_CONFLICT + 1, "a word for each");
	return word[k];
}

static void explain_one(const struct mail *m, size_t i)
{
	const struct finding *f = &m->finding[i];
	const struct policy_rcpt *r = &m->rcpt[i];
	struct policy_rules rules;
	const char *rule;

	policy_rules(&m->app->conf, m->identity, f->addr, &rules);
	rule = rules.by[POLICY_ENCRYPT];
	if (m->msg.encrypted || !policy_needs_key(&m->app->conf, f->addr))
		line(stdout, "", f->addr->name, "no key is needed");
	else
		line(stdout, "", f->addr->name, key_word(r->key));
	line(stdout, "  because    ", "", f->reason[0] != '\0' ? f->reason : "the rule says so");
	if (f->cert.fpr[0] != '\0')
		line(stdout, "  key        ", "", f->cert.fpr);
	if (f->pin.state != PIN_NONE)
		line(stdout, "  pin        ", "", pin_state_name(f->pin.state));
	if (rule)
		line(stdout, "  rule       ", "", rule);
	if (m->gate && m->gate[i].way != GATE_FREE && m->gate[i].code == ERR_NONE)
		line(stdout, "  way        ", "", m->gate[i].why);
	if (r->hidden)
		line(stdout, "  hidden     ", "", "not named in To or Cc");
	if (mail_served(m, i))
		line(stdout, "  served     ", "", "has it from an earlier try");
	if (r->in_the_way)
		line(stdout, "  in the way ", "", r->why);
}

static void explain_sending(const struct mail *m, char **mta)
{
	struct buf cmd = BUF_INIT(FILE_PATH_MAX);
	int i;

	for (i = 0; mta[i]; i++)
		(void)buf_addf(&cmd, "%s%s", i > 0 ? " " : "", mta[i]);
	if (m->copies.n > 1)
		printf("would hand over %zu copies\n", m->copies.n);
	if (m->msg.encrypted)
		puts("would pass on as it is: it is encrypted already");
	else if (m->decision.action == ACTION_CLEAR && (!mail_signs_clear(m) || m->signer.fpr[0] == '\0'))
		puts("would send in clear");
	else if (m->decision.action == ACTION_CLEAR)
		printf("would send in clear, signed by %s\n", m->signer.fpr);
	else if (m->signer.fpr[0] == '\0')
		puts("would seal, unsigned: no signing key was found");
	else if (m->decision.sign == SIGN_NEVER)
		printf("would seal, unsigned, also to %s\n", m->signer.fpr);
	else
		printf("would seal, signed by %s\n", m->signer.fpr);
	line(stdout, "would hand over to ", "", buf_str(&cmd));
	buf_free(&cmd);
}

/* Somebody's key is not known because --online was not given: no reason to settle anything. */
static bool asked_nobody(const struct mail *m)
{
	size_t i;

	for (i = 0; !m->args.online && i < m->env.n; i++) {
		if (m->rcpt[i].in_the_way && m->rcpt[i].key == KEY_UNKNOWN)
			return true;
	}
	return false;
}

int mail_explain(struct mail *m, struct err *err)
{
	char **mta = NULL;
	size_t i;
	int rc;

	rc = conf_mta(&m->app->conf, m->identity ? m->identity->name : "", &mta, err);
	if (rc == 0)
		rc = mail_find_signer(m, err);
	if (rc < 0)
		goto out;
	mail_gate_apply(m);
	for (i = 0; i < m->env.n; i++)
		explain_one(m, i);
	if (m->decision.action == ACTION_REFUSE) {
		puts("would refuse");
		line(stdout, "hint: ", "",
			asked_nobody(m) ? "add --online to ask the network as well"
					: m->decision.hint);
		rc = err_exit(m->decision.code);
	} else {
		explain_sending(m, mta);
	}
	if (fflush(stdout) != 0)
		rc = err_set(err, ERR_IO, "standard output cannot be written");
out:
	free(mta);
	return rc;
}
