/* SPDX-License-Identifier: ISC */
/* History: the log, observations, refusals. */
#include "store/store_priv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OBSERVATIONS_KEPT 32
#define REFUSALS_KEPT 100
#define REFUSAL_RCPT_MAX 1000 /* recipients recorded for one refusal */

/* A row's text, borrowed until the next step. */
static const char *text_at(sqlite3_stmt *st, int col)
{
	const char *s = (const char *)sqlite3_column_text(st, col);

	return s ? s : "";
}

int log_add(struct store *s, int64_t now, const char *address, const char *event, const char *fpr,
	const char *what, struct err *err)
{
	return db_run(&s->db, err,
		"INSERT INTO log (time, address, event, fpr, what) VALUES (?1, ?2, ?3, ?4, ?5)",
		"itttt", now, address, event, fpr, what);
}

int store_log(
	struct store *s, const char *address, const char *event, const char *what, struct err *err)
{
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = log_add(s, (int64_t)time(NULL), address, event, "", what, err);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : 0;
}

int store_log_each(struct store *s, const char *address,
	int (*cb)(const struct log_line *l, void *arg), void *arg, struct err *err)
{
	struct log_line l;
	sqlite3_stmt *st;
	int rc, stop = 0;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT time, address, event, fpr, what FROM log"
		" WHERE ?1 IS NULL OR address = ?1 ORDER BY id",
		"t", address);
	if (rc < 0)
		return rc;
	while (!stop && (rc = db_step(&s->db, st, err)) > 0) {
		l.time = sqlite3_column_int64(st, 0);
		l.address = text_at(st, 1);
		l.event = text_at(st, 2);
		l.fpr = text_at(st, 3);
		l.what = text_at(st, 4);
		stop = cb(&l, arg);
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}

int observation_add(struct store *s, int64_t now, const char *address, const char *fpr, bool held,
	const char *method, const char *evidence, struct err *err)
{
	int rc = db_run(&s->db, err,
		"INSERT INTO observation (address, time, fpr, held, method, evidence)"
		" VALUES (?1, ?2, ?3, ?4, ?5,"
		" coalesce(?6, (SELECT evidence FROM pin WHERE address = ?1), ''))",
		"tititt", address, now, fpr, (int64_t)held, method, evidence);

	if (rc < 0)
		return rc;
	return db_run(&s->db, err,
		"DELETE FROM observation WHERE address = ?1 AND id NOT IN"
		" (SELECT id FROM observation WHERE address = ?1 ORDER BY id DESC LIMIT ?2)",
		"ti", address, (int64_t)OBSERVATIONS_KEPT);
}

int store_observation_each(struct store *s, const char *address,
	int (*cb)(const struct observation *o, void *arg), void *arg, struct err *err)
{
	struct observation o;
	sqlite3_stmt *st;
	int rc, stop = 0;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT time, fpr, held, method, evidence FROM observation"
		" WHERE address = ?1 ORDER BY id DESC",
		"t", address);
	if (rc < 0)
		return rc;
	while (!stop && (rc = db_step(&s->db, st, err)) > 0) {
		o.time = sqlite3_column_int64(st, 0);
		o.fpr = text_at(st, 1);
		o.held = sqlite3_column_int(st, 2) != 0;
		o.method = text_at(st, 3);
		o.evidence = text_at(st, 4);
		stop = cb(&o, arg);
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}

static int write_refusal(struct store *s, const struct refusal *r, struct err *err)
{
	int64_t id, now = r->time ? r->time : (int64_t)time(NULL);
	size_t i;
	int rc = db_run(&s->db, err,
		"INSERT INTO refusal (time, exit, sender, hint, mta) VALUES (?1, ?2, ?3, ?4, ?5)",
		"iitti", now, (int64_t)r->exit, r->sender, r->hint, (int64_t)r->mta);

	if (rc < 0)
		return rc;
	id = sqlite3_last_insert_rowid(s->db.h);
	for (i = 0; i < r->n_rcpt && i < REFUSAL_RCPT_MAX && rc >= 0; i++)
		rc = db_run(&s->db, err,
			"INSERT INTO refusal_rcpt (refusal, pos, address, reason, allowable)"
			" VALUES (?1, ?2, ?3, ?4, ?5)",
			"iitti", id, (int64_t)i, r->rcpt[i].address, r->rcpt[i].reason,
			(int64_t)r->rcpt[i].allowable);
	if (rc >= 0)
		rc = db_run(&s->db, err,
			"DELETE FROM refusal WHERE id NOT IN"
			" (SELECT id FROM refusal ORDER BY id DESC LIMIT ?1)",
			"i", (int64_t)REFUSALS_KEPT);
	return rc;
}

int store_refusal_add(struct store *s, const struct refusal *r, struct err *err)
{
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = db_end(&s->db, write_refusal(s, r, err), err);
	return rc < 0 ? rc : 0;
}

/* Reads the recipients of refusal id into r->rcpt. */
static int read_rcpt(struct store *s, int64_t id, struct refusal *r, struct err *err)
{
	sqlite3_stmt *st;
	void *p;
	int rc = db_prepare(&s->db, &st, err,
		"SELECT address, reason, allowable FROM refusal_rcpt"
		" WHERE refusal = ?1 ORDER BY pos",
		"i", id);

	if (rc < 0)
		return rc;
	while (r->n_rcpt < REFUSAL_RCPT_MAX && (rc = db_step(&s->db, st, err)) > 0) {
		p = reallocarray(r->rcpt, r->n_rcpt + 1, sizeof(*r->rcpt));
		if (!p) {
			rc = err_set(err, ERR_OS, "out of memory");
			break;
		}
		r->rcpt = p;
		if (db_text(st, 0, r->rcpt[r->n_rcpt].address, sizeof(r->rcpt->address)) < 0 ||
			db_text(st, 1, r->rcpt[r->n_rcpt].reason, sizeof(r->rcpt->reason)) < 0) {
			rc = store_damaged(s, "a refusal", err);
			break;
		}
		r->rcpt[r->n_rcpt++].allowable = sqlite3_column_int(st, 2) != 0;
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}

static int read_refusal(struct store *s, sqlite3_stmt *st, struct refusal *r, struct err *err)
{
	memset(r, 0, sizeof(*r));
	r->time = sqlite3_column_int64(st, 1);
	r->exit = sqlite3_column_int(st, 2);
	if (db_text(st, 3, r->sender, sizeof(r->sender)) < 0 ||
		db_text(st, 4, r->hint, sizeof(r->hint)) < 0)
		return store_damaged(s, "a refusal", err);
	r->mta = sqlite3_column_int(st, 5) != 0;
	return read_rcpt(s, sqlite3_column_int64(st, 0), r, err);
}

int store_refusal_each(struct store *s, int max, int (*cb)(const struct refusal *r, void *arg),
	void *arg, struct err *err)
{
	struct refusal r;
	sqlite3_stmt *st;
	int rc, stop = 0;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT id, time, exit, sender, hint, mta FROM refusal"
		" ORDER BY id DESC LIMIT ?1",
		"i", (int64_t)(max > 0 ? max : 0));
	if (rc < 0)
		return rc;
	while (!stop && (rc = db_step(&s->db, st, err)) > 0) {
		rc = read_refusal(s, st, &r, err);
		if (rc == 0)
			stop = cb(&r, arg);
		free(r.rcpt);
		if (rc < 0)
			break;
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}

int store_refused_since(struct store *s, const char *address, int exit, int64_t since,
	int64_t *first, struct err *err)
{
	int rc;

	*first = 0;
	if (!s->db.h)
		return 0;
	rc = db_number(&s->db, first, err,
		"SELECT min(time) FROM refusal JOIN refusal_rcpt ON refusal = id"
		" WHERE address = ?1 AND exit = ?2 AND time >= ?3 AND mta = 0",
		"tii", address, (int64_t)exit, since);
	return rc < 0 ? rc : 0;
}

int store_other_answered(struct store *s, const char *domain, int64_t since, struct err *err)
{
	if (!s->db.h)
		return 0;
	return db_number(&s->db, NULL, err,
		"SELECT 1 FROM observation WHERE time >= ?1 AND method LIKE 'wkd%'"
		" AND substr(address, instr(address, '@') + 1) <> ?2 LIMIT 1",
		"it", since, domain);
}
