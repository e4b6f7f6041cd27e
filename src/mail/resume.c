/* Exactly once: who has a mail already when it is sent again, and what is noted for that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "mail/mail.h"
#include "mail/journal.h"

bool mail_served(const struct mail *m, size_t i)
{
	return m->journal.served && m->journal.served[i];
}

/* Whom the journal has; copies of which all have it are done. */
static int look_up(struct mail *m, struct err *err)
{
	struct mail_journal *j = &m->journal;
	uint8_t hash[JOURNAL_HASH];
	int64_t now = (int64_t)time(NULL);
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

/* With one copy there is nothing to go on with, unless there were more of them in an earlier try.
 */
static int wanted(const struct mail *m, struct err *err)
{
	int rc;

	if (m->filter || m->copies.n == 0)
		return 0;
	rc = store_journal_any(m->session.store, (int64_t)time(NULL), err);
	return rc < 0 ? rc : rc == 1 || m->copies.n > 1;
}

int mail_resume(struct mail *m, struct err *err)
{
	struct mail_journal *j = &m->journal;
	const char *sender = "";
	int rc = wanted(m, err);

	if (rc <= 0)
		return rc;
	if (m->args.have_sender)
		sender = m->args.sender[0] != '\0' ? m->args.sender : "<>";
	rc = store_journal_key(m->session.store, j->key, err);
	if (rc == 0)
		rc = journal_mail(j->key, &m->msg, &m->env, sender, j->mail, err);
	if (rc <= 0)
		return rc;
	rc = m->args.explain ? 0 : journal_lock(m->app->conf.data_dir, j->mail, &j->lock, err);
	if (rc == 0)
		rc = look_up(m, err);
	if (rc < 0)
		return rc;
	j->on = true;
	if (j->n_served > 0)
		log_info(
			"%zu of %zu recipients have it from an earlier try", j->n_served, m->env.n);
	return 0;
}

int mail_journal_begin(struct mail *m, struct err *err)
{
	struct mail_journal *j = &m->journal;

	/* One copy is taken as a whole, or not at all. */
	if (m->copies.n < 2 && j->n_served == 0)
		j->on = false;
	return j->on ? store_journal_begin(m->session.store, j->mail, (int64_t)time(NULL), err) : 0;
}

void mail_journal_taken(struct mail *m, const struct mail_copy *c)
{
	struct mail_journal *j = &m->journal;
	uint8_t(*hash)[JOURNAL_HASH];
	struct err err = ERR_INIT;
	size_t i;
	int rc = 0;

	if (!j->on)
		return;
	hash = calloc(c->n_rcpt, sizeof(*hash));
	if (!hash)
		rc = err_set(&err, ERR_OS, "out of memory");
	for (i = 0; rc == 0 && i < c->n_rcpt; i++)
		rc = journal_rcpt(j->key, j->mail, &m->env.rcpt[c->rcpt[i]].addr, hash[i], &err);
	if (rc == 0)
		rc = store_journal_taken(m->session.store, j->mail,
			(const uint8_t(*)[JOURNAL_HASH])hash, c->n_rcpt, &err);
	free(hash);
	if (rc == 0)
		return;
	j->failed = true;
	log_warn("who has this mail cannot be noted: %s", err.msg);
}

void mail_journal_end(struct mail *m)
{
	size_t i, taken = m->journal.n_served, missing = 0;
	struct err err = ERR_INIT;

	for (i = 0; i < m->copies.n; i++) {
		taken += m->copies.v[i].state == COPY_TAKEN;
		missing += m->copies.v[i].state != COPY_TAKEN;
	}
	/* Everybody has it, or nobody: the next one is a mail of its own. */
	if (!m->journal.on || (taken > 0 && missing > 0))
		return;
	if (store_journal_close(m->session.store, m->journal.mail, &err) < 0)
		log_warn("a mail that is complete cannot be forgotten: %s", err.msg);
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
