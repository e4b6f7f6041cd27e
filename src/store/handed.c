/* SPDX-License-Identifier: ISC */
#include "store/handed.h"

#include <stdlib.h>
#include <string.h>

#include "store/sealed.h"
#include "store/store_priv.h"

static int write_handed(
	struct store *s, const struct handed *h, const uint8_t *sealed_id, struct err *err)
{
	int rc = db_run(&s->db, err,
		"INSERT INTO handed (time, sender, note, queue) VALUES (?1, ?2, ?3, ?4)", "itti",
		h->time, h->sender, h->note, (int64_t)h->queue);
	int64_t id = sqlite3_last_insert_rowid(s->db.h);
	size_t i;

	for (i = 0; rc >= 0 && i < h->n_rcpt && i < HANDED_RCPT_MAX; i++)
		rc = db_run(&s->db, err,
			"INSERT INTO handed_rcpt (handed, pos, address, how, what)"
			" VALUES (?1, ?2, ?3, ?4, ?5)",
			"iitit", id, (int64_t)i, h->rcpt[i].address, (int64_t)h->rcpt[i].how,
			h->rcpt[i].what);
	if (rc >= 0)
		rc = db_run(
			&s->db, err, "DELETE FROM handed WHERE id <= ?1", "i", id - HANDED_KEPT);
	if (rc >= 0 && sealed_id)
		rc = store_sealed_add(s, sealed_id, h->time, err);
	return rc;
}

int store_handed_add(
	struct store *s, const struct handed *h, const uint8_t *sealed_id, struct err *err)
{
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = db_end(&s->db, write_handed(s, h, sealed_id, err), err);
	return rc < 0 ? rc : 0;
}

/* The next recipient. */
static int read_handed_rcpt(struct store *s, sqlite3_stmt *st, struct handed *h, struct err *err)
{
	struct handed_rcpt *p = reallocarray(h->rcpt, h->n_rcpt + 1, sizeof(*p)), *r;
	int how = sqlite3_column_int(st, 1);

	if (!p)
		return err_set(err, ERR_OS, "out of memory");
	h->rcpt = p;
	r = &p[h->n_rcpt];
	if (how < HANDED_SEALED || how > HANDED_BEFORE ||
		db_text(st, 0, r->address, sizeof(r->address)) < 0 ||
		db_text(st, 2, r->what, sizeof(r->what)) < 0)
		return store_damaged(s, "what was handed over", err);
	r->how = (enum handed_how)how;
	h->n_rcpt++;
	return 0;
}

static int read_handed(struct store *s, sqlite3_stmt *mail, struct handed *h, struct err *err)
{
	sqlite3_stmt *st;
	int rc, more = 0;

	memset(h, 0, sizeof(*h));
	h->time = sqlite3_column_int64(mail, 1);
	h->queue = (uint32_t)sqlite3_column_int64(mail, 4);
	if (db_text(mail, 2, h->sender, sizeof(h->sender)) < 0 ||
		db_text(mail, 3, h->note, sizeof(h->note)) < 0)
		return store_damaged(s, "what was handed over", err);
	rc = db_prepare(&s->db, &st, err,
		"SELECT address, how, what FROM handed_rcpt WHERE handed = ?1 ORDER BY pos", "i",
		sqlite3_column_int64(mail, 0));
	if (rc < 0)
		return rc;
	while (rc == 0 && h->n_rcpt < HANDED_RCPT_MAX && (more = db_step(&s->db, st, err)) > 0)
		rc = read_handed_rcpt(s, st, h, err);
	db_done(&s->db, st);
	return more < 0 ? more : rc;
}

int store_handed_each(struct store *s, int max, int (*cb)(const struct handed *h, void *arg),
	void *arg, struct err *err)
{
	struct handed h;
	sqlite3_stmt *st;
	int rc, stop = 0;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT id, time, sender, note, queue FROM handed ORDER BY id DESC LIMIT ?1", "i",
		(int64_t)(max > 0 ? max : 0));
	if (rc < 0)
		return rc;
	while (!stop && (rc = db_step(&s->db, st, err)) > 0) {
		rc = read_handed(s, st, &h, err);
		if (rc == 0)
			stop = cb(&h, arg);
		free(h.rcpt);
		if (rc < 0)
			break;
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}

int store_handed_queued(struct store *s, uint32_t queue, struct handed *h, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT id, time, sender, note, queue FROM handed WHERE queue = ?1"
		" ORDER BY id DESC LIMIT 1",
		"i", (int64_t)queue);
	if (rc < 0)
		return rc;
	rc = db_step(&s->db, st, err);
	if (rc > 0 && read_handed(s, st, h, err) < 0) {
		free(h->rcpt);
		rc = ERR_IO;
	}
	db_done(&s->db, st);
	return rc;
}
