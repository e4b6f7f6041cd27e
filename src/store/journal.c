/* SPDX-License-Identifier: ISC */
#include "store/journal.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "store/store_priv.h"

/* Entries from the future come from a wrong clock. Those of queued mail remain until it leaves the
 * queue.
 */
#define IN_TIME "(closed IS NULL AND (queued OR since BETWEEN ?1 - 432000 AND ?1 + 432000))"
#define MARKED "(closed IS NOT NULL AND (queued OR closed BETWEEN ?1 - 3600 AND ?1 + 3600))"
_Static_assert(JOURNAL_KEPT == 432000 && JOURNAL_MARKED == 3600, "as in IN_TIME and MARKED");

/* Bytes of disk: for the journal and what follows; for each copy that is recorded; for each of its
 * recipients. */
#define SPACE_MIN 262144
#define SPACE_COPY 32768
#define SPACE_RCPT 4096

static int read_key(struct store *s, uint8_t key[JOURNAL_HASH], struct err *err)
{
	sqlite3_stmt *st;
	int rc = db_prepare(&s->db, &st, err, "SELECT key FROM journal_key", "");

	if (rc < 0)
		return rc;
	rc = db_step(&s->db, st, err);
	if (rc > 0 && sqlite3_column_bytes(st, 0) != JOURNAL_HASH)
		rc = store_damaged(s, "the journal's key", err);
	if (rc > 0)
		memcpy(key, sqlite3_column_blob(st, 0), JOURNAL_HASH);
	db_done(&s->db, st);
	return rc;
}

int store_journal_key(struct store *s, uint8_t key[JOURNAL_HASH], struct err *err)
{
	uint8_t fresh[JOURNAL_HASH];
	int rc = s->db.h ? read_key(s, key, err) : 0;

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (getrandom(fresh, sizeof(fresh), 0) != (ssize_t)sizeof(fresh))
		return err_set(err, ERR_OS, "no random numbers: %s", strerror(errno));
	if (s->db.readonly) { /* without a journal any key will do */
		memcpy(key, fresh, sizeof(fresh));
		return 0;
	}
	/* If another process was faster, its key counts. */
	rc = db_run(&s->db, err, "INSERT OR IGNORE INTO journal_key (id, key) VALUES (1, ?1)", "b",
		fresh, sizeof(fresh));
	explicit_bzero(fresh, sizeof(fresh));
	if (rc >= 0)
		rc = read_key(s, key, err);
	return rc < 0 ? rc : rc > 0 ? 0 : store_damaged(s, "the journal's key", err);
}

int store_journal_tidy(struct store *s, int64_t now, struct err *err)
{
	int rc;

	if (!s->db.h || s->db.readonly)
		return 0;
	rc = db_number(&s->db, NULL, err,
		"SELECT 1 FROM journal WHERE NOT coalesce(" IN_TIME " OR " MARKED ", 0) LIMIT 1",
		"i", now);
	if (rc > 0)
		rc = db_run(&s->db, err,
			"DELETE FROM journal WHERE NOT coalesce(" IN_TIME " OR " MARKED ", 0)", "i",
			now);
	return rc < 0 ? rc : 0;
}

int store_journal_ready(struct store *s, struct err *err)
{
	int rc = db_reserve(&s->db, SPACE_MIN, err);

	if (rc == 0)
		rc = db_begin(&s->db, err);
	return rc == 0 ? db_end(&s->db, 0, err) : rc;
}

/* Always writes: what cannot be recorded must not be handed over, or it would be again. */
int store_journal_begin(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err)
{
	int rc = db_run(&s->db, err,
		"INSERT INTO journal (mail, since) VALUES (?2, ?1)"
		" ON CONFLICT (mail) DO UPDATE SET"
		" since = CASE WHEN closed IS NULL THEN since ELSE ?1 END,"
		" kept = CASE WHEN closed IS NULL THEN kept ELSE 0 END, closed = NULL, keys = NULL",
		"ib", now, mail, (size_t)JOURNAL_HASH);

	return rc < 0 ? rc : 0;
}

/* After a mail was begun the log exists, and can be made longer. */
int store_journal_reserve(struct store *s, size_t copies, size_t rcpts, struct err *err)
{
	return db_reserve(&s->db, SPACE_MIN + copies * SPACE_COPY + rcpts * SPACE_RCPT, err);
}

static int write_taken(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t (*rcpt)[JOURNAL_HASH], size_t n, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc >= 0 && i < n; i++)
		rc = db_run(&s->db, err,
			"INSERT INTO journal_rcpt (mail, rcpt) VALUES (?1, ?2) ON CONFLICT DO "
			"NOTHING",
			"bb", mail, (size_t)JOURNAL_HASH, rcpt[i], (size_t)JOURNAL_HASH);
	return rc;
}

int store_journal_taken(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t (*rcpt)[JOURNAL_HASH], size_t n, struct err *err)
{
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = db_end(&s->db, write_taken(s, mail, rcpt, n, err), err);
	return rc < 0 ? rc : 0;
}

int store_journal_has(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], int64_t now, struct err *err)
{
	if (!s->db.h)
		return 0;
	return db_number(&s->db, NULL, err,
		"SELECT 1 FROM journal JOIN journal_rcpt USING (mail)"
		" WHERE mail = ?2 AND rcpt = ?3 AND " IN_TIME,
		"ibb", now, mail, (size_t)JOURNAL_HASH, rcpt, (size_t)JOURNAL_HASH);
}

/* 1 if the query returns a row, else 0. keys: its ?3, which is null if keys is NULL. */
static int row_is_there(struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now,
	const char *sql, const uint8_t *keys, struct err *err)
{
	if (!s->db.h)
		return 0;
	return keys ? db_number(&s->db, NULL, err, sql, "ibb", now, mail, (size_t)JOURNAL_HASH,
			      keys, (size_t)JOURNAL_HASH)
		    : db_number(&s->db, NULL, err, sql, "ib", now, mail, (size_t)JOURNAL_HASH);
}

int store_journal_marked(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t keys[JOURNAL_HASH], int64_t now, struct err *err)
{
	return row_is_there(s, mail, now,
		"SELECT 1 FROM journal WHERE mail = ?2 AND (?3 IS NULL OR keys = ?3 OR queued)"
		" AND " MARKED,
		keys, err);
}

int store_journal_is_kept(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err)
{
	return row_is_there(s, mail, now,
		"SELECT 1 FROM journal WHERE mail = ?2 AND kept AND " IN_TIME, NULL, err);
}

int store_journal_kept(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err)
{
	int rc = db_run(&s->db, err, "UPDATE journal SET kept = 1 WHERE mail = ?1", "b", mail,
		(size_t)JOURNAL_HASH);

	return rc < 0 ? rc : 0;
}

static int write_mark(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t keys[JOURNAL_HASH], int64_t now, struct err *err)
{
	int rc = db_run(&s->db, err,
		"INSERT INTO journal (mail, since, closed, keys) VALUES (?2, ?1, ?1, ?3)"
		" ON CONFLICT (mail) DO UPDATE SET closed = ?1, keys = ?3",
		"ibb", now, mail, (size_t)JOURNAL_HASH, keys, (size_t)JOURNAL_HASH);

	if (rc >= 0)
		rc = db_run(&s->db, err, "DELETE FROM journal_rcpt WHERE mail = ?1", "b", mail,
			(size_t)JOURNAL_HASH);
	return rc;
}

int store_journal_close(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t keys[JOURNAL_HASH], int64_t now, struct err *err)
{
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = db_end(&s->db, write_mark(s, mail, keys, now, err), err);
	return rc < 0 ? rc : 0;
}

int store_journal_forget(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err)
{
	int rc = db_run(&s->db, err, "DELETE FROM journal WHERE mail = ?1", "b", mail,
		(size_t)JOURNAL_HASH);

	return rc < 0 ? rc : 0;
}

int store_journal_hold(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err)
{
	int rc = db_run(&s->db, err,
		"INSERT INTO journal (mail, since, queued) VALUES (?2, ?1, 1)"
		" ON CONFLICT (mail) DO UPDATE SET queued = 1, closed = NULL, keys = NULL",
		"ib", now, mail, (size_t)JOURNAL_HASH);

	return rc < 0 ? rc : 0;
}

static int write_release(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err)
{
	int rc = db_run(&s->db, err, "UPDATE journal SET queued = 0 WHERE mail = ?1", "b", mail,
		(size_t)JOURNAL_HASH);

	if (rc >= 0)
		rc = db_run(&s->db, err, "DELETE FROM queued_seal WHERE mail = ?1", "b", mail,
			(size_t)JOURNAL_HASH);
	return rc;
}

int store_journal_release(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err)
{
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = db_end(&s->db, write_release(s, mail, err), err);
	return rc < 0 ? rc : 0;
}

int store_journal_release_all(struct store *s, struct err *err)
{
	int rc = db_run(&s->db, err, "UPDATE journal SET queued = 0 WHERE queued", "");

	if (rc >= 0)
		rc = db_run(&s->db, err, "DELETE FROM queued_seal", "");
	return rc < 0 ? rc : 0;
}

int store_queued_seal_add(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], struct err *err)
{
	int rc = db_run(&s->db, err,
		"INSERT OR IGNORE INTO queued_seal (mail, rcpt) VALUES (?1, ?2)", "bb", mail,
		(size_t)JOURNAL_HASH, rcpt, (size_t)JOURNAL_HASH);

	return rc < 0 ? rc : 0;
}

int store_queued_seal_has(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], struct err *err)
{
	return db_number(&s->db, NULL, err,
		"SELECT 1 FROM queued_seal WHERE mail = ?1 AND rcpt = ?2", "bb", mail,
		(size_t)JOURNAL_HASH, rcpt, (size_t)JOURNAL_HASH);
}
