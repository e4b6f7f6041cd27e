/* SPDX-License-Identifier: ISC */
/* Queues a mail to be sent later, sealed to its sender. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "decide/queue.h"
#include "mail/journal.h"
#include "mail/queued.h"
#include "mime/mime.h"
#include "pgp/gpg/home.h"
#include "store/handed.h"

#define KEPT_ROOM (1u << 20) /* bytes besides the envelope data and the original */

_Static_assert(QUEUED_LINE == SOURCE_LINE, "the original's lines");

static const char intro_refused[] =
	"sealpost has kept a mail of yours, because it could not find out whether its\n"
	"recipients have keys, or whether the route to them is bound to TLS. If you find\n"
	"this in your mailbox, that has lasted for five days, and nobody got the mail.\n"
	"It is attached. To send it again:\n"
	"  sealpost send RECIPIENT... < mail.eml\n"
	"To whom it was to go, and why it did not:\n";
static const char intro_unsent[] =
	"sealpost has kept a mail of yours, because the program that sends mail did not\n"
	"take it. If you find this in your mailbox, that has lasted for five days, and\n"
	"those named below did not get the mail. It is attached. To send it again:\n"
	"  sealpost send RECIPIENT... < mail.eml\n";

static bool demands_seal(const struct mail *m, size_t i)
{
	struct policy_rules rules;

	policy_rules(&m->app->conf, &m->rules, m->identity, m->rcpt[i].addr, &rules);
	return queue_demands_seal(&m->rcpt[i], &rules);
}

/* Whether the recipient got the mail, in an earlier try or just now. */
static bool has_got(const struct mail *m, size_t i)
{
	size_t c, k;

	for (c = 0; c < m->copies.n; c++) {
		for (k = 0; m->copies.v[c].state == COPY_TAKEN && k < m->copies.v[c].n_rcpt; k++) {
			if (m->copies.v[c].rcpt[k] == i)
				return true;
		}
	}
	return mail_served(m, i);
}

/* Collects how it is to be sent, and the reasons why it was not. */
static int describe_kept(const struct mail *m, const char *why, struct queued *q, struct err *err)
{
	size_t i;

	*q = (struct queued){.args = m->args};
	q->rcpt = calloc(m->env.n, sizeof(*q->rcpt));
	if (!q->rcpt)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n; i++) {
		struct queued_rcpt *r = &q->rcpt[i];

		r->addr = m->env.rcpt[i].addr;
		r->seal = demands_seal(m, i);
		snprintf(r->why, sizeof(r->why), "%s", why ? why : m->rcpt[i].why);
		if (has_got(m, i))
			snprintf(r->why, sizeof(r->why), "has got it");
	}
	q->n_rcpt = m->env.n;
	return 0;
}

/* The queued content in clear; read in place while it is sealed. */
struct kept_text {
	struct buf made, head, tail;
	struct source made_src, head_src, tail_src, original;
	struct source_part *pieces; /* of the original; owned */
	struct source_part around[3];
	struct source whole;
};

static void free_kept_text(struct kept_text *k)
{
	buf_free(&k->made);
	buf_free(&k->head);
	buf_free(&k->tail);
	free(k->pieces);
}

static void source_of(struct source *s, const struct buf *b)
{
	*s = (struct source){.fd = -1, .size = (off_t)b->len, .mem = *b};
}

/* Writes the fields that the original lacks, so that they are the same at each attempt. */
static int write_missing_fields(const struct message_made *made, struct buf *b)
{
	static const char *const names[] = {"From", "Date", "Message-ID"};
	const char *value;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		value = message_made_value(made, names[i]);
		if (value)
			rc = buf_addf(b, "%s: %s\n", names[i], value);
	}
	return rc;
}

/* Builds the original: those fields, then the message as read, without empty fields of the same
 * names. */
static int join_original(const struct mail *m, struct kept_text *k, struct err *err)
{
	struct message_made made;
	size_t i, n = 1;
	off_t at = 0;
	int rc = message_make(&m->msg, &made, err);

	if (rc < 0)
		return rc;
	k->pieces = calloc(m->msg.n_field + 2, sizeof(*k->pieces));
	if (!k->pieces || write_missing_fields(&made, &k->made) < 0)
		return err_set(err, ERR_OS, "out of memory");
	source_of(&k->made_src, &k->made);
	k->pieces[0] = (struct source_part){.src = &k->made_src, .size = k->made_src.size};
	for (i = 0; i < m->msg.n_field; i++) {
		const struct field *f = &m->msg.field[i];

		if (!message_made_value(&made, f->name))
			continue;
		k->pieces[n++] =
			(struct source_part){.src = &m->source, .from = at, .size = f->start - at};
		at = f->end;
	}
	k->pieces[n++] =
		(struct source_part){.src = &m->source, .from = at, .size = m->source.size - at};
	source_join(&k->original, k->pieces, n);
	return 0;
}

/* Writes the mail that encloses it. */
static int write_frame(const struct addr *sender, const struct queued *q, const char *intro,
	struct buf *out, struct err *err)
{
	char date[64], id[MIME_RANDOM_MAX], message_id[512];
	struct queued_frame f = {
		.to = sender->text, .date = date, .message_id = message_id, .intro = intro};
	time_t now = time(NULL);
	struct tm t;

	if (mime_random(id, err) < 0)
		return ERR_OS;
	if (!localtime_r(&now, &t))
		return err_set(err, ERR_OS, "the clock cannot be read");
	mime_date(&t, date, sizeof(date));
	snprintf(message_id, sizeof(message_id), "<%s.queue@%s>", id,
		sender->domain[0] != '\0' ? sender->domain : "localhost");
	return queued_write(out, &f, q) < 0 ? err_set(err, ERR_OS, "out of memory") : 0;
}

/* Writes all of it into k, which must not move afterwards. */
static int write_kept(const struct mail *m, const struct queued *q, const char *intro,
	struct kept_text *k, struct err *err)
{
	int rc = join_original(m, k, err);

	if (rc == 0)
		rc = write_frame(&m->msg.sender, q, intro, &k->head, err);
	if (rc == 0 && queued_write_end(&k->tail) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc < 0)
		return rc;
	source_of(&k->head_src, &k->head);
	source_of(&k->tail_src, &k->tail);
	k->around[0] = (struct source_part){.src = &k->head_src, .size = k->head_src.size};
	k->around[1] =
		(struct source_part){.src = &k->original, .size = k->original.size, .base64 = true};
	k->around[2] = (struct source_part){.src = &k->tail_src, .size = k->tail_src.size};
	source_join(&k->whole, k->around, 3);
	return 0;
}

/* Seals it to the sender alone, and unsigned, so that no passphrase is needed. */
static int seal_kept(struct mail *m, const struct source *src, struct spool *out, struct err *err)
{
	const struct cert *me = &m->signer;
	struct seal_cert to = {me->data, me->len, me->enc_keyid, me->n_enc, mail_marks_of(m, me)};
	struct message msg;
	struct seal s = {.msg = &msg,
		.to = &to,
		.n_to = 1,
		.daemons = &m->session.daemons,
		.compress = SEAL_COMPRESS_NO,
		.hcp = HCP_BASELINE,
		.legacy = LEGACY_NO};
	int rc = message_parse(&msg, src, err);

	if (rc < 0)
		return rc;
	rc = gpg_init(err);
	if (rc == 0)
		rc = seal_message(&s, out, err);
	message_free(&msg);
	return rc;
}

/* Records it for "why --sent". Best effort: the mail is queued already. */
static void note_kept(struct mail *m, const struct queued *q)
{
	struct handed h = {.time = (int64_t)time(NULL), .queue = m->queue.entry.n};
	size_t i;

	if (m->journal.on)
		(void)store_journal_hold(m->session.store, m->journal.mail, h.time, NULL);
	h.rcpt = calloc(q->n_rcpt, sizeof(*h.rcpt));
	memcpy(h.sender, m->msg.from.text, sizeof(h.sender));
	for (i = 0; h.rcpt && i < q->n_rcpt && h.n_rcpt < HANDED_RCPT_MAX; i++) {
		struct handed_rcpt *r = &h.rcpt[h.n_rcpt];

		if (has_got(m, i))
			continue;
		memcpy(r->address, q->rcpt[i].addr.name, sizeof(r->address));
		r->how = HANDED_QUEUED;
		snprintf(r->what, sizeof(r->what), "%s", q->rcpt[i].why);
		h.n_rcpt++;
	}
	if (h.rcpt)
		(void)store_handed_add(m->session.store, &h, NULL, NULL);
	free(h.rcpt);
}

/* Prints it on a terminal only: mail programs take any output for an error. */
static void say_kept(uint32_t number, bool already)
{
	char text[160];

	if (log_level() < LOG_INFO && !isatty(STDERR_FILENO))
		return;
	snprintf(text, sizeof(text),
		already ? "is kept already, as number %u of the queue"
			: "kept to be sent later, as number %u of the queue; "
			  "see: sealpost queue",
		number);
	mail_line(stderr, "sealpost: ", "", text);
}

/* Puts it into the folder. 1: done; 0: it was there already. */
static int put_kept(struct mail *m, struct spool *sealed, struct err *err)
{
	struct queue q;
	int rc = queue_open(&q, m->app->conf.data_dir, true, err);

	if (rc == 1)
		rc = queue_key_put(&q, m->signer.fpr, m->signer.data, m->signer.len, err);
	if (rc == 0)
		rc = queue_put(&q, m->journal.mail, sealed->fd, sealed->size, &m->queue.entry, err);
	queue_close(&q);
	return rc;
}

/* Whether there is a key to seal it to; looks it up if necessary. */
static bool can_be_kept(struct mail *m)
{
	struct err why = ERR_INIT;

	if (m->filter || m->queue.running || m->msg.sender.text[0] == '\0')
		return false;
	if (mail_find_signer(m, &why) < 0 || m->signer.fpr[0] == '\0' || m->signer.n_enc == 0) {
		log_info("the mail cannot be kept in the queue: there is no key of yours to seal "
			 "it to%s%s",
			why.msg[0] ? ": " : "", why.msg);
		return false;
	}
	return true;
}

/* Identifies the mail and locks it against other processes. */
static int lock_kept(struct mail *m, struct err *err)
{
	struct mail_journal *j = &m->journal;
	int rc = j->on ? 1 : mail_identify(m, err);

	if (rc == 0 && getrandom(j->mail, sizeof(j->mail), 0) != (ssize_t)sizeof(j->mail))
		return err_set(err, ERR_OS, "no random numbers");
	if (rc < 0 || j->lock >= 0)
		return rc < 0 ? rc : 0;
	return journal_lock(m->app->conf.data_dir, j->mail, &j->lock, err);
}

static int keep_mail(struct mail *m, const char *intro, const char *why, struct err *err)
{
	struct kept_text text = {.made = BUF_INIT_SECRET(KEPT_ROOM),
		.head = BUF_INIT_SECRET(2 * QUEUED_HOW_MAX + KEPT_ROOM),
		.tail = BUF_INIT(KEPT_ROOM)};
	struct queued q = {.rcpt = NULL};
	struct spool sealed = {.fd = -1};
	int rc = describe_kept(m, why, &q, err);

	if (rc == 0)
		rc = write_kept(m, &q, intro, &text, err);
	if (rc == 0)
		rc = seal_kept(m, &text.whole, &sealed, err);
	free_kept_text(&text);
	if (rc == 0) {
		rc = put_kept(m, &sealed, err);
		if (rc == 1) /* the mail is queued even if recording fails */
			note_kept(m, &q);
		if (rc >= 0)
			say_kept(m->queue.entry.n, rc == 0);
	}
	spool_close(&sealed);
	queued_free(&q);
	return rc < 0 ? rc : 1;
}

bool mail_queue_would_keep(struct mail *m)
{
	return m->queue.keeps && can_be_kept(m);
}

/* Whether all recipients got it within the last hour, whatever the keys were: if it were queued, it
 * would be sent again. */
static int is_sent_already(struct mail *m, struct err *err)
{
	int rc = m->args.again ? 0
			       : store_journal_marked(m->session.store, m->journal.mail, NULL,
					 (int64_t)time(NULL), err);

	if (rc <= 0)
		return rc;
	log_info("the same mail was handed over within the hour, and is not kept to be sent again "
		 "(--again does that)");
	m->journal.done = true;
	mail_note_handed(m);
	return 1;
}

int mail_queue_refused(struct mail *m, struct err *err)
{
	int rc;

	if (!mail_queue_would_keep(m))
		return 0;
	rc = lock_kept(m, err);
	if (rc == 0)
		rc = is_sent_already(m, err);
	return rc == 0 ? keep_mail(m, intro_refused, NULL, err) : rc;
}

int mail_queue_unsent(struct mail *m, int status, const struct err *failed, struct err *err)
{
	struct queue_unsent u = {
		.started = !failed, .status = failed ? err_exit(failed->code) : status};
	const char *why = failed ? failed->msg : "";
	size_t i;
	int rc;

	for (i = 0; i < m->copies.n; i++) {
		const struct mail_copy *c = &m->copies.v[i];

		u.in_doubt |= c->state == COPY_IN_DOUBT;
		u.clear |= c->state != COPY_TAKEN && c->how == COPY_CLEAR;
		if (!failed && c->state == COPY_REFUSED && why[0] == '\0')
			why = c->why;
	}
	if (!queue_keeps_unsent(m->app->conf.queue, &u) || !can_be_kept(m))
		return 0;
	rc = lock_kept(m, err);
	return rc == 0 ? keep_mail(m, intro_unsent, why, err) : rc;
}
