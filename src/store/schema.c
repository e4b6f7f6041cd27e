/* SPDX-License-Identifier: ISC */
#include "store/schema.h"

#include <stdio.h>

#define APPLICATION_ID 0x53504f53 /* "SPOS" */
#define STRICT_SINCE 3037000      /* SQLite's version with STRICT tables */

/* A table's text lacks its closing parenthesis; strict ones get " STRICT" if the library supports
 * it. */
struct step {
	const char *sql;
	bool table;
};

/*
 * Version 1. pin.address is a domain for a domain-wide allow-clear. served outlives pins: a domain
 * that once had a certificate never falls back to clear text by a domain-wide rule. log only grows.
 */
static const struct step version_1[] = {
	{"CREATE TABLE pin (address TEXT PRIMARY KEY NOT NULL CHECK (address <> ''),"
	 " state TEXT NOT NULL CHECK (state IN ('tofu', 'verified', 'rejected', 'clear')),"
	 " fpr TEXT NOT NULL, cert BLOB NOT NULL, expires INTEGER NOT NULL, revoked INTEGER NOT "
	 "NULL,"
	 " enc_keyids BLOB NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,"
	 " method TEXT NOT NULL, evidence TEXT NOT NULL,"
	 " CHECK ((state = 'clear') = (fpr = '')))",
		true},
	{"CREATE TABLE held (address TEXT PRIMARY KEY NOT NULL"
	 " REFERENCES pin (address) ON DELETE CASCADE, fpr TEXT NOT NULL CHECK (fpr <> ''),"
	 " cert BLOB NOT NULL, expires INTEGER NOT NULL, enc_keyids BLOB NOT NULL, uid TEXT NOT "
	 "NULL,"
	 " first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, method TEXT NOT NULL,"
	 " evidence TEXT NOT NULL)",
		true},
	{"CREATE TABLE observation (id INTEGER PRIMARY KEY, address TEXT NOT NULL,"
	 " time INTEGER NOT NULL, fpr TEXT NOT NULL, held INTEGER NOT NULL, method TEXT NOT NULL,"
	 " evidence TEXT NOT NULL)",
		true},
	{"CREATE INDEX observation_address ON observation (address, id)", false},
	{"CREATE TABLE served (domain TEXT PRIMARY KEY NOT NULL, since INTEGER NOT NULL)", true},
	{"CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL,"
	 " address TEXT NOT NULL, event TEXT NOT NULL, fpr TEXT NOT NULL, what TEXT NOT NULL)",
		true},
	{"CREATE INDEX log_address ON log (address, id)", false},
	{"CREATE TRIGGER log_kept BEFORE DELETE ON log"
	 " BEGIN SELECT RAISE(ABORT, 'the log only grows'); END",
		false},
	{"CREATE TRIGGER log_unchanged BEFORE UPDATE ON log"
	 " BEGIN SELECT RAISE(ABORT, 'the log only grows'); END",
		false},
	{"CREATE TABLE refusal (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL,"
	 " exit INTEGER NOT NULL, sender TEXT NOT NULL, hint TEXT NOT NULL)",
		true},
	{"CREATE TABLE refusal_rcpt (refusal INTEGER NOT NULL"
	 " REFERENCES refusal (id) ON DELETE CASCADE, pos INTEGER NOT NULL, address TEXT NOT NULL,"
	 " reason TEXT NOT NULL, allowable INTEGER NOT NULL, PRIMARY KEY (refusal, pos))",
		true},
	{NULL, false},
};

/*
 * Version 2. aside: certificates rejected by the user, which outlive the pin, and former pins, so
 * that a decision can be undone. held.certified: whether the pinned key certified it; NULL: not
 * known.
 */
static const struct step version_2[] = {
	{"CREATE TABLE aside (address TEXT NOT NULL CHECK (address <> ''),"
	 " fpr TEXT NOT NULL CHECK (fpr <> ''), rejected INTEGER NOT NULL, since INTEGER NOT NULL,"
	 " cert BLOB NOT NULL, expires INTEGER NOT NULL, revoked INTEGER NOT NULL,"
	 " enc_keyids BLOB NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,"
	 " method TEXT NOT NULL, evidence TEXT NOT NULL, PRIMARY KEY (address, fpr))",
		true},
	{"INSERT INTO aside SELECT address, fpr, 1, last_seen, cert, expires, revoked, enc_keyids,"
	 " first_seen, last_seen, method, evidence FROM pin WHERE state = 'rejected'",
		false},
	{"ALTER TABLE held ADD COLUMN certified INTEGER", false},
	{"ALTER TABLE held ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0", false},
	{NULL, false},
};

/* Version 3. What src/store/sts.h says. */
static const struct step version_3[] = {
	{"CREATE TABLE sts (domain TEXT PRIMARY KEY NOT NULL CHECK (domain <> ''),"
	 " id TEXT NOT NULL, policy TEXT NOT NULL, fetched INTEGER NOT NULL, max_age INTEGER NOT "
	 "NULL)",
		true},
	{NULL, false},
};

/* Version 4. What src/store/journal.h says. */
static const struct step version_4[] = {
	{"CREATE TABLE journal_key (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL)",
		true},
	{"CREATE TABLE journal (mail BLOB PRIMARY KEY NOT NULL, since INTEGER NOT NULL)", true},
	{"CREATE TABLE journal_rcpt (mail BLOB NOT NULL REFERENCES journal (mail) ON DELETE "
	 "CASCADE,"
	 " rcpt BLOB NOT NULL, PRIMARY KEY (mail, rcpt))",
		true},
	{NULL, false},
};

/* Version 5. What src/store/journal.h says of marks. */
static const struct step version_5[] = {
	{"ALTER TABLE journal ADD COLUMN kept INTEGER NOT NULL DEFAULT 0", false},
	{"ALTER TABLE journal ADD COLUMN closed INTEGER", false},
	{"ALTER TABLE journal ADD COLUMN keys BLOB", false},
	{NULL, false},
};

/*
 * Version 6. served is about keys delivered by the domain itself, by WKD or OPENPGPKEY: way is the
 * last method, "" if not known, and last its time.
 */
#define WAYS "('wkd-advanced', 'wkd-direct', 'openpgpkey')"
#define OF_DOMAIN                                                                                  \
	"o.method IN " WAYS                                                                        \
	" AND substr(o.address, -length(served.domain) - 1) = '@' || served.domain"
static const struct step version_6[] = {
	{"ALTER TABLE served ADD COLUMN way TEXT NOT NULL DEFAULT ''", false},
	{"ALTER TABLE served ADD COLUMN last INTEGER NOT NULL DEFAULT 0", false},
	{"UPDATE served SET last = since", false},
	{"UPDATE served SET (way, last) = (SELECT o.method, max(o.time) FROM observation o"
	 " WHERE " OF_DOMAIN ") WHERE EXISTS (SELECT 1 FROM observation o WHERE " OF_DOMAIN ")",
		false},
	{NULL, false},
};

/* Version 7. What src/store/sealed.h says. */
static const struct step version_7[] = {
	{"CREATE TABLE sealed (id BLOB PRIMARY KEY NOT NULL, time INTEGER NOT NULL)", true},
	{NULL, false},
};

/* Version 8. What src/store/handed.h says. */
static const struct step version_8[] = {
	{"CREATE TABLE handed (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL,"
	 " sender TEXT NOT NULL, note TEXT NOT NULL)",
		true},
	{"CREATE TABLE handed_rcpt (handed INTEGER NOT NULL"
	 " REFERENCES handed (id) ON DELETE CASCADE, pos INTEGER NOT NULL, address TEXT NOT NULL,"
	 " how INTEGER NOT NULL, what TEXT NOT NULL, PRIMARY KEY (handed, pos))",
		true},
	{NULL, false},
};

/* Version 9. What src/store/journal.h says of queued mail; of a mail that was handed over, its
 * number in the queue, or 0. */
static const struct step version_9[] = {
	{"ALTER TABLE journal ADD COLUMN queued INTEGER NOT NULL DEFAULT 0", false},
	{"CREATE TABLE queued_seal (mail BLOB NOT NULL, rcpt BLOB NOT NULL, PRIMARY KEY (mail, "
	 "rcpt))",
		true},
	{"ALTER TABLE handed ADD COLUMN queue INTEGER NOT NULL DEFAULT 0", false},
	{NULL, false},
};

/* Version 10. What src/store/watched.h says. */
static const struct step version_10[] = {
	{"CREATE TABLE watched (name TEXT PRIMARY KEY NOT NULL CHECK (name <> ''),"
	 " asked INTEGER NOT NULL, facts TEXT NOT NULL)",
		true},
	{"CREATE TABLE watched_line (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
	 " time INTEGER NOT NULL, alarm TEXT NOT NULL, fact TEXT NOT NULL, subject TEXT NOT NULL,"
	 " was TEXT NOT NULL, is_now TEXT NOT NULL)",
		true},
	{"CREATE INDEX watched_line_name ON watched_line (name, id)", false},
	{NULL, false},
};

/* Version 11. What src/store/live.h says. */
static const struct step version_11[] = {
	{"CREATE TABLE live (domain TEXT NOT NULL CHECK (domain <> ''), thing TEXT NOT NULL,"
	 " number INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
	 " PRIMARY KEY (domain, thing, number))",
		true},
	{NULL, false},
};

/* Version 12. What src/store/candidates.h says. */
static const struct step version_12[] = {
	{"CREATE TABLE candidate (address TEXT NOT NULL CHECK (address <> ''),"
	 " fpr TEXT NOT NULL CHECK (fpr <> ''), cert BLOB NOT NULL, expires INTEGER NOT NULL,"
	 " revoked INTEGER NOT NULL, enc_keyids BLOB NOT NULL, uid TEXT NOT NULL,"
	 " PRIMARY KEY (address, fpr))",
		true},
	{"CREATE TABLE candidate_seen (address TEXT NOT NULL, fpr TEXT NOT NULL,"
	 " source TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
	 " mutual INTEGER NOT NULL, evidence TEXT NOT NULL, PRIMARY KEY (address, fpr, source),"
	 " FOREIGN KEY (address, fpr) REFERENCES candidate (address, fpr) ON DELETE CASCADE)",
		true},
	{"CREATE TABLE candidate_sum (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	 " address TEXT NOT NULL, fpr TEXT NOT NULL, sum BLOB NOT NULL, UNIQUE (address, sum),"
	 " FOREIGN KEY (address, fpr) REFERENCES candidate (address, fpr) ON DELETE CASCADE)",
		true},
	{"CREATE INDEX candidate_sum_fpr ON candidate_sum (address, fpr)", false},
	{"CREATE TABLE candidate_mail (address TEXT PRIMARY KEY NOT NULL, last INTEGER NOT NULL)",
		true},
	{NULL, false},
};

/* Version 13. Of a refusal whose exit status is the MTA's. */
static const struct step version_13[] = {
	{"ALTER TABLE refusal ADD COLUMN mta INTEGER NOT NULL DEFAULT 0", false},
	{NULL, false},
};

/* Version 14. A revocation that was seen for another address. */
static const struct step version_14[] = {
	{"CREATE INDEX candidate_revoked ON candidate (fpr) WHERE revoked", false},
	{NULL, false},
};

/* Step n brings version n to n + 1. */
static const struct step *const versions[] = {version_1, version_2, version_3, version_4, version_5,
	version_6, version_7, version_8, version_9, version_10, version_11, version_12, version_13,
	version_14};
#define SCHEMA_VERSION ((int64_t)(sizeof(versions) / sizeof(versions[0])))

static int query_number(struct db *d, const char *sql, int64_t *out, struct err *err)
{
	int rc = db_number(d, out, err, sql, "");

	if (rc == 0)
		return err_set(err, ERR_IO, "%s: does not report its version", d->path);
	return rc < 0 ? rc : 0;
}

static int read_version(struct db *d, int64_t *version, struct err *err)
{
	int64_t id, tables;
	int rc;

	rc = query_number(d, "PRAGMA application_id", &id, err);
	if (rc == 0)
		rc = query_number(d, "PRAGMA user_version", version, err);
	if (rc < 0)
		return rc;
	if (id == APPLICATION_ID && *version > 0)
		return 0;
	rc = query_number(d, "SELECT count(*) FROM sqlite_schema", &tables, err);
	if (rc == 0 && (id != 0 || *version != 0 || tables != 0)) {
		rc = err_set(err, ERR_CONFIG, "%s: is a database of another program", d->path);
		err_hint(err, "move it away, or set data-dir in the configuration");
	}
	return rc;
}

/* In one snapshot, since another process may create the tables between the reads. A savepoint also
 * works within a transaction. */
static int found_version(struct db *d, int64_t *version, struct err *err)
{
	int rc = db_script(d, "SAVEPOINT look", err);

	if (rc < 0)
		return rc;
	rc = read_version(d, version, err);
	if (db_script(d, "RELEASE look", rc < 0 ? NULL : err) < 0 && rc == 0)
		rc = ERR_IO;
	return rc;
}

int schema_check(struct db *d, enum schema_found *found, struct err *err)
{
	int64_t version;
	int rc = found_version(d, &version, err);

	if (rc < 0)
		return rc;
	if (version > SCHEMA_VERSION) {
		err_set(err, ERR_CONFIG,
			"%s: was written by a newer sealpost (layout %lld, known: %lld)", d->path,
			(long long)version, (long long)SCHEMA_VERSION);
		err_hint(err, "install that version again");
		return ERR_CONFIG;
	}
	*found = version == 0               ? SCHEMA_EMPTY
		 : version < SCHEMA_VERSION ? SCHEMA_OLDER
					    : SCHEMA_OURS;
	return 0;
}

static int apply_steps(struct db *d, const struct step *s, struct err *err)
{
	char sql[2048];
	bool strict = sqlite3_libversion_number() >= STRICT_SINCE;
	int rc = 0;

	for (; s->sql && rc == 0; s++) {
		snprintf(sql, sizeof(sql), "%s%s", s->sql, s->table && strict ? " STRICT" : "");
		rc = db_script(d, sql, err);
	}
	return rc;
}

static int upgrade(struct db *d, struct err *err)
{
	char sql[128];
	enum schema_found found;
	int64_t version = 0;
	int rc;

	/* Checks again under the write lock: another process may have been faster. */
	rc = schema_check(d, &found, err);
	if (rc < 0 || found == SCHEMA_OURS)
		return rc;
	rc = found_version(d, &version, err);
	for (; rc == 0 && version < SCHEMA_VERSION; version++)
		rc = apply_steps(d, versions[version], err);
	if (rc < 0)
		return rc;
	/* A pragma cannot have bound values; these are constants. */
	snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%lld",
		APPLICATION_ID, (long long)SCHEMA_VERSION);
	return db_script(d, sql, err);
}

int schema_make(struct db *d, struct err *err)
{
	int rc = db_begin(d, err);

	return rc < 0 ? rc : db_end(d, upgrade(d, err), err);
}
