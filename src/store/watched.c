/* SPDX-License-Identifier: ISC */
#include "store/watched.h"

#include "store/store_priv.h"

#define TEXTS 5
#define TEXT_BYTES 2100 /* of one, with its end */

int store_watched_get(
	struct store *s, const char *name, int64_t *asked, struct buf *facts, struct err *err)
{
	sqlite3_stmt *st;
	const char *text;
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_prepare(
		&s->db, &st, err, "SELECT asked, facts FROM watched WHERE name = ?1", "t", name);
	if (rc < 0)
		return rc;
	rc = db_step(&s->db, st, err);
	if (rc > 0) {
		*asked = sqlite3_column_int64(st, 0);
		text = (const char *)sqlite3_column_text(st, 1);
		if (!text || buf_adds(facts, text) < 0)
			rc = store_damaged(s, "what was last known of a domain", err);
	}
	db_done(&s->db, st);
	return rc;
}

static int put_watched(struct store *s, const char *name, int64_t now, const char *facts,
	const struct watched_line *line, size_t n, struct err *err)
{
	size_t i;
	int rc = db_run(&s->db, err,
		"INSERT INTO watched (name, asked, facts) VALUES (?1, ?2, ?3) ON CONFLICT (name)"
		" DO UPDATE SET asked = excluded.asked, facts = excluded.facts",
		"tit", name, now, facts);

	for (i = 0; i < n && rc >= 0; i++)
		rc = db_run(&s->db, err,
			"INSERT INTO watched_line (name, time, alarm, fact, subject, was, is_now)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			"tittttt", name, line[i].time, line[i].alarm, line[i].fact, line[i].subject,
			line[i].before, line[i].after);
	if (rc >= 0 && n > 0)
		rc = db_run(&s->db, err,
			"DELETE FROM watched_line WHERE name = ?1 AND id NOT IN (SELECT id FROM"
			" watched_line WHERE name = ?1 ORDER BY id DESC LIMIT ?2)",
			"ti", name, (int64_t)WATCHED_HISTORY_MAX);
	return rc;
}

int store_watched_put(struct store *s, const char *name, int64_t now, const char *facts,
	const struct watched_line *line, size_t n, struct err *err)
{
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = db_end(&s->db, put_watched(s, name, now, facts, line, n, err), err);
	return rc < 0 ? rc : 0;
}

static int give_watched_line(struct store *s, sqlite3_stmt *st,
	int (*each)(void *arg, const struct watched_line *l), void *arg, struct err *err)
{
	char text[TEXTS][TEXT_BYTES];
	const struct watched_line l = {
		sqlite3_column_int64(st, 0), text[0], text[1], text[2], text[3], text[4]};
	int k;

	for (k = 0; k < TEXTS; k++) {
		if (db_text(st, k + 1, text[k], sizeof(text[k])) < 0)
			return store_damaged(s, "the history of a domain", err);
	}
	return each(arg, &l);
}

int store_watched_history(struct store *s, const char *name,
	int (*each)(void *arg, const struct watched_line *l), void *arg, struct err *err)
{
	sqlite3_stmt *st;
	int rc, n = 0;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT time, alarm, fact, subject, was, is_now FROM watched_line WHERE name = ?1"
		" ORDER BY id",
		"t", name);
	while (rc >= 0 && (rc = db_step(&s->db, st, err)) > 0) {
		rc = give_watched_line(s, st, each, arg, err);
		n++;
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : n;
}
