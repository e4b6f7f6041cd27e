/* SPDX-License-Identifier: ISC */
/* What send says of a mail: that it is out, or that it did not go out, or not to all. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text_file.h"
#include "print/app.h"
#include "print/output.h"
#include "print/quote.h"

#define SHOWN_MAX 10 /* recipients of one refusal; "why" has all */

void mail_line(FILE *out, const char *prefix, const char *address, const char *text)
{
	fputs(prefix, out);
	out_safe(out, address, 0);
	if (address[0] != '\0')
		fputs(": ", out);
	out_safe(out, text, 0);
	fputc('\n', out);
}

void mail_notify(struct mail *m, const char *text)
{
	struct err err = ERR_INIT;

	if (m->app->conf.notify[0] == '\0' || m->session.runner.sock < 0 || m->args.explain)
		return;
	if (runner_notify(&m->session.runner, text, &err) < 0)
		log_warn("notify: %s", err.msg);
}

/* Where the configuration, which names the state folder, could not be read: the usual one, if it is
 * there. */
static struct store *open_usual_store(const struct mail *m)
{
	char dir[FILE_PATH_MAX];
	struct store *s = NULL;

	conf_default_data_dir(dir);
	if (m->app->conf.data_dir[0] == '\0' && !m->args.explain && !runner_is_inside() &&
		dir[0] != '\0' && access(dir, F_OK) == 0)
		(void)store_open(&s, dir, false, NULL);
	return s;
}

static void keep_refusal(struct mail *m, int status, const struct err *err, const char *hint)
{
	struct refusal r = {.time = (int64_t)time(NULL), .exit = status};
	struct store *usual = m->session.store ? NULL : open_usual_store(m);
	size_t i;

	snprintf(r.hint, sizeof(r.hint), "%s", hint);
	memcpy(r.sender, m->msg.from.text, sizeof(r.sender));
	r.rcpt = calloc(m->env.n + 1, sizeof(*r.rcpt));
	if (!r.rcpt || !(m->session.store || usual))
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
	(void)store_refusal_add(usual ? usual : m->session.store, &r, NULL);
out:
	store_close(usual);
	free(r.rcpt);
}

/* How many are in the way, and of them those for whom the exit status and the hint are. */
static size_t count_in_the_way(const struct mail *m, size_t *grave)
{
	size_t i, n = 0;

	*grave = 0;
	for (i = 0; i < m->env.n; i++) {
		n += m->rcpt[i].in_the_way;
		*grave += m->rcpt[i].in_the_way && m->rcpt[i].code == m->decision.code;
	}
	return n;
}

/* Who is in the way, and what it means for the others. If they are too many, those who decide the
 * exit status are not left out, but others are. */
static void say_in_the_way(const struct mail *m, FILE *out)
{
	char text[160];
	size_t i, grave, n = count_in_the_way(m, &grave);
	size_t room[2] = {0, grave < SHOWN_MAX ? grave : SHOWN_MAX};

	room[0] = SHOWN_MAX - room[1];
	for (i = 0; i < m->env.n; i++) {
		size_t *left = &room[m->rcpt[i].code == m->decision.code];

		if (!m->rcpt[i].in_the_way || *left == 0)
			continue;
		--*left;
		mail_line(out, "sealpost: not sent: ", m->rcpt[i].addr->name, m->rcpt[i].why);
	}
	if (n > SHOWN_MAX) {
		snprintf(text, sizeof(text), "not sent: and %zu more; sealpost why names them",
			n - SHOWN_MAX);
		mail_line(out, "sealpost: ", "", text);
	}
	if (m->env.n > 1) {
		snprintf(text, sizeof(text),
			"nobody got the mail; %zu of its %zu recipients %s ready", m->env.n - n,
			m->env.n, m->env.n - n == 1 ? "is" : "are");
		mail_line(out, "sealpost: ", "", text);
	}
}

/* Commands of a hint that need to know whose state is meant say it. */
static const char *name_sender(const struct app *app, const char *hint, char out[ERR_HINT_MAX])
{
	static const char *const verbs[] = {"lookup ", "pins ", "queue ", "refresh ", "why"};
	static const char program[] = "sealpost ";
	struct buf b = BUF_INIT(ERR_HINT_MAX);
	char word[ADDR_TEXT_MAX * 4];
	const char *at, *rest = hint;
	size_t i;
	int rc = 0;

	if (!app->conf.per_sender || !app->sender ||
		quote_shell(word, sizeof(word), *app->sender ? app->sender : "<>") < 0)
		return hint;
	while (rc == 0 && (at = strstr(rest, program)) != NULL) {
		at += strlen(program);
		rc = buf_add(&b, rest, (size_t)(at - rest));
		for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
			if (rc == 0 && strncmp(at, verbs[i], strlen(verbs[i])) == 0)
				rc = buf_addf(&b, "-f %s ", word);
		}
		rest = at;
	}
	if (rc == 0)
		rc = buf_adds(&b, rest);
	snprintf(out, ERR_HINT_MAX, "%s", rc == 0 ? buf_str(&b) : hint);
	buf_free(&b);
	return out;
}

/* What became of the mail. */
struct news {
	const struct err *err; /* NULL: what is in the way is told */
	size_t taken;          /* copies, now or before */
	const char *hint;
};

static void say_refused(const struct mail *m, const struct news *n, FILE *out)
{
	if (n->err)
		mail_line(out, "sealpost: not sent: ", "", n->err->msg);
	else
		say_in_the_way(m, out);
	mail_line(out, "hint: ", "", n->hint);
}

/* On standard error and to the program of notify; there is always memory for the first. */
static void tell_outcome(struct mail *m, const struct news *n,
	void (*what)(const struct mail *, const struct news *, FILE *))
{
	struct text_file t;
	FILE *f = text_file_open(&t);
	char *text = NULL;

	if (f) {
		what(m, n, f);
		text = text_file_close(&t, f, NULL);
	}
	if (text) {
		fputs(text, stderr);
		mail_notify(m, text);
	} else {
		what(m, n, stderr);
	}
	free(text);
}

int mail_refuse(struct mail *m, const struct err *err)
{
	char named[ERR_HINT_MAX];
	const char *hint = name_sender(m->app, err ? app_hint(err) : m->decision.hint, named);
	int status = err_exit(err ? err->code : m->decision.code);

	tell_outcome(m, &(struct news){.err = err, .hint = hint}, say_refused);
	keep_refusal(m, status, err, hint);
	return status;
}

/* The reasons of the copies that were not taken, for "why". */
static void keep_report(struct mail *m, int status, const char *hint)
{
	struct refusal r = {.time = (int64_t)time(NULL), .exit = status, .mta = true};
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
	if (r.rcpt && m->session.store && !m->queue.running)
		(void)store_refusal_add(m->session.store, &r, NULL);
	free(r.rcpt);
}

/* Of one copy: each recipient, and what became of it. */
static void report_copy(const struct mail *m, const struct mail_copy *c, FILE *out)
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
		mail_line(out, said, m->env.rcpt[c->rcpt[i]].addr.name, why);
	}
}

/* "sealed for a@b, c@d and 3 more", of what the MTA has taken just now. */
static void add_handed(const struct mail *m, enum copy_how how, struct buf *line)
{
	static const char *const word[] = {[COPY_SEALED] = "sealed",
		[COPY_CLEAR] = "in clear",
		[COPY_AS_IT_WAS] = "passed on as it was"};
	size_t c, i, n = 0;

	_Static_assert(sizeof(word) / sizeof(word[0]) == COPY_AS_IT_WAS + 1, "a word for each");
	for (c = 0; c < m->copies.n; c++) {
		const struct mail_copy *copy = &m->copies.v[c];

		for (i = 0; copy->state == COPY_TAKEN && copy->how == how && i < copy->n_rcpt;
			i++) {
			if (mail_served(m, copy->rcpt[i]) || n++ >= SHOWN_MAX)
				continue;
			(void)buf_addf(line, "%s%s",
				n > 1           ? ", "
				: line->len > 0 ? "; "
						: "",
				n > 1 ? "" : word[how]);
			(void)buf_addf(line, "%s%s", n > 1 ? "" : " for ",
				m->env.rcpt[copy->rcpt[i]].addr.name);
		}
	}
	if (n > SHOWN_MAX)
		(void)buf_addf(line, " and %zu more", n - SHOWN_MAX);
}

void mail_say_handed(const struct mail *m)
{
	struct buf line = BUF_INIT(3 * SHOWN_MAX * (ADDR_TEXT_MAX + 64) + FILE_PATH_MAX);
	char **mta = NULL;
	enum copy_how how;

	if (log_level() < LOG_INFO)
		return;
	for (how = COPY_SEALED; how <= COPY_AS_IT_WAS; how++)
		add_handed(m, how, &line);
	if (line.len > 0 &&
		conf_mta(&m->app->conf, m->identity ? m->identity->name : "", &mta, NULL) == 0)
		(void)buf_addf(&line, "; handed over to %s", mta[0]);
	if (line.len > 0)
		mail_line(stderr, "sealpost: ", "", buf_str(&line));
	free(mta);
	buf_free(&line);
}

/* With one copy the sentence is true of all its recipients; with several each is named. */
static void say_copies(const struct mail *m, const struct news *n, FILE *out)
{
	size_t i;

	if (m->copies.n == 1 && n->taken == 0)
		mail_line(out, "sealpost: ", "", m->copies.v[0].why);
	for (i = 0; (m->copies.n > 1 || n->taken > 0) && i < m->copies.n; i++)
		report_copy(m, &m->copies.v[i], out);
	mail_line(out, "hint: ", "", n->hint);
}

void mail_report(struct mail *m, int status)
{
	static const char none[] = "see what the mail program logged before sending again";
	static const char some[] = "send it again, but only to those who were not served";
	static const char rest[] =
		"send the very same mail again: only those who were not served get it";
	struct news n = {.taken = m->journal.n_served, .hint = none};
	size_t i;

	for (i = 0; i < m->copies.n; i++)
		n.taken += m->copies.v[i].state == COPY_TAKEN;
	if (n.taken > 0)
		n.hint = m->journal.on && !m->journal.failed ? rest : some;
	tell_outcome(m, &n, say_copies);
	keep_report(m, status, n.hint);
}
