/* SPDX-License-Identifier: ISC */
/* Exactly once: who has a mail already when it is sent again, and what is noted for that. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "mail/mail.h"
#include "mail/journal.h"

#define KEYS_LINE_MAX 65536 /* bytes: a name, and the keys of those that a policy names for it */

bool mail_served(const struct mail *m, size_t i)
{
	return m->journal.served && m->journal.served[i];
}

/* Whom the journal has; copies of which all have it are done. */
static int look_up(struct mail *m, int64_t now, struct err *err)
{
	struct mail_journal *j = &m->journal;
	uint8_t hash[JOURNAL_HASH];
	size_t i, k, left;
	int rc;

	j->served = calloc(m->env.n, sizeof(*j->served));
	if (!j->served)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n; i++) {
		rc = journal_rcpt(j->key, j->mail, &m->env.rcpt[i].addr, hash, err);
		if (rc == 0)
			rc = store_journal_has(m->session.store, j->mail, hash, now, err);
		if (rc < 0)
			return rc;
		j->served[i] = rc == 1;
		j->n_served += rc == 1;
	}
	for (i = 0; i < m->copies.n; i++) {
		struct mail_copy *c = &m->copies.v[i];

		for (k = left = 0; k < c->n_rcpt; k++)
			left += !j->served[c->rcpt[k]];
		if (left == 0)
			c->state = COPY_TAKEN;
	}
	return 0;
}

/* How one recipient of the copy gets the mail: "NAME HOW KEY...". NULL: out of memory. */
static char *how_line(const struct mail *m, const struct mail_copy *c, size_t i)
{
	struct buf b = BUF_INIT(KEYS_LINE_MAX);
	const struct cert *cert;
	char *line = NULL;
	size_t k, j;

	errno = 0; /* what is too long is cut, and each time alike */
	(void)buf_addf(&b, "%s %d", m->env.rcpt[i].addr.name, (int)c->how);
	for (k = 0; c->how == COPY_SEALED && k < mail_certs(m, i); k++) {
		cert = mail_cert(m, i, k);
		(void)buf_addf(&b, " %s", cert->fpr);
		for (j = 0; j < cert->n_enc; j++)
			(void)buf_addf(&b, ":%016llx", (unsigned long long)cert->enc_keyid[j]);
	}
	if (errno != ENOMEM)
		line = strdup(buf_str(&b));
	buf_free(&b);
	return line;
}

static int hash_keys(struct mail *m, struct err *err)
{
	char **line = calloc(m->env.n + 1, sizeof(*line));
	size_t i, k, n = 0;
	int rc = line ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc == 0 && i < m->copies.n; i++) {
		const struct mail_copy *c = &m->copies.v[i];

		for (k = 0; rc == 0 && k < c->n_rcpt && n < m->env.n; k++) {
			line[n] = how_line(m, c, c->rcpt[k]);
			rc = line[n++] ? 0 : err_set(err, ERR_OS, "out of memory");
		}
	}
	if (rc == 0)
		rc = journal_keys(m->journal.key, m->journal.mail, line, n, m->journal.keys, err);
	for (i = 0; line && i < n; i++)
		free(line[i]);
	free(line);
	return rc;
}

/* Whether the mail is complete since less than an hour; then everybody counts as served. */
static int look_for_mark(struct mail *m, int64_t now, struct err *err)
{
	struct mail_journal *j = &m->journal;
	size_t i;
	int rc;

	if (m->args.again)
		return 0;
	rc = store_journal_marked(m->session.store, j->mail, j->keys, now, err);
	j->done = rc == 1;
	for (i = 0; j->done && i < m->env.n; i++)
		j->served[i] = true;
	for (i = 0; j->done && i < m->copies.n; i++)
		m->copies.v[i].state = COPY_TAKEN;
	return rc < 0 ? rc : 0;
}

static int read_journal(struct mail *m, struct err *err)
{
	struct mail_journal *j = &m->journal;
	int64_t now = (int64_t)time(NULL);
	int rc = look_up(m, now, err);

	if (rc == 0)
		rc = hash_keys(m, err);
	if (rc == 0)
		rc = store_journal_is_kept(m->session.store, j->mail, now, err);
	j->kept = rc == 1;
	if (rc >= 0 && j->n_served == 0)
		rc = look_for_mark(m, now, err);
	if (rc < 0)
		return rc;
	j->on = true;
	j->begun = j->n_served > 0;
	return 0;
}

int mail_identify(struct mail *m, struct err *err)
{
	struct mail_journal *j = &m->journal;
	const char *sender = "";
	int rc = store_journal_key(m->session.store, j->key, err);

	if (rc == 0 && m->queue.running) {
		memcpy(j->mail, m->queue.entry.mail, sizeof(j->mail));
		return 1;
	}
	if (m->args.have_sender)
		sender = m->args.sender[0] != '\0' ? m->args.sender : "<>";
	return rc < 0 ? rc : journal_mail(j->key, &m->msg, &m->env, sender, j->mail, err);
}

int mail_resume(struct mail *m, struct err *err)
{
	struct mail_journal *j = &m->journal;
	int rc;

	if (m->filter || m->copies.n == 0)
		return 0;
	rc = store_journal_tidy(m->session.store, (int64_t)time(NULL), err);
	if (rc == 0)
		rc = mail_identify(m, err);
	if (rc <= 0)
		return rc;
	rc = 0;
	if (!m->args.explain && j->lock < 0)
		rc = journal_lock(m->app->conf.data_dir, j->mail, &j->lock, err);
	if (rc == 0)
		rc = read_journal(m, err);
	if (rc == 0 && !m->args.explain)
		rc = mail_queue_find(m, err);
	if (rc == 0 && j->n_served > 0)
		log_info(
			"%zu of %zu recipients have it from an earlier try", j->n_served, m->env.n);
	return rc;
}

int mail_journal_begin(struct mail *m, struct err *err)
{
	struct mail_journal *j = &m->journal;
	int rc;

	/* One copy is taken as a whole, or not at all: what is recorded of it comes afterwards. */
	if (!j->on || m->copies.n <= 1)
		return store_journal_ready(m->session.store, err);
	rc = store_journal_begin(m->session.store, j->mail, (int64_t)time(NULL), err);
	if (rc == 0)
		rc = store_journal_reserve(m->session.store, m->copies.n, m->env.n, err);
	if (rc == 0)
		j->begun = true;
	return rc;
}

/* Those of the copy have it. */
static int note_taken(struct mail *m, const struct mail_copy *c, struct err *err)
{
	struct mail_journal *j = &m->journal;
	uint8_t(*hash)[JOURNAL_HASH] = calloc(c->n_rcpt, sizeof(*hash));
	size_t i;
	int rc = hash ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc == 0 && i < c->n_rcpt; i++)
		rc = journal_rcpt(j->key, j->mail, &m->env.rcpt[c->rcpt[i]].addr, hash[i], err);
	if (rc == 0 && !j->begun)
		rc = store_journal_begin(m->session.store, j->mail, (int64_t)time(NULL), err);
	if (rc == 0) {
		j->begun = true;
		rc = store_journal_taken(m->session.store, j->mail,
			(const uint8_t(*)[JOURNAL_HASH])hash, c->n_rcpt, err);
	}
	free(hash);
	return rc;
}

void mail_journal_taken(struct mail *m, const struct mail_copy *c)
{
	struct err err = ERR_INIT;

	/* The only copy, and nothing to do before the mail is closed: that says it all. */
	if (!m->journal.on || (!m->journal.begun && !mail_sent_folder(m)))
		return;
	if (note_taken(m, c, &err) == 0)
		return;
	m->journal.failed = true;
	log_warn("cannot record which recipients were served: %s", err.msg);
}

void mail_journal_kept(struct mail *m)
{
	if (m->journal.on && m->journal.begun)
		m->journal.kept = store_journal_kept(m->session.store, m->journal.mail, NULL) == 0;
}

void mail_journal_end(struct mail *m)
{
	struct mail_journal *j = &m->journal;
	size_t i, taken = j->n_served, missing = 0;
	struct err err = ERR_INIT;
	int rc = 0;

	for (i = 0; i < m->copies.n; i++) {
		taken += m->copies.v[i].state == COPY_TAKEN;
		missing += m->copies.v[i].state != COPY_TAKEN;
	}
	if (!j->on || (taken > 0 && missing > 0))
		return;
	/* Everybody has it; or nobody, and the next one is a mail of its own. */
	if (taken > 0)
		rc = store_journal_close(
			m->session.store, j->mail, j->keys, (int64_t)time(NULL), &err);
	else if (j->begun)
		rc = store_journal_forget(m->session.store, j->mail, &err);
	if (rc < 0)
		log_warn("cannot record that the mail is complete: %s", err.msg);
}

void mail_journal_free(struct mail *m)
{
	if (m->journal.lock >= 0)
		close(m->journal.lock);
	m->journal.lock = -1;
	free(m->journal.served);
	m->journal.served = NULL;
	explicit_bzero(m->journal.key, sizeof(m->journal.key));
}
