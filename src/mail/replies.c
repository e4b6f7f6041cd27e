/* SPDX-License-Identifier: ISC */
/* Answers to sealed mail quote it, and one that is resent is it: they are not to go in clear. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "mail/journal.h"
#include "mail/mail.h"
#include "mime/mime.h"
#include "store/sealed.h"

#define IDS_MAX 1000 /* of one field; threads are shorter */

/* 1: one of the field's is of a sealed mail, and is m's answers from here on. */
static int look_in(struct mail *m, const uint8_t key[JOURNAL_HASH], const char *field, int64_t now,
	struct err *err)
{
	uint8_t hash[JOURNAL_HASH];
	const char *p = field;
	size_t len = 0, n;
	int rc = 0;

	for (n = 0; rc == 0 && n < IDS_MAX && (p = mime_next_id(p, &len)) != NULL; n++, p += len) {
		rc = journal_id(key, p, len, hash, err);
		if (rc == 0)
			rc = store_sealed_has(m->session.store, hash, now, err);
		if (rc == 1)
			m->answers = strndup(p, len);
	}
	return rc == 1 && !m->answers ? err_set(err, ERR_OS, "out of memory") : rc;
}

/* Whether the field's Message-IDs are of mails whose text this one may hold. What is resent is such
 * a mail itself. */
static bool names_mails(const struct message *msg, const struct field *f)
{
	static const char *const names[] = {"In-Reply-To", "References", "X-Forwarded-Message-Id"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(f->name, names[i]) == 0)
			return true;
	}
	return msg->resent && strcasecmp(f->name, "Message-ID") == 0;
}

int mail_answers(struct mail *m, struct err *err)
{
	int64_t now = (int64_t)time(NULL);
	uint8_t key[JOURNAL_HASH];
	const char *field;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->msg.n_field && !m->encrypted; i++) {
		field = m->msg.field[i].value;
		if (!names_mails(&m->msg, &m->msg.field[i]) || !strchr(field, '<'))
			continue;
		rc = store_journal_key(m->session.store, key, err);
		if (rc == 0)
			rc = look_in(m, key, field, now, err);
	}
	explicit_bzero(key, sizeof(key));
	return rc < 0 ? rc : 0;
}

/* Whether nothing of it went out in clear, and all of it is out. */
static bool all_sealed(const struct copies *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->v[i].state != COPY_TAKEN || c->v[i].how == COPY_CLEAR)
			return false;
	}
	return c->n > 0;
}

int mail_sealed_id(const struct mail *m, uint8_t hash[JOURNAL_HASH], struct err *err)
{
	const char *made = message_made_value(&m->msg.made, "Message-ID"), *id;
	size_t len;
	int rc;

	id = made ? made : message_field(&m->msg, "Message-ID");
	id = id ? mime_next_id(id, &len) : NULL;
	if (!id || !all_sealed(&m->copies))
		return 0;
	rc = journal_id(m->journal.key, id, len, hash, err);
	return rc < 0 ? rc : 1;
}
