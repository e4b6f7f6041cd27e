/* SPDX-License-Identifier: ISC */
/* The file of this very mail in the queue: found, and removed once everybody has it. */
#include <time.h>

#include "base/log.h"
#include "mail/mail.h"

int mail_queue_find(struct mail *m, struct err *err)
{
	struct queue q;
	int rc = m->queue.running ? 1 : queue_open(&q, m->app->conf.data_dir, false, err);

	if (rc == 1 && !m->queue.running) {
		rc = queue_find(&q, m->journal.mail, &m->queue.entry, err);
		queue_close(&q);
	}
	if (rc == 1 && !m->journal.done)
		rc = store_journal_hold(
			m->session.store, m->journal.mail, (int64_t)time(NULL), err);
	return rc < 0 ? rc : 0;
}

void mail_queue_done(struct mail *m)
{
	struct err err = ERR_INIT;
	struct queue q;
	int rc;

	if (m->queue.entry.n == 0)
		return;
	rc = queue_open(&q, m->app->conf.data_dir, false, &err);
	if (rc == 1) {
		rc = queue_remove(&q, &m->queue.entry, &err);
		queue_close(&q);
	}
	if (rc == 0)
		rc = store_journal_release(m->session.store, m->queue.entry.mail, &err);
	if (rc < 0)
		log_warn("the mail was sent; it cannot be taken out of the queue: %s", err.msg);
}
