/* SPDX-License-Identifier: ISC */
/* Processes one queued mail: opens it, then sends it, leaves it in the queue or returns it. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "decide/queue.h"
#include "mail/journal.h"
#include "mail/queued.h"
#include "pgp/gpg/home.h"
#include "pgp/seal/open.h"
#include "print/app.h"
#include "print/quote.h"

#define KEYS_FILE_MAX (8u << 20)
#define OPENED_ROOM 65536

static int take_queued_text(void *arg, const void *p, size_t n, struct err *err)
{
	return queued_reader_add(arg, p, n, err);
}

/* The mail that was kept cannot be fixed where it came from, but it may be saved. */
static void hint_damaged(const struct mail *m, struct err *err)
{
	char path[FILE_PATH_MAX + 128], word[ERR_HINT_MAX];

	snprintf(path, sizeof(path), "%s/queue/%s", m->app->conf.data_dir, m->queue.entry.name);
	if (quote_shell(word, sizeof(word), path) == 0)
		err_hint(err,
			"what is left of it: gpg --decrypt %.300s; then: sealpost queue drop %u",
			word, m->queue.entry.n);
	else
		err_hint(err, "sealpost queue drop %u", m->queue.entry.n);
}

/* Decrypts it, with the stored certificates and the agent that has the secret key. */
static int open_entry(struct mail *m, struct queue *q, int fd, struct queued_reader *r,
	bool *locked, struct err *err)
{
	struct buf keys = BUF_INIT(KEYS_FILE_MAX);
	struct open_with w = {.fd = fd, .take = take_queued_text, .arg = r};
	int rc = daemons_find_agent(&m->session.daemons, err);

	if (rc == 0)
		rc = gpg_init(err);
	if (rc == 0)
		rc = queue_keys(q, &keys, err);
	w.keys = keys.p;
	w.keys_len = keys.len;
	w.daemons = &m->session.daemons;
	if (rc == 0)
		rc = open_sealed(&w, locked, err);
	if (rc == 0)
		rc = queued_reader_end(r, err);
	if (rc == ERR_DATA)
		hint_damaged(m, err);
	buf_free(&keys);
	return rc;
}

/* Which recipients must not get clear text: by what was stored with the mail, and what was found
 * since. */
static int recall_demands(struct mail *m, const struct queued *kept, struct err *err)
{
	uint8_t hash[JOURNAL_HASH];
	size_t i, k;
	int rc = mail_identify(m, err);

	m->queue.seal = calloc(m->env.n, sizeof(*m->queue.seal));
	if (!m->queue.seal)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; rc >= 0 && i < m->env.n; i++) {
		for (k = 0; k < kept->n_rcpt; k++) {
			if (strcmp(kept->rcpt[k].addr.name, m->env.rcpt[i].addr.name) == 0)
				m->queue.seal[i] |= kept->rcpt[k].seal;
		}
		rc = journal_rcpt(m->journal.key, m->journal.mail, &m->env.rcpt[i].addr, hash, err);
		if (rc == 0)
			rc = store_queued_seal_has(m->session.store, m->journal.mail, hash, err);
		m->queue.seal[i] |= rc == 1;
	}
	return rc < 0 ? rc : 0;
}

/* Restores the arguments as they were given; the recipients are those of the envelope. */
static int take_kept(struct mail *m, struct queued *kept, struct buf *original, struct err *err)
{
	size_t i;
	int rc;

	m->args = kept->args;
	m->args.rcpt = calloc(kept->n_rcpt, sizeof(*m->args.rcpt));
	if (!m->args.rcpt)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < kept->n_rcpt; i++)
		m->args.rcpt[i] = kept->rcpt[i].addr;
	m->args.n_rcpt = kept->n_rcpt;
	m->source = (struct source){.fd = -1, .size = (off_t)original->len, .mem = *original};
	*original = (struct buf)BUF_INIT_SECRET(1);
	rc = mail_read_source(m, err);
	return rc == 0 ? recall_demands(m, kept, err) : rc;
}

int mail_queue_load(struct mail *m, bool *locked, struct err *err)
{
	const size_t max = (size_t)m->queue.entry.size + OPENED_ROOM;
	struct buf original = BUF_INIT_SECRET(max);
	struct queued kept = {.rcpt = NULL};
	struct queued_reader reader = QUEUED_READER(&kept, &original);
	struct queue q;
	int fd = -1, rc;

	m->queue.running = true;
	rc = queue_open(&q, m->app->conf.data_dir, false, err);
	if (rc == 1)
		rc = queue_entry_open(&q, &m->queue.entry, &fd, err);
	if (rc == 1) {
		/* About 9/16 of the file's size, which has it in base64 twice: allocated at
		 * once. */
		(void)buf_reserve(&original, max / 16 * 9);
		rc = open_entry(m, &q, fd, &reader, locked, err);
		queued_reader_free(&reader);
		if (rc == 0)
			rc = take_kept(m, &kept, &original, err);
		rc = rc == 0 ? 1 : rc;
	}
	if (fd >= 0)
		close(fd);
	queue_close(&q);
	queued_free(&kept);
	buf_free(&original);
	return rc;
}

/* Records which recipients require sealing; that stays so, regardless of later results. */
static int note_demands(struct mail *m, struct err *err)
{
	uint8_t hash[JOURNAL_HASH];
	struct policy_rules rules;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->env.n; i++) {
		if (!m->rcpt[i].in_the_way || m->queue.seal[i])
			continue;
		policy_rules(&m->app->conf, &m->rules, m->identity, m->rcpt[i].addr, &rules);
		if (!queue_demands_seal(&m->rcpt[i], &rules))
			continue;
		rc = journal_rcpt(m->journal.key, m->journal.mail, &m->env.rcpt[i].addr, hash, err);
		if (rc == 0)
			rc = store_queued_seal_add(m->session.store, m->journal.mail, hash, err);
	}
	return rc;
}

/* Whether a recipient that waited for a key would get clear text; marks those as in the way. */
static bool forbid_clear(struct mail *m)
{
	char word[ERR_HINT_MAX / 2];
	bool any = false;
	size_t i;

	for (i = 0; i < m->env.n && !m->encrypted; i++) {
		struct policy_rcpt *r = &m->rcpt[i];

		if (!queue_forbids(&m->decision, r, m->queue.seal[i]))
			continue;
		r->in_the_way = true;
		snprintf(r->why, sizeof(r->why),
			"no key was found; it waited for one, and is not sent in clear "
			"automatically");
		if (!any && quote_shell(word, sizeof(word), r->addr->name) == 0)
			snprintf(m->decision.hint, sizeof(m->decision.hint),
				"sealpost pins allow-clear %s; or: sealpost queue drop %u", word,
				m->queue.entry.n);
		any = true;
	}
	return any;
}

/* 1: sent; 0: it stays in the queue; negative: it stays, with the reason in err. */
static int send_kept(struct mail *m, struct err *err)
{
	int rc = mail_gate(m, true, true, err);

	if (rc == 1)
		return 0;
	if (rc == 0)
		rc = mail_decide(m, true, true, err);
	if (rc == 0 && m->decision.action == ACTION_REFUSE)
		return note_demands(m, err);
	if (rc == 0 && forbid_clear(m))
		return 0;
	if (rc == 0)
		rc = mail_resume(m, err);
	if (rc == 0 && m->journal.done) {
		mail_queue_done(m);
		return 1;
	}
	if (rc == 0)
		rc = mail_make_copies(m, err);
	if (rc == 0)
		rc = mail_hand_over(m, err);
	return rc < 0 ? rc : rc == 0;
}

/* Prints why it stays: the recipients' reasons, or err. The MTA's output was printed before. */
static void say_stays(const struct mail *m, const char *what, const struct err *err)
{
	char prefix[64];
	size_t i, n = 0;

	snprintf(prefix, sizeof(prefix), "sealpost: queue %u: %s: ", m->queue.entry.n, what);
	for (i = 0; err->code == ERR_NONE && m->rcpt && i < m->env.n; i++) {
		if (m->rcpt[i].in_the_way) {
			mail_line(stderr, prefix, m->rcpt[i].addr->name, m->rcpt[i].why);
			n++;
		}
	}
	if (n == 0)
		mail_line(stderr, prefix, "",
			err->code != ERR_NONE ? err->msg : "the mail program did not take it");
	if (err->code != ERR_NONE)
		mail_line(stderr, "hint: ", "", app_hint(err));
	else if (n > 0)
		mail_line(stderr, "hint: ", "", m->decision.hint);
}

/* Reads the addressee from the queued file, which is a mail to its sender. */
static int read_return(const struct conf *c, int fd, struct handoff *h, struct err *err)
{
	struct source_opts opts = {.max = c->max_message};
	struct source src = {.fd = -1};
	const struct conf_identity *id;
	struct message outer = {.src = NULL};
	int rc = source_open(&src, fd, &opts, err);

	if (rc < 0)
		return rc;
	rc = message_parse(&outer, &src, err);
	if (rc == 0 && (outer.named.n != 1 || outer.from.text[0] == '\0'))
		rc = err_set(err, ERR_DATA, "the queued file does not name its sender");
	h->rcpt = rc == 0 ? calloc(1, sizeof(*h->rcpt)) : NULL;
	if (rc == 0 && !h->rcpt)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0) {
		h->rcpt[0] = outer.named.v[0];
		h->n_rcpt = 1;
		snprintf(h->sender, sizeof(h->sender), "%s", outer.from.text);
		id = conf_identity_for(c, &outer.from);
		if (id)
			memcpy(h->identity, id->name, sizeof(h->identity));
	}
	message_free(&outer);
	source_close(&src);
	return rc;
}

static int hand_back(struct mail *m, int fd, struct err *err)
{
	struct handoff h = {.n_rcpt = 0};
	struct handoff_result x = {0};
	int rc = read_return(&m->app->conf, fd, &h, err);

	if (rc == ERR_DATA)
		hint_damaged(m, err);
	if (rc == 0)
		rc = runner_handoff(&m->session.runner, &h, fd, -1, &x, err);
	if (rc == 0 && x.exit != 0)
		rc = err_set(err, ERR_TEMP,
			"it should have been returned to you, but %s did not take it (exit status "
			"%d)",
			x.mta, (int)x.exit);
	handoff_result_free(&x);
	handoff_free(&h);
	return rc;
}

/* Recorded for "why", since nobody may read the output of a timer. */
static void note_returned(struct mail *m, const struct err *why)
{
	struct refusal r = {.time = (int64_t)time(NULL), .exit = err_exit(ERR_TEMP)};
	size_t i;

	r.rcpt = calloc(m->env.n + 1, sizeof(*r.rcpt));
	memcpy(r.sender, m->msg.from.text, sizeof(r.sender));
	snprintf(r.hint, sizeof(r.hint), "the mail was returned to you, sealed");
	for (i = 0; r.rcpt && m->rcpt && why->code == ERR_NONE && i < m->env.n; i++) {
		if (!m->rcpt[i].in_the_way)
			continue;
		memcpy(r.rcpt[r.n_rcpt].address, m->rcpt[i].addr->name, sizeof(r.rcpt->address));
		snprintf(r.rcpt[r.n_rcpt++].reason, sizeof(r.rcpt->reason), "for %d days: %.900s",
			QUEUE_DAYS, m->rcpt[i].why);
	}
	if (r.rcpt && r.n_rcpt == 0)
		snprintf(r.rcpt[r.n_rcpt++].reason, sizeof(r.rcpt->reason),
			"waited in the queue for %d days: %.900s", QUEUE_DAYS,
			why->code != ERR_NONE ? why->msg : "the mail program did not take it");
	if (r.rcpt)
		(void)store_refusal_add(m->session.store, &r, NULL);
	free(r.rcpt);
}

/* Returns an expired mail to its sender. 1: done; 0: it stays in the queue. */
static int give_back(struct mail *m, const struct err *why)
{
	struct err err = ERR_INIT;
	struct queue q;
	int fd = -1, rc = queue_open(&q, m->app->conf.data_dir, false, &err);

	if (rc == 1)
		rc = queue_entry_open(&q, &m->queue.entry, &fd, &err);
	if (rc == 1) {
		rc = hand_back(m, fd, &err);
		rc = rc == 0 ? 1 : rc;
	}
	if (fd >= 0)
		close(fd);
	queue_close(&q);
	if (rc < 0) {
		say_stays(m, "stays", &err);
		return 0;
	}
	if (rc == 1) {
		say_stays(m, "was returned to its sender", why);
		mail_notify(m,
			"sealpost: a mail that waited in the queue was returned to its sender\n"
			"hint: sealpost why\n");
		note_returned(m, why);
		mail_queue_done(m);
	}
	return 1;
}

/* With its lock held: another process may have sent it before. */
static int run_locked(struct mail *m, struct err *err)
{
	char word[FILE_PATH_MAX + 128];
	bool locked = false;
	int rc = mail_queue_load(m, &locked, err);

	if (rc == 0)
		return 1;
	if (rc == 1)
		return send_kept(m, err);
	if (locked) {
		snprintf(word, sizeof(word), "%s/queue/%s", m->app->conf.data_dir,
			m->queue.entry.name);
		err_hint(err, "gpg --decrypt %.400s >/dev/null", word);
	}
	return rc;
}

int mail_queue_run(struct app *app, const struct queue_entry *e)
{
	struct session_opts opts = {.runner = true, .opens = true};
	struct mail m = MAIL_INIT(app);
	struct err err = ERR_INIT;
	int rc, gone = 0;

	m.queue = (struct mail_queue){.entry = *e, .running = true};
	rc = session_open(&m.session, app, &opts, &err);
	if (rc == 0)
		rc = journal_lock(app->conf.data_dir, e->mail, &m.journal.lock, &err);
	if (rc == ERR_TEMP && m.journal.lock < 0 && m.session.store) {
		log_info("queue %u: another process deals with it", e->n);
		gone = 1;
	} else if (rc < 0) {
		say_stays(&m, "stays", &err);
	} else {
		rc = run_locked(&m, &err);
		if (queue_next(rc <= 0, e->since, (int64_t)time(NULL)) == QUEUE_RETURN)
			gone = give_back(&m, &err);
		else if (rc <= 0)
			say_stays(&m, "stays", &err);
		else
			gone = 1;
	}
	mail_free(&m);
	return gone ? 0 : 1;
}
