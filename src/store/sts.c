/* SPDX-License-Identifier: ISC */
#include "store/sts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "store/store_priv.h"

void sts_policy_free(struct sts_policy *p)
{
	if (!p)
		return;
	free(p->text);
	memset(p, 0, sizeof(*p));
}

static bool in_bounds(const struct sts_policy *p)
{
	return p->domain[0] != '\0' && p->id[0] != '\0' && p->text &&
	       strlen(p->text) <= STS_TEXT_MAX && p->max_age >= 0 &&
	       p->max_age <= STS_MAX_AGE_MAX && p->fetched > 0;
}

/* Reads a row: id, policy, fetched, max_age. On failure *p holds nothing to free. */
static int read_policy(struct store *s, sqlite3_stmt *st, struct sts_policy *p, struct err *err)
{
	p->text = malloc(STS_TEXT_MAX + 1);
	if (!p->text)
		return err_set(err, ERR_OS, "out of memory");
	if (db_text(st, 0, p->id, sizeof(p->id)) == 0 &&
		db_text(st, 1, p->text, STS_TEXT_MAX + 1) == 0) {
		p->fetched = sqlite3_column_int64(st, 2);
		p->max_age = sqlite3_column_int64(st, 3);
		if (in_bounds(p))
			return 0;
	}
	sts_policy_free(p);
	return store_damaged(s, "an MTA-STS policy", err);
}

int store_sts_get(
	struct store *s, const char *domain, int64_t now, struct sts_policy *p, struct err *err)
{
	struct sts_policy got = {0};
	sqlite3_stmt *st;
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT id, policy, fetched, max_age FROM sts WHERE domain = ?1 AND fetched + "
		"max_age > ?2",
		"ti", domain, now);
	if (rc < 0)
		return rc;
	rc = db_step(&s->db, st, err);
	if (rc > 0) {
		snprintf(got.domain, sizeof(got.domain), "%s", domain);
		rc = read_policy(s, st, &got, err);
		if (rc == 0) {
			*p = got;
			rc = 1;
		}
	}
	db_done(&s->db, st);
	return rc;
}

/* 1: the same text with the same id is stored already. */
static int same_there(struct store *s, const struct sts_policy *p, struct err *err)
{
	return db_number(&s->db, NULL, err,
		"SELECT 1 FROM sts WHERE domain = ?1 AND id = ?2 AND policy = ?3", "ttt", p->domain,
		p->id, p->text);
}

static int put_sts(struct store *s, const struct sts_policy *p, struct err *err)
{
	char until[TEXT_TIME_MAX], what[128];
	int64_t now = (int64_t)time(NULL);
	int same, rc;

	rc = db_run(&s->db, err, "DELETE FROM sts WHERE fetched + max_age <= ?1", "i", now);
	same = rc < 0 ? rc : same_there(s, p, err);
	if (same < 0)
		return same;
	/* A stored policy from the future comes from a wrong clock and does not count as later. */
	rc = db_run(&s->db, err,
		"INSERT INTO sts (domain, id, policy, fetched, max_age) VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (domain) DO UPDATE SET id = excluded.id, policy = excluded.policy,"
		" fetched = excluded.fetched, max_age = excluded.max_age"
		" WHERE fetched <= excluded.fetched OR fetched > ?6",
		"tttiii", p->domain, p->id, p->text, p->fetched, p->max_age, now);
	if (rc <= 0 || same)
		return rc;
	text_time(until, p->fetched + p->max_age);
	snprintf(what, sizeof(what), "policy %s, in force until %s", p->id, until);
	rc = log_add(s, now, p->domain, "mta-sts", "", what, err);
	return rc < 0 ? rc : 1;
}

int store_sts_put(struct store *s, const struct sts_policy *p, struct err *err)
{
	int rc;

	if (!in_bounds(p))
		return err_set(err, ERR_INTERNAL, "an MTA-STS policy is out of bounds");
	rc = db_begin(&s->db, err);
	if (rc < 0)
		return rc;
	rc = db_end(&s->db, put_sts(s, p, err), err);
	return rc < 0 ? rc : rc > 0;
}
