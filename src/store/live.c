/* SPDX-License-Identifier: ISC */
#include "store/live.h"

#include <string.h>

#include "store/store_priv.h"

#define THING_MAX 512

/* One number of one row; 0 if there is none. */
static int read_live_number(struct store *s, const char *sql, const char *domain, const char *thing,
	int64_t number, int64_t *out, struct err *err)
{
	int rc;

	*out = 0;
	rc = db_number(&s->db, out, err, sql, "tti", domain, thing, number);
	return rc < 0 ? rc : 0;
}

int store_live_seen(struct store *s, const char *domain, const char *thing, int64_t number,
	int64_t now, int64_t *first, struct err *err)
{
	int rc;

	*first = now;
	if (!s->db.h)
		return 0;
	rc = db_run(&s->db, err,
		"INSERT INTO live (domain, thing, number, first, last) VALUES (?1, ?2, ?3, ?4, ?4)"
		" ON CONFLICT (domain, thing, number) DO UPDATE SET last = max(last, "
		"excluded.last)",
		"ttii", domain, thing, number, now);
	return rc < 0 ? rc
		      : read_live_number(s,
				"SELECT first FROM live WHERE domain = ?1 AND thing = ?2 AND "
				"number = "
				"?3",
				domain, thing, number, first, err);
}

int store_live_since(
	struct store *s, const char *domain, const char *thing, int64_t *first, struct err *err)
{
	*first = 0;
	return s->db.h ? read_live_number(s,
				 "SELECT coalesce(min(first), 0) FROM live WHERE domain = ?1 AND "
				 "thing = ?2 AND ?3 = 0",
				 domain, thing, 0, first, err)
		       : 0;
}

int store_live_gone(struct store *s, const char *domain, const char *thing, struct err *err)
{
	int rc = s->db.h ? db_run(&s->db, err, "DELETE FROM live WHERE domain = ?1 AND thing = ?2",
				   "tt", domain, thing)
			 : 0;

	return rc < 0 ? rc : 0;
}

int store_live_changed(struct store *s, const char *domain, const char *prefix, const char *thing,
	int64_t number, int64_t now, struct err *err)
{
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_run(&s->db, err,
		"WITH latest (at) AS (SELECT max(last) FROM live WHERE domain = ?1"
		" AND substr(thing, 1, length(?2)) = ?2)"
		" UPDATE live SET last = max(last, ?5 - 1) WHERE domain = ?1"
		" AND substr(thing, 1, length(?2)) = ?2 AND last = (SELECT at FROM latest)"
		" AND NOT EXISTS (SELECT 1 FROM live AS one WHERE one.domain = ?1 AND one.thing = "
		"?3"
		" AND one.number = ?4 AND one.last >= (SELECT at FROM latest))",
		"tttii", domain, prefix, thing, number, now);
	return rc < 0 ? rc : 0;
}

int store_live_until(
	struct store *s, const char *domain, const char *prefix, int64_t *until, struct err *err)
{
	return store_live_until_other(s, domain, prefix, -1, until, err);
}

int store_live_until_other(struct store *s, const char *domain, const char *prefix, int64_t number,
	int64_t *until, struct err *err)
{
	*until = 0;
	return s->db.h ? read_live_number(s,
				 "SELECT coalesce(max(last + number), 0) FROM live WHERE domain = "
				 "?1"
				 " AND substr(thing, 1, length(?2)) = ?2 AND number <> ?3",
				 domain, prefix, number, until, err)
		       : 0;
}

int store_live_each(struct store *s, const char *domain, const char *prefix,
	int (*each)(void *arg, const char *rest), void *arg, struct err *err)
{
	char thing[THING_MAX];
	sqlite3_stmt *st = NULL;
	int rc, row;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT DISTINCT thing FROM live WHERE domain = ?1"
		" AND substr(thing, 1, length(?2)) = ?2 ORDER BY thing",
		"tt", domain, prefix);
	while (rc >= 0 && (row = db_step(&s->db, st, err)) != 0) {
		rc = row;
		if (rc > 0)
			rc = db_text(st, 0, thing, sizeof(thing)) < 0
				     ? store_damaged(s, "what was seen live", err)
				     : each(arg, thing + strlen(prefix));
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}
