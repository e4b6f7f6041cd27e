/* What a person decides about certificates, and what is set aside by it. */
#include "store/store_priv.h"

#include <string.h>
#include <time.h>

#define FORMER_KEPT 8 /* former pins of one address; what was rejected is kept for good */

#define ASIDE_COLUMNS                                                                              \
	"address, fpr, rejected, since, cert, expires, revoked, enc_keyids, first_seen, "          \
	"last_seen,"                                                                               \
	" method, evidence"

/* Once rejected or revoked, so for good: what is known already counts. */
#define ASIDE_CONFLICT                                                                             \
	" ON CONFLICT (address, fpr) DO UPDATE SET rejected = max(rejected, excluded.rejected),"   \
	" since = excluded.since, cert = excluded.cert, expires = excluded.expires,"               \
	" revoked = max(revoked, excluded.revoked), enc_keyids = excluded.enc_keyids,"             \
	" last_seen = excluded.last_seen, method = excluded.method, evidence = excluded.evidence"

/* ?1 address, ?2 fingerprint, ?3 now. */
#define ASIDE_FROM_PIN(rejected, which)                                                            \
	"INSERT INTO aside (" ASIDE_COLUMNS ") SELECT address, fpr, " rejected                     \
	", ?3, cert, expires,"                                                                     \
	" revoked, enc_keyids, first_seen, last_seen, method, evidence FROM pin"                   \
	" WHERE address = ?1 AND fpr <> '' AND " which ASIDE_CONFLICT
#define ASIDE_FROM_HELD(rejected)                                                                  \
	"INSERT INTO aside (" ASIDE_COLUMNS ") SELECT address, fpr, " rejected                     \
	", ?3, cert, expires,"                                                                     \
	" revoked, enc_keyids, first_seen, last_seen, method, evidence FROM held"                  \
	" WHERE address = ?1 AND fpr = ?2" ASIDE_CONFLICT

int aside_pin(struct store *s, int64_t now, const char *address, const char *fpr, struct err *err)
{
	int rc = db_run(&s->db, err, ASIDE_FROM_PIN("state = 'rejected'", "fpr <> ?2"), "tti",
		address, fpr, now);

	return rc < 0 ? rc : 0;
}

int aside_settle(struct store *s, int64_t now, const char *address, struct err *err)
{
	int rc = db_run(&s->db, err, ASIDE_FROM_PIN("1", "state = 'rejected' AND ?2 = ''"), "tti",
		address, "", now);

	if (rc >= 0)
		rc = db_run(&s->db, err,
			"DELETE FROM aside WHERE address = ?1 AND NOT rejected"
			" AND (fpr IN (SELECT fpr FROM pin WHERE address = ?1) OR fpr NOT IN"
			" (SELECT fpr FROM aside WHERE address = ?1 AND NOT rejected"
			" ORDER BY since DESC, rowid DESC LIMIT ?2))",
			"ti", address, (int64_t)FORMER_KEPT);
	return rc < 0 ? rc : 0;
}

/* 1 if the query, of an address, a fingerprint and the time, has a row. */
static int asked(struct store *s, const char *sql, const char *address, const char *fpr,
	int64_t now, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err, sql, "tti", address, fpr, now);
	if (rc == 0)
		rc = db_step(&s->db, st, err);
	sqlite3_finalize(st);
	return rc;
}

int store_rejected(struct store *s, const char *address, const char *fpr, struct err *err)
{
	return asked(s, "SELECT 1 FROM aside WHERE address = ?1 AND fpr = ?2 AND rejected AND ?3",
		address, fpr, 1, err);
}

int store_pin_still(struct store *s, const char *address, const char *fpr, struct err *err)
{
	return asked(s,
		"SELECT 1 FROM pin WHERE address = ?1 AND fpr = ?2 AND fpr <> ''"
		" AND state IN ('tofu', 'verified') AND NOT revoked"
		" AND (expires = 0 OR expires > ?3)",
		address, fpr, (int64_t)time(NULL), err);
}

int store_seen_revoked(struct store *s, const char *address, const char *fpr, struct err *err)
{
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = db_run(&s->db, err, "UPDATE held SET revoked = 1 WHERE address = ?1 AND fpr = ?2",
		"tt", address, fpr);
	if (rc >= 0)
		rc = db_run(&s->db, err,
			"UPDATE aside SET revoked = 1 WHERE address = ?1 AND fpr = ?2", "tt",
			address, fpr);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : 0;
}

/* Runs statements in turn, each with address, fingerprint and time; the rows that the last one
 * changed. */
static int run_all(struct store *s, const char *const *sql, const char *address, const char *fpr,
	int64_t now, struct err *err)
{
	int rc = 0;

	for (; *sql && rc >= 0; sql++)
		rc = db_run(&s->db, err, *sql, "tti", address, fpr, now);
	return rc;
}

#define USABLE "NOT revoked AND (expires = 0 OR expires > ?3) AND length(enc_keyids) > 0"

/* Of the same certificate in two places, each must be usable. */
static const char acceptable[] =
	"SELECT 1 FROM (SELECT min(ok) AS ok FROM"
	" (SELECT " USABLE " AS ok FROM held WHERE address = ?1 AND fpr = ?2"
	" UNION ALL SELECT " USABLE " FROM aside WHERE address = ?1 AND fpr = ?2"
	" UNION ALL SELECT " USABLE " FROM pin WHERE address = ?1 AND fpr = ?2)) WHERE ok";

#define LOG(event, what)                                                                           \
	"INSERT INTO log (time, address, event, fpr, what) VALUES (?3, ?1, '" event "', ?2, " what \
	")"

/* The pin itself may be what is accepted: then only its state changes. */
static const char *const accept_steps[] = {
	LOG("accepted",
		"coalesce((SELECT CASE fpr WHEN '' THEN 'in place of an allow-clear' WHEN ?2 THEN"
		" 'was ' || state ELSE 'in place of ' || fpr END FROM pin WHERE address = ?1),"
		" 'there was no pin')"),
	ASIDE_FROM_PIN("state = 'rejected'", "fpr <> ?2"),
	ASIDE_FROM_PIN("0", "fpr = ?2"),
	ASIDE_FROM_HELD("0"),
	"INSERT INTO pin (address, state, fpr, cert, expires, revoked, enc_keyids, first_seen,"
	" last_seen, method, evidence) SELECT address, 'tofu', fpr, cert, expires, revoked,"
	" enc_keyids, first_seen, last_seen, method, evidence FROM aside"
	" WHERE address = ?1 AND fpr = ?2 AND ?3"
	" ON CONFLICT (address) DO UPDATE SET state = 'tofu', fpr = excluded.fpr,"
	" cert = excluded.cert, expires = excluded.expires, revoked = excluded.revoked,"
	" enc_keyids = excluded.enc_keyids, first_seen = excluded.first_seen,"
	" last_seen = excluded.last_seen, method = excluded.method, evidence = excluded.evidence",
	"DELETE FROM aside WHERE address = ?1 AND fpr = ?2 AND ?3",
	"DELETE FROM held WHERE address = ?1 AND fpr = ?2 AND ?3",
	NULL,
};

int store_pin_accept(struct store *s, const char *address, const char *fpr, struct err *err)
{
	int64_t now = (int64_t)time(NULL);
	int found, rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = found = asked(s, acceptable, address, fpr, now, err);
	if (rc > 0)
		rc = run_all(s, accept_steps, address, fpr, now, err);
	if (rc >= 0 && found)
		rc = aside_settle(s, now, address, err);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : found;
}

static const char *const reject_steps[] = {
	LOG("rejected", "CASE WHEN EXISTS (SELECT 1 FROM pin WHERE address = ?1 AND fpr = ?2)"
			" THEN 'it was the pin' WHEN EXISTS (SELECT 1 FROM held WHERE address = ?1"
			" AND fpr = ?2) THEN 'it was held' ELSE 'it was the pin once' END"),
	ASIDE_FROM_PIN("1", "fpr = ?2"),
	ASIDE_FROM_HELD("1"),
	"UPDATE aside SET rejected = 1, since = ?3 WHERE address = ?1 AND fpr = ?2",
	"UPDATE pin SET state = 'rejected' WHERE address = ?1 AND fpr = ?2 AND ?3",
	"DELETE FROM held WHERE address = ?1 AND fpr = ?2 AND ?3",
	NULL,
};

int store_pin_reject(struct store *s, const char *address, const char *fpr, struct err *err)
{
	int64_t now = (int64_t)time(NULL);
	int found, rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = found = asked(s,
		"SELECT 1 FROM (SELECT fpr FROM held WHERE address = ?1 AND fpr = ?2"
		" UNION SELECT fpr FROM pin WHERE address = ?1 AND fpr = ?2 AND fpr <> ''"
		" AND state <> 'rejected'"
		" UNION SELECT fpr FROM aside WHERE address = ?1 AND fpr = ?2 AND NOT rejected)"
		" WHERE ?3",
		address, fpr, now, err);
	if (rc > 0)
		rc = run_all(s, reject_steps, address, fpr, now, err);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : found;
}

int store_pin_verify(struct store *s, const char *address, const char *fpr, struct err *err)
{
	int64_t now = (int64_t)time(NULL);
	int n, rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = n = db_run(&s->db, err,
		"UPDATE pin SET state = 'verified' WHERE address = ?1 AND fpr = ?2 AND fpr <> ''"
		" AND state IN ('tofu', 'verified') AND NOT revoked",
		"tt", address, fpr);
	if (n > 0)
		rc = log_add(s, now, address, "verified", fpr, "", err);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : n;
}

int store_aside_each(struct store *s, const char *address,
	int (*cb)(const struct aside *a, void *arg), void *arg, struct err *err)
{
	struct aside a;
	sqlite3_stmt *st;
	int rc, stop = 0;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT fpr, rejected, since, expires, revoked, length(enc_keyids) FROM aside"
		" WHERE address = ?1 ORDER BY since DESC, rowid DESC",
		"t", address);
	if (rc < 0)
		return rc;
	while (!stop && (rc = db_step(&s->db, st, err)) > 0) {
		if (db_text(st, 0, a.fpr, sizeof(a.fpr)) < 0 || !is_fpr(a.fpr)) {
			rc = store_damaged(s, "a certificate set aside", err);
			break;
		}
		a.rejected = sqlite3_column_int(st, 1) != 0;
		a.since = sqlite3_column_int64(st, 2);
		a.expires = sqlite3_column_int64(st, 3);
		a.revoked = sqlite3_column_int(st, 4) != 0;
		a.can_encrypt = sqlite3_column_int(st, 5) > 0;
		stop = cb(&a, arg);
	}
	sqlite3_finalize(st);
	return rc < 0 ? rc : 0;
}
