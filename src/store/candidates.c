/* SPDX-License-Identifier: ISC */
#include "store/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/store_priv.h"

#define COLUMNS                                                                                    \
	"SELECT c.address, c.fpr, c.cert, c.expires, c.revoked, length(c.enc_keyids) > 0, c.uid,"  \
	" coalesce((SELECT last FROM candidate_mail m WHERE m.address = c.address), 0),"           \
	" EXISTS (SELECT 1 FROM aside a WHERE a.address = c.address AND a.fpr = c.fpr"             \
	" AND a.rejected) OR EXISTS (SELECT 1 FROM pin p WHERE p.address = c.address"              \
	" AND p.fpr = c.fpr AND p.state = 'rejected') FROM candidate c "

static const char put_cert[] =
	"INSERT INTO candidate (address, fpr, cert, expires, revoked, enc_keyids, uid)"
	" VALUES (?1, ?2, ?3, ?4,"
	" max(?5, EXISTS (SELECT 1 FROM candidate WHERE fpr = ?2 AND revoked)), ?6, ?7)"
	" ON CONFLICT (address, fpr) DO UPDATE SET cert = ?3, expires = ?4,"
	" revoked = max(revoked, excluded.revoked), enc_keyids = ?6, uid = ?7";

static const char put_seen[] =
	"INSERT INTO candidate_seen (address, fpr, source, first, last, mutual, evidence)"
	" SELECT ?1, ?2, ?3, ?4, ?4, ?5, ?6 FROM candidate WHERE address = ?1 AND fpr = ?2"
	" ON CONFLICT (address, fpr, source) DO UPDATE SET first = min(first, ?4),"
	" mutual = CASE WHEN ?4 > last THEN ?5 WHEN ?4 = last THEN min(mutual, ?5) ELSE mutual END,"
	" evidence = CASE WHEN ?4 > last THEN ?6 ELSE evidence END, last = max(last, ?4)"
	" WHERE ?4 < first OR ?4 > last OR (?4 = last AND ?5 < mutual)";

#define SEEN_LAST                                                                                  \
	"(SELECT max(last) FROM candidate_seen s WHERE s.address = c.address AND s.fpr = c.fpr)"

static int put_candidate_cert(struct store *s, const struct candidate_note *n, struct err *err)
{
	const struct cert *c = n->cert;
	uint8_t ids[DB_KEYIDS_MAX];
	size_t ids_len = db_keyids_pack(c->enc_keyid, c->n_enc, ids);

	return db_run(&s->db, err, put_cert, "ttbiibt", n->address, n->fpr, (const void *)c->data,
		c->len, c->expires, (int64_t)(c->use == CERT_REVOKED), (const void *)ids, ids_len,
		c->uid);
}

static int put_candidate_seen(struct store *s, const struct candidate_note *n, struct err *err)
{
	const char *evidence = n->evidence;

	if (!evidence || strlen(evidence) >= CANDIDATE_EVIDENCE_MAX)
		evidence = "{}";
	return db_run(&s->db, err, put_seen, "tttiit", n->address, n->fpr, n->source, n->date,
		(int64_t)n->mutual, evidence);
}

/* What it was read from, so that it need not be judged again. */
static int put_candidate_sum(struct store *s, const struct candidate_note *n, struct err *err)
{
	int rc = db_run(&s->db, err,
		"INSERT INTO candidate_sum (address, fpr, sum) SELECT ?1, ?2, ?3 FROM candidate"
		" WHERE address = ?1 AND fpr = ?2 ON CONFLICT DO NOTHING",
		"ttb", n->address, n->fpr, (const void *)n->sum, (size_t)DIGEST_LEN);

	if (rc > 0)
		rc = db_run(&s->db, err,
			"DELETE FROM candidate_sum WHERE address = ?1 AND fpr = ?2 AND id NOT IN"
			" (SELECT id FROM candidate_sum WHERE address = ?1 AND fpr = ?2 ORDER BY id"
			" DESC LIMIT ?3)",
			"tti", n->address, n->fpr, (int64_t)CANDIDATE_SUMS_MAX);
	return rc < 0 ? rc : 0;
}

static int has_candidate(struct store *s, const char *address, const char *fpr, struct err *err)
{
	return db_number(&s->db, NULL, err,
		"SELECT 1 FROM candidate WHERE address = ?1 AND fpr = ?2", "tt", address, fpr);
}

/* 1: its certificate was not there; 0: it was, or it is not kept. */
static int note_candidate(struct store *s, const struct candidate_note *n, struct err *err)
{
	int there, rc = store_rejected(s, n->address, n->fpr, err);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = there = has_candidate(s, n->address, n->fpr, err);
	if (rc >= 0 && n->cert && n->cert->data && n->cert->len <= CANDIDATE_CERT_MAX)
		rc = put_candidate_cert(s, n, err);
	if (rc >= 0 && n->sum)
		rc = put_candidate_sum(s, n, err);
	if (rc >= 0)
		rc = put_candidate_seen(s, n, err);
	return rc < 0 ? rc : rc > 0 && !there;
}

/* Few of one address, and so many in all; some more leave, so that it need not be done each time.
 */
static int trim_candidates(
	struct store *s, const struct candidate_note *v, size_t n, struct err *err)
{
	int64_t count = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < n && rc >= 0; i++) {
		if (i > 0 && strcmp(v[i].address, v[i - 1].address) == 0)
			continue;
		rc = db_run(&s->db, err,
			"DELETE FROM candidate WHERE address = ?1 AND fpr NOT IN (SELECT fpr FROM"
			" candidate c WHERE address = ?1 ORDER BY " SEEN_LAST
			" DESC, fpr LIMIT ?2)",
			"ti", v[i].address, (int64_t)CANDIDATES_OF_ADDRESS_MAX);
	}
	if (rc >= 0)
		rc = db_number(&s->db, &count, err, "SELECT count(*) FROM candidate", "");
	/* Sorting all of them takes its time. */
	if (rc >= 0 && count > CANDIDATES_MAX)
		rc = db_run(&s->db, err,
			"DELETE FROM candidate WHERE rowid IN"
			" (SELECT c.rowid FROM candidate c ORDER BY " SEEN_LAST
			" DESC, address, fpr LIMIT -1 OFFSET ?1)",
			"i", (int64_t)(CANDIDATES_MAX - CANDIDATES_MAX / 20));
	return rc < 0 ? rc : 0;
}

int store_candidates_note(struct store *s, struct candidate_note *v, size_t n, struct err *err)
{
	size_t i, added = 0;
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	for (i = 0; i < n && rc >= 0; i++) {
		rc = note_candidate(s, &v[i], err);
		v[i].is_new = rc > 0;
		added += rc > 0;
	}
	if (rc >= 0 && added > 0)
		rc = trim_candidates(s, v, n, err);
	return db_end(&s->db, rc < 0 ? rc : 0, err);
}

int store_candidate_mails(
	struct store *s, const struct candidate_mail *v, size_t n, struct err *err)
{
	size_t i;
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	for (i = 0; i < n && rc >= 0; i++)
		rc = db_run(&s->db, err,
			"INSERT INTO candidate_mail (address, last) SELECT ?1, ?2 WHERE EXISTS"
			" (SELECT 1 FROM candidate WHERE address = ?1)"
			" ON CONFLICT (address) DO UPDATE SET last = ?2 WHERE last < ?2",
			"ti", v[i].address, v[i].date);
	return db_end(&s->db, rc < 0 ? rc : 0, err);
}

int store_candidate_known(struct store *s, const char *address, const uint8_t sum[DIGEST_LEN],
	char *fpr, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT fpr FROM candidate_sum WHERE address = ?1 AND sum = ?2", "tb", address,
		(const void *)sum, (size_t)DIGEST_LEN);
	if (rc == 0)
		rc = db_step(&s->db, st, err);
	if (rc > 0 && (db_text(st, 0, fpr, CERT_FPR_MAX) < 0 || !text_is_fingerprint(fpr)))
		rc = store_damaged(s, "a candidate", err);
	db_done(&s->db, st);
	return rc;
}

void candidate_free(struct candidate *c)
{
	size_t i;

	free(c->cert);
	for (i = 0; i < c->n_seen; i++)
		free(c->seen[i].evidence);
	c->cert = NULL;
	c->cert_len = c->n_seen = 0;
}

static int read_seen_row(sqlite3_stmt *st, struct candidate_seen *x)
{
	const char *text = (const char *)sqlite3_column_text(st, 4);

	if (db_text(st, 0, x->source, sizeof(x->source)) < 0 || !text)
		return -1;
	x->first = sqlite3_column_int64(st, 1);
	x->last = sqlite3_column_int64(st, 2);
	x->mutual = sqlite3_column_int(st, 3) != 0;
	x->evidence = strdup(text);
	return x->evidence ? 0 : -1;
}

static int read_seen(struct store *s, struct candidate *c, struct err *err)
{
	sqlite3_stmt *st;
	int rc = db_prepare(&s->db, &st, err,
		"SELECT source, first, last, mutual, evidence FROM candidate_seen WHERE address = "
		"?1"
		" AND fpr = ?2 ORDER BY source",
		"tt", c->address, c->fpr);

	while (rc >= 0 && c->n_seen < CANDIDATE_SOURCES_MAX &&
		(rc = db_step(&s->db, st, err)) > 0) {
		if (read_seen_row(st, &c->seen[c->n_seen]) < 0)
			rc = store_damaged(s, "a candidate", err);
		else
			c->n_seen++;
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}

static int read_candidate(struct store *s, sqlite3_stmt *st, struct candidate *c, struct err *err)
{
	memset(c, 0, sizeof(*c));
	if (db_text(st, 0, c->address, sizeof(c->address)) < 0 ||
		db_text(st, 1, c->fpr, sizeof(c->fpr)) < 0 || !text_is_fingerprint(c->fpr) ||
		db_blob(st, 2, &c->cert, &c->cert_len) < 0 ||
		db_text(st, 6, c->uid, sizeof(c->uid)) < 0)
		return store_damaged(s, "a candidate", err);
	c->expires = sqlite3_column_int64(st, 3);
	c->revoked = sqlite3_column_int(st, 4) != 0;
	c->can_encrypt = sqlite3_column_int(st, 5) != 0;
	c->last_mail = sqlite3_column_int64(st, 7);
	c->rejected = sqlite3_column_int(st, 8) != 0;
	return read_seen(s, c, err);
}

int store_candidate_each(struct store *s, const char *address,
	int (*cb)(struct candidate *c, void *arg), void *arg, struct err *err)
{
	struct candidate c;
	sqlite3_stmt *st;
	int rc, stop = 0;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		COLUMNS "WHERE ?1 = '' OR c.address = ?1 ORDER BY c.address, " SEEN_LAST
			" DESC, c.fpr",
		"t", address ? address : "");
	if (rc < 0)
		return rc;
	while (!stop && (rc = db_step(&s->db, st, err)) > 0) {
		rc = read_candidate(s, st, &c, err);
		if (rc == 0)
			stop = cb(&c, arg);
		candidate_free(&c);
		if (rc < 0)
			break;
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}

int store_candidate_get(
	struct store *s, const char *address, const char *fpr, struct candidate *c, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	memset(c, 0, sizeof(*c));
	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err, COLUMNS "WHERE c.address = ?1 AND c.fpr = ?2", "tt",
		address, fpr);
	if (rc == 0)
		rc = db_step(&s->db, st, err);
	if (rc > 0 && read_candidate(s, st, c, err) < 0) {
		candidate_free(c);
		rc = ERR_IO;
	}
	db_done(&s->db, st);
	return rc;
}
