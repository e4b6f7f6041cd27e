/* SPDX-License-Identifier: ISC */
/* Hands the finished copies to the MTA and records the result of each. */
#include "mail/mail.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/signals.h"

#define SAID_MAX 300 /* bytes of the MTA's last line in a reason */
#define NOTING_S 10  /* seconds at most from the last copy until everything is recorded */

/* The last line of what the MTA printed, without blanks around. */
static const char *last_line(const char *words, size_t *len)
{
	size_t n = words ? strlen(words) : 0, at;

	while (n > 0 && isspace((unsigned char)words[n - 1]))
		n--;
	for (at = n; at > 0 && words[at - 1] != '\n'; at--)
		;
	while (at < n && isspace((unsigned char)words[at]))
		at++;
	*len = n - at;
	return words ? words + at : "";
}

/* Bytes of a line that a reason has. */
static int shown_bytes(size_t len)
{
	return len < SAID_MAX ? (int)len : SAID_MAX;
}

/* Whether the reason has all of what the MTA printed. */
static bool said_in_reason(const struct mail_copy *c)
{
	size_t len;

	return c->state == COPY_REFUSED && last_line(c->words, &len) == c->words && len <= SAID_MAX;
}

/* What the MTAs printed, as it came: with -v, and after a failure if the reason has not all of it.
 */
static void pass_on_words(const struct mail *m, bool failed)
{
	const char *line, *end;
	size_t i;

	for (i = 0; i < m->copies.n; i++) {
		const struct mail_copy *c = &m->copies.v[i];

		if (log_level() < LOG_INFO && (!failed || c->exit == 0 || said_in_reason(c)))
			continue;
		for (line = c->words; line && *line; line = end) {
			end = line + strcspn(line, "\n");
			log_warn("%s: %.*s", c->mta, (int)(end - line), line);
			end += *end == '\n';
		}
	}
}

/* Whether the exit status is a shell's 128 + N for a signal that we sent, rather than one of the
 * MTA's own. */
static bool ended_by(int exit, int sig)
{
	return sig > 0 && exit == 128 + sig;
}

/* What an exit status stands for with every sendmail (sysexits.h) and shell: "": nothing. */
static const char *sendmail_word(int exit)
{
	static const char *const word[128] = {[64] = "wrong usage",
		[65] = "something is wrong with the mail",
		[67] = "unknown user",
		[68] = "unknown host",
		[69] = "service unavailable",
		[70] = "internal error",
		[71] = "system error",
		[73] = "a file cannot be made",
		[74] = "input or output failed",
		[75] = "not now, try again later",
		[76] = "protocol error",
		[77] = "permission denied",
		[78] = "configuration error",
		[126] = "a program cannot be run",
		[127] = "a program was not found"};

	return exit >= 0 && exit < 128 && word[exit] ? word[exit] : "";
}

/* Derives the copy's state from the MTA's result; after a timeout or a signal only the MTA knows
 * whether it has accepted the copy. sig: the signal passed on to it, or 0. */
static void note_result(struct mail_copy *c, const struct handoff_result *x, int sig)
{
	const size_t max = sizeof(c->why);
	const char *line;
	size_t len;

	c->exit = err_exit(ERR_TEMP);
	c->state = COPY_IN_DOUBT;
	if (x->timed_out) {
		snprintf(c->why, max,
			"%s did not finish in time and was stopped; whether it accepted the mail "
			"is unknown",
			x->mta);
	} else if (x->signal != 0 || ended_by(x->exit, sig)) {
		snprintf(c->why, max,
			"%s was killed by signal %d; whether it accepted the mail is unknown",
			x->mta, x->signal != 0 ? (int)x->signal : sig);
	} else if (x->exit != 0) {
		line = last_line(x->errout, &len);
		if (len == 0) {
			line = sendmail_word(x->exit);
			len = strlen(line);
		}
		snprintf(c->why, max, "%s refused the mail (exit status %d)%s%.*s", x->mta,
			(int)x->exit, len > 0 ? ": " : "", shown_bytes(len), line);
		c->state = COPY_REFUSED;
		if (x->exit > 0)
			c->exit = x->exit;
	} else {
		c->state = COPY_TAKEN;
		c->exit = 0;
	}
}

static int request(
	const struct mail *m, const struct mail_copy *c, struct handoff *h, struct err *err)
{
	size_t i;

	*h = (struct handoff){.n_rcpt = 0};
	if (m->identity)
		memcpy(h->identity, m->identity->name, sizeof(h->identity));
	if (m->args.have_sender)
		snprintf(h->sender, sizeof(h->sender), "%.*s", ADDR_TEXT_MAX,
			m->args.sender[0] != '\0' ? m->args.sender : "<>");
	memcpy(h->fullname, m->args.fullname, sizeof(h->fullname));
	h->dsn = m->args.dsn;
	h->smtputf8 = c->out.smtputf8;
	h->rcpt = calloc(c->n_rcpt, sizeof(*h->rcpt));
	if (!h->rcpt)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < c->n_rcpt; i++) {
		if (mail_served(m, c->rcpt[i]))
			continue;
		h->rcpt[h->n_rcpt++] = m->env.rcpt[c->rcpt[i]].addr;
		h->requiretls = h->requiretls || (m->gate && m->gate[c->rcpt[i]].way == GATE_ASK);
	}
	return 0;
}

/* Hands over one copy. An error: the MTA was not started, or its result is unknown. */
static int hand_over(struct mail *m, struct mail_copy *c, int signals, struct err *err)
{
	struct runner *r = &m->session.runner;
	struct handoff h;
	struct handoff_result x = {0};
	int rc = request(m, c, &h, err);

	if (rc == 0)
		rc = runner_handoff(r, &h, c->out.fd, signals, &x, err);
	if (rc == 0) {
		note_result(c, &x, r->interrupted);
		c->words = x.errout;
		x.errout = NULL;
		memcpy(c->mta, x.mta, sizeof(c->mta));
		if (x.dsn_dropped)
			log_info("%s is not known to take -N, -R and -V: it did not get them; see "
				 "mta-dsn in sealpost.conf(5)",
				x.mta);
		handoff_result_free(&x);
	}
	handoff_free(&h);
	return rc;
}

/* Whether a terminating signal has arrived or is pending. */
static bool is_interrupted(struct runner *r, int signals)
{
	int sig = signals_next(signals);

	if (sig > 0)
		r->interrupted = sig;
	return r->interrupted > 0;
}

static void not_tried(struct mail_copy *c, int sig)
{
	if (sig > 0)
		snprintf(c->why, sizeof(c->why), "not tried: ended by signal %d", sig);
	else
		snprintf(c->why, sizeof(c->why), "not tried after that");
	c->exit = err_exit(ERR_TEMP);
}

/* Hands over each waiting copy, until the state of one is in doubt or a signal ends the program.
 * Returns the first exit status that is not 0, or an error if the MTA was not started and no copy
 * was accepted. */
static int hand_over_all(struct mail *m, int signals, struct err *err)
{
	bool stop = false, taken = m->journal.n_served > 0;
	int status = 0, rc;
	size_t i;

	for (i = 0; i < m->copies.n; i++) {
		struct mail_copy *c = &m->copies.v[i];
		struct err why = ERR_INIT;

		if (c->state != COPY_WAITS)
			continue;
		stop = stop || is_interrupted(&m->session.runner, signals);
		if (stop) { /* an MTA that hangs would hang again */
			not_tried(c, m->session.runner.interrupted);
			status = status == 0 ? c->exit : status;
			continue;
		}
		rc = hand_over(m, c, signals, &why);
		if (rc < 0 && !taken && status == 0) {
			*err = why;
			return rc;
		}
		if (rc < 0) {
			c->state = COPY_REFUSED;
			c->exit = err_exit(why.code);
			memcpy(c->why, why.msg, sizeof(c->why));
		}
		if (c->state == COPY_TAKEN) {
			taken = true;
			mail_journal_taken(m, c);
		}
		if (status == 0)
			status = c->exit;
		stop = c->state == COPY_IN_DOUBT;
	}
	return status;
}

/* Queues what was not handed over, or reports it. status: an exit status, or an error (in err)
 * if the MTA was not started. */
static int keep_or_report(struct mail *m, int status, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = mail_queue_unsent(m, status, status < 0 ? err : NULL, &why);

	pass_on_words(m, rc != 1);
	if (rc == 1)
		return 0;
	if (rc < 0)
		log_warn("the mail cannot be kept: %s", why.msg);
	if (status > 0)
		mail_report(m, status);
	return status;
}

int mail_hand_over(struct mail *m, struct err *err)
{
	int rc = mail_journal_begin(m, err), signals;

	if (rc < 0)
		return rc;
	signals = signals_hold();
	rc = hand_over_all(m, signals, err);
	/* A signal now could only prevent the result from being recorded. */
	signals_ignore(NOTING_S);
	if (mail_keep_sent(m))
		mail_journal_kept(m);
	if (rc == 0)
		runner_release(&m->session.runner); /* it ends beside what is left to do */
	mail_journal_end(m);
	mail_note_handed(m);
	if (rc == 0)
		pass_on_words(m, false);
	mail_say_handed(m);
	if (rc == 0)
		mail_queue_done(m);
	else
		rc = keep_or_report(m, rc, err);
	signals_release(signals);
	return rc;
}
