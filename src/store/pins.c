/* SPDX-License-Identifier: ISC */
/* Pins and held certificates in pins.db: reading, writing, and each change as one transaction. */
#include "store/store_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define PIN_COLUMNS                                                                                \
	"p.address, p.state, p.fpr, p.cert, p.expires, p.revoked, p.enc_keyids, p.first_seen,"     \
	" p.last_seen, p.method, h.fpr FROM pin p LEFT JOIN held h USING (address)"

void pin_free(struct pin *p)
{
	if (!p)
		return;
	free(p->cert);
	memset(p, 0, sizeof(*p));
}

void held_free(struct held *h)
{
	if (!h)
		return;
	free(h->cert);
	memset(h, 0, sizeof(*h));
}

/* Whether s is a fingerprint, or "" for none. */
static bool is_fpr_column(const char *s)
{
	return s[0] == '\0' || text_is_fingerprint(s);
}

/* Reads a row of PIN_COLUMNS. On failure *p holds nothing to free. */
static int read_pin(struct store *s, sqlite3_stmt *st, struct pin *p, struct err *err)
{
	char state[16];

	memset(p, 0, sizeof(*p));
	if (db_text(st, 0, p->address, sizeof(p->address)) < 0 ||
		db_text(st, 1, state, sizeof(state)) < 0 ||
		db_text(st, 2, p->fpr, sizeof(p->fpr)) < 0 || !is_fpr_column(p->fpr) ||
		db_keyids(st, 6, p->enc_keyid, &p->n_enc) < 0 ||
		db_text(st, 9, p->method, sizeof(p->method)) < 0 ||
		db_text(st, 10, p->held_fpr, sizeof(p->held_fpr)) < 0 ||
		!is_fpr_column(p->held_fpr))
		return store_damaged(s, "a pin", err);
	p->state = pin_state_parse(state);
	p->expires = sqlite3_column_int64(st, 4);
	p->revoked = sqlite3_column_int64(st, 5) != 0;
	p->first_seen = sqlite3_column_int64(st, 7);
	p->last_seen = sqlite3_column_int64(st, 8);
	p->held = p->held_fpr[0] != '\0';
	if (p->state == PIN_NONE || (p->state == PIN_CLEAR) != (p->fpr[0] == '\0'))
		return store_damaged(s, "the state of a pin", err);
	if (db_blob(st, 3, &p->cert, &p->cert_len) < 0)
		return store_damaged(s, "a certificate", err);
	return 0;
}

int store_pin_get(struct store *s, const char *address, struct pin *p, struct err *err)
{
	struct pin got;
	sqlite3_stmt *st;
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_prepare(
		&s->db, &st, err, "SELECT " PIN_COLUMNS " WHERE p.address = ?1", "t", address);
	if (rc < 0)
		return rc;
	rc = db_step(&s->db, st, err);
	if (rc > 0) {
		rc = read_pin(s, st, &got, err);
		if (rc == 0) {
			*p = got;
			rc = 1;
		}
	}
	db_done(&s->db, st);
	return rc;
}

int store_pin_evidence(struct store *s, const char *address, char **out, struct err *err)
{
	char text[EVIDENCE_MAX];
	sqlite3_stmt *st;
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_prepare(
		&s->db, &st, err, "SELECT evidence FROM pin WHERE address = ?1", "t", address);
	if (rc < 0)
		return rc;
	rc = db_step(&s->db, st, err);
	if (rc > 0 && db_text(st, 0, text, sizeof(text)) < 0)
		rc = store_damaged(s, "a pin's evidence", err);
	db_done(&s->db, st);
	if (rc <= 0)
		return rc;
	*out = strdup(text);
	return *out ? 1 : err_set(err, ERR_OS, "out of memory");
}

int store_pin_each(
	struct store *s, int (*cb)(const struct pin *p, void *arg), void *arg, struct err *err)
{
	struct pin p;
	sqlite3_stmt *st;
	int rc, stop = 0;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err, "SELECT " PIN_COLUMNS " ORDER BY p.address", "");
	if (rc < 0)
		return rc;
	while (!stop && (rc = db_step(&s->db, st, err)) > 0) {
		rc = read_pin(s, st, &p, err);
		if (rc < 0)
			break;
		stop = cb(&p, arg);
		pin_free(&p);
	}
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}

/* Adds the observation and log line of a pin that has just been written. */
static int put_trail(struct store *s, const struct pin *p, int64_t now, const char *event,
	const char *before, struct err *err)
{
	char what[128] = "";
	int rc = 0;

	if (before[0] != '\0' && strcmp(before, p->fpr) != 0)
		snprintf(what, sizeof(what), "in place of %s", before);

	if (p->fpr[0] != '\0')
		rc = observation_add(s, now, p->address, p->fpr, false, p->method, NULL, err);
	if (rc >= 0)
		rc = db_run(&s->db, err,
			"DELETE FROM held WHERE address = ?1 AND (?2 = '' OR fpr = ?2)", "tt",
			p->address, p->fpr);
	if (rc >= 0)
		rc = aside_settle(s, now, p->address, err);
	if (rc >= 0)
		rc = log_add(s, now, p->address, event, p->fpr, what, err);
	return rc < 0 ? rc : 0;
}

/* Without new evidence, that of the same certificate is kept. */
#define NEW_EVIDENCE "coalesce(?11, CASE fpr WHEN ?3 THEN evidence ELSE '' END)"

#define PIN_INSERT                                                                                 \
	"INSERT INTO pin (address, state, fpr, cert, expires, revoked, enc_keyids, first_seen,"    \
	" last_seen, method, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"           \
	" coalesce(?11, ''))"                                                                      \
	" ON CONFLICT (address) DO UPDATE SET state = ?2, fpr = ?3, cert = ?4, expires = ?5,"      \
	" revoked = ?6, enc_keyids = ?7, first_seen = ?8, last_seen = ?9, method = ?10,"           \
	" evidence = " NEW_EVIDENCE

/* ?12: the fingerprint that the pin must still have. */
#define PIN_UPDATE                                                                                 \
	"UPDATE pin SET state = CASE fpr WHEN ?3 THEN state ELSE ?2 END,"                          \
	" first_seen = CASE fpr WHEN ?3 THEN first_seen ELSE ?8 END,"                              \
	" revoked = CASE fpr WHEN ?3 THEN max(revoked, ?6) ELSE ?6 END, fpr = ?3, cert = ?4,"      \
	" expires = ?5, enc_keyids = ?7, last_seen = ?9, method = ?10, evidence = " NEW_EVIDENCE   \
	" WHERE address = ?1 AND fpr = ?12"

static int check_pin(const struct pin *p, struct err *err)
{
	if (p->address[0] == '\0' || p->state == PIN_NONE || !is_fpr_column(p->fpr) ||
		(p->state == PIN_CLEAR) != (p->fpr[0] == '\0') || p->n_enc > CERT_SUBKEYS_MAX ||
		p->cert_len > DB_BLOB_MAX)
		return err_set(err, ERR_INTERNAL, "the pin of %s is not complete", p->address);
	return 0;
}

/* A pin to write, the condition for it, and its log event. */
struct change {
	const char *sql;
	const char *old_fpr; /* the statement's ?12; NULL if it has none */
	bool replaces;       /* it may replace another certificate */
	const char *event;
};

static int run_change(
	struct store *s, const struct change *c, const struct pin *p, int64_t now, struct err *err)
{
	const char *types = c->old_fpr ? "tttbiibiittt" : "tttbiibiitt";
	uint8_t ids[DB_KEYIDS_MAX];
	size_t ids_len = db_keyids_pack(p->enc_keyid, p->n_enc, ids);
	const char *evidence = p->evidence;

	if (evidence && strlen(evidence) >= EVIDENCE_MAX)
		evidence = "";
	return db_run(&s->db, err, c->sql, types, p->address, pin_state_name(p->state), p->fpr,
		(const void *)p->cert, p->cert_len, p->expires, (int64_t)p->revoked,
		(const void *)ids, ids_len, p->first_seen ? p->first_seen : now,
		p->last_seen ? p->last_seen : now, p->method, evidence, c->old_fpr);
}

/*
 * 1 if the pin is still the one to be changed: nothing replaces one that a person has verified or
 * rejected since. before (CERT_FPR_MAX bytes) receives its fingerprint, "" if none.
 */
static int applies(
	struct store *s, const struct change *c, const struct pin *p, char *before, struct err *err)
{
	sqlite3_stmt *st;
	char state[16] = "";
	int rc = db_prepare(
		&s->db, &st, err, "SELECT fpr, state FROM pin WHERE address = ?1", "t", p->address);

	before[0] = '\0';
	if (rc == 0)
		rc = db_step(&s->db, st, err);
	if (rc > 0 && (db_text(st, 0, before, CERT_FPR_MAX) < 0 ||
			      db_text(st, 1, state, sizeof(state)) < 0))
		rc = store_damaged(s, "a pin", err);
	db_done(&s->db, st);
	if (rc < 0 || !c->old_fpr)
		return rc < 0 ? rc : 1;
	return rc > 0 && strcmp(before, c->old_fpr) == 0 &&
	       (strcmp(before, p->fpr) == 0 || pin_state_parse(state) == PIN_TOFU);
}

/* Whether this fingerprint may not be pinned automatically, having been rejected; an unchanged
 * fingerprint keeps its state.
 */
static int forbidden(struct store *s, const struct change *c, const struct pin *p, struct err *err)
{
	if (p->fpr[0] == '\0' || p->state == PIN_REJECTED ||
		(c->old_fpr && strcmp(c->old_fpr, p->fpr) == 0))
		return 0;
	return store_rejected(s, p->address, p->fpr, err);
}

/* Returns the number of rows written, or ERR_CONFLICT if the fingerprint was rejected. */
static int write_pin(struct store *s, const struct change *c, const struct pin *p, struct err *err)
{
	char before[CERT_FPR_MAX];
	int64_t now = (int64_t)time(NULL);
	int n = 0, rc = check_pin(p, err);

	if (rc == 0)
		rc = db_begin(&s->db, err);
	if (rc < 0)
		return rc;
	rc = forbidden(s, c, p, err);
	if (rc > 0)
		rc = err_set(err, ERR_CONFLICT, "%s: %s was rejected", p->address, p->fpr);
	if (rc == 0)
		rc = applies(s, c, p, before, err);
	n = rc;
	if (n > 0 && c->replaces)
		rc = aside_pin(s, now, p->address, p->fpr, err);
	if (n > 0 && rc >= 0)
		rc = n = run_change(s, c, p, now, err);
	if (n > 0 && rc >= 0)
		rc = put_trail(s, p, now, c->event, before, err);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : n;
}

int store_pin_put(struct store *s, const struct pin *p, const char *event, struct err *err)
{
	struct change c = {.sql = PIN_INSERT, .replaces = true, .event = event};
	int rc = write_pin(s, &c, p, err);

	return rc < 0 ? rc : 0;
}

int store_pin_first(struct store *s, const struct pin *p, struct err *err)
{
	struct change c = {.sql = PIN_INSERT " WHERE state = 'clear'", .event = "pinned"};
	int rc = write_pin(s, &c, p, err);

	return rc == ERR_CONFLICT ? 0 : rc;
}

int store_pin_update(struct store *s, const struct pin *p, const char *old_fpr, const char *event,
	struct err *err)
{
	struct change c = {.sql = PIN_UPDATE, .old_fpr = old_fpr, .replaces = true, .event = event};
	int rc = write_pin(s, &c, p, err);

	return rc == ERR_CONFLICT ? 0 : rc;
}

static int write_held(struct store *s, const char *address, const struct cert *c,
	const char *method, const char *evidence, int64_t now, struct err *err)
{
	uint8_t ids[DB_KEYIDS_MAX];
	size_t ids_len = db_keyids_pack(c->enc_keyid, c->n_enc, ids);

	return db_run(&s->db, err,
		"INSERT INTO held (address, fpr, cert, expires, enc_keyids, uid,"
		" first_seen, last_seen, method, evidence, certified)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10)"
		" ON CONFLICT (address) DO UPDATE SET cert = ?3, expires = ?4, enc_keyids = ?5, "
		"uid = ?6,"
		" first_seen = CASE fpr WHEN ?2 THEN first_seen ELSE ?7 END,"
		" revoked = CASE fpr WHEN ?2 THEN revoked ELSE 0 END, fpr = ?2, last_seen = ?7,"
		" method = ?8, evidence = ?9, certified = ?10",
		"ttbibtitti", address, c->fpr, (const void *)c->data, c->len, c->expires,
		(const void *)ids, ids_len, c->uid, now, method, evidence,
		(int64_t)c->certified_by_pin);
}

/* Whether this very certificate is held already: 1 or 0. */
static int held_already(struct store *s, const char *address, const char *fpr, struct err *err)
{
	int64_t held;
	int rc = db_number(&s->db, &held, err,
		"SELECT h.fpr IS ?2 FROM pin p LEFT JOIN held h USING (address) WHERE p.address = "
		"?1",
		"tt", address, fpr);

	return rc > 0 ? held != 0 : rc;
}

static int hold_cert(struct store *s, const char *address, const struct cert *c, const char *method,
	const char *evidence, struct err *err)
{
	int64_t now = (int64_t)time(NULL);
	int already, rc;

	rc = already = held_already(s, address, c->fpr, err);
	if (rc >= 0)
		rc = write_held(s, address, c, method, evidence, now, err);
	if (rc >= 0)
		rc = observation_add(s, now, address, c->fpr, true, method, evidence, err);
	/* Logged once, not for each mail refused because of it. */
	if (rc >= 0 && !already)
		rc = log_add(s, now, address, "held", c->fpr, "", err);
	return rc < 0 ? rc : 0;
}

int store_pin_hold(struct store *s, const char *address, const struct cert *c, const char *method,
	const char *evidence, struct err *err)
{
	int rejected, rc;

	if (strlen(evidence) >= EVIDENCE_MAX)
		evidence = "";
	if (c->fpr[0] == '\0' || !is_fpr_column(c->fpr) || c->n_enc > CERT_SUBKEYS_MAX ||
		c->len > DB_BLOB_MAX || strlen(method) >= sizeof(((struct held *)0)->method))
		return err_set(err, ERR_INTERNAL, "the certificate to hold for %s is not complete",
			address);
	rc = db_begin(&s->db, err);
	if (rc < 0)
		return rc;
	rc = rejected = store_rejected(s, address, c->fpr, err);
	if (rc == 0) /* a person may have decided since it was seen */
		rc = db_number(&s->db, NULL, err,
			"SELECT 1 FROM pin WHERE address = ?1 AND fpr <> '' AND fpr <> ?2", "tt",
			address, c->fpr);
	if (rc > 0 && !rejected)
		rc = hold_cert(s, address, c, method, evidence, err);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : rejected > 0;
}

static int read_held(struct store *s, sqlite3_stmt *st, struct held *h, struct err *err)
{
	memset(h, 0, sizeof(*h));
	if (db_text(st, 0, h->fpr, sizeof(h->fpr)) < 0 || !is_fpr_column(h->fpr) ||
		db_keyids(st, 3, h->enc_keyid, &h->n_enc) < 0 ||
		db_text(st, 4, h->uid, sizeof(h->uid)) < 0 ||
		db_text(st, 7, h->method, sizeof(h->method)) < 0 ||
		db_text(st, 8, h->evidence, sizeof(h->evidence)) < 0)
		return store_damaged(s, "a held certificate", err);
	h->expires = sqlite3_column_int64(st, 2);
	h->first_seen = sqlite3_column_int64(st, 5);
	h->last_seen = sqlite3_column_int64(st, 6);
	h->certified =
		sqlite3_column_type(st, 9) == SQLITE_NULL ? -1 : sqlite3_column_int(st, 9) != 0;
	h->revoked = sqlite3_column_int(st, 10) != 0;
	if (db_blob(st, 1, &h->cert, &h->cert_len) < 0)
		return store_damaged(s, "a certificate", err);
	return 0;
}

int store_held_get(struct store *s, const char *address, struct held *h, struct err *err)
{
	struct held got;
	sqlite3_stmt *st;
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err,
		"SELECT fpr, cert, expires, enc_keyids, uid, first_seen,"
		" last_seen, method, evidence, certified, revoked FROM held WHERE address = ?1",
		"t", address);
	if (rc < 0)
		return rc;
	rc = db_step(&s->db, st, err);
	if (rc > 0) {
		rc = read_held(s, st, &got, err);
		if (rc == 0) {
			*h = got;
			rc = 1;
		}
	}
	db_done(&s->db, st);
	return rc;
}

int store_pin_forget(struct store *s, const char *address, struct err *err)
{
	int n, rc;

	rc = db_begin(&s->db, err);
	if (rc < 0)
		return rc;
	rc = n = db_run(&s->db, err, "DELETE FROM pin WHERE address = ?1", "t", address);
	if (rc > 0)
		rc = db_run(
			&s->db, err, "DELETE FROM observation WHERE address = ?1", "t", address);
	if (n > 0 && rc >= 0)
		rc = db_run(&s->db, err, "DELETE FROM aside WHERE address = ?1 AND NOT rejected",
			"t", address);
	if (rc >= 0) {
		rc = db_run(&s->db, err, "DELETE FROM candidate WHERE address = ?1", "t", address);
		n += rc > 0 ? rc : 0;
	}
	if (rc >= 0 && !strchr(address, '@')) {
		rc = db_run(&s->db, err, "DELETE FROM served WHERE domain = ?1", "t", address);
		n += rc > 0 ? rc : 0;
	}
	if (n > 0 && rc >= 0)
		rc = log_add(s, (int64_t)time(NULL), address, "forgotten", "", "", err);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : n > 0;
}

/* 1 if the one-row query says so, 0 if not or there is no row. */
static int ask_one_row(struct store *s, const char *sql, const char *name, struct err *err)
{
	return s->db.h ? db_number(&s->db, NULL, err, sql, "t", name) : 0;
}

#define SERVED_NOW                                                                                 \
	"FROM served WHERE domain = ?1"                                                            \
	" AND last > CAST(strftime('%s', 'now') AS INTEGER) - 400 * 86400"
_Static_assert(SERVED_DAYS == 400, "as the query says");

int store_domain_clear(struct store *s, const char *domain, struct err *err)
{
	/* A name without a dot is a local recipient's pin, not a domain's. */
	if (!strchr(domain, '.') || strchr(domain, '@'))
		return 0;
	return ask_one_row(s,
		"SELECT 1 FROM pin WHERE address = ?1 AND state = 'clear'"
		" AND NOT EXISTS (SELECT 1 " SERVED_NOW ")",
		domain, err);
}

int store_served_add(struct store *s, const char *domain, const char *way, struct err *err)
{
	int64_t now = (int64_t)time(NULL);
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = db_run(&s->db, err,
		"INSERT INTO served (domain, since, way, last) VALUES (?1, ?2, ?3, ?2)"
		" ON CONFLICT (domain) DO UPDATE SET way = ?3, last = ?2",
		"tit", domain, now, way);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : 0;
}

int store_served_way(struct store *s, const char *domain, char *way, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if (!s->db.h)
		return 0;
	rc = db_prepare(&s->db, &st, err, "SELECT way " SERVED_NOW, "t", domain);
	if (rc < 0)
		return rc;
	rc = db_step(&s->db, st, err);
	if (rc > 0 && db_text(st, 0, way, SERVED_WAY_MAX) < 0)
		way[0] = '\0';
	db_done(&s->db, st);
	return rc;
}

int store_domain_served(struct store *s, const char *domain, struct err *err)
{
	char way[SERVED_WAY_MAX];

	return store_served_way(s, domain, way, err);
}

/* Decisions of the user about certificates, and certificates set aside by them. */

#define FORMER_KEPT 8 /* former pins of one address; rejected ones are kept for good */

#define ASIDE_COLUMNS                                                                              \
	"address, fpr, rejected, since, cert, expires, revoked, enc_keyids, first_seen, "          \
	"last_seen,"                                                                               \
	" method, evidence"

/* Rejection and revocation are never undone by a later row. */
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

#define ASIDE_FROM_CANDIDATE(rejected)                                                             \
	"INSERT INTO aside (" ASIDE_COLUMNS ") SELECT c.address, c.fpr, " rejected                 \
	", ?3, cert, expires, revoked, enc_keyids, min(s.first), max(s.last), 'learnt',"           \
	" '{\"learnt\":{' || group_concat('\"' || s.source || '\":' || s.evidence) || '}}'"        \
	" FROM candidate c JOIN candidate_seen s USING (address, fpr)"                             \
	" WHERE c.address = ?1 AND c.fpr = ?2 GROUP BY c.address, c.fpr" ASIDE_CONFLICT

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

/* 1 if the query, given address, fingerprint and time, has a row. */
static int ask_of_cert(struct store *s, const char *sql, const char *address, const char *fpr,
	int64_t now, struct err *err)
{
	return s->db.h ? db_number(&s->db, NULL, err, sql, "tti", address, fpr, now) : 0;
}

int store_rejected(struct store *s, const char *address, const char *fpr, struct err *err)
{
	return ask_of_cert(s,
		"SELECT 1 FROM aside WHERE address = ?1 AND fpr = ?2 AND rejected AND ?3", address,
		fpr, 1, err);
}

int store_pin_still(struct store *s, const char *address, const char *fpr, struct err *err)
{
	return ask_of_cert(s,
		"SELECT 1 FROM pin WHERE address = ?1 AND fpr = ?2 AND fpr <> ''"
		" AND state IN ('tofu', 'verified') AND NOT revoked"
		" AND (expires = 0 OR expires > ?3)",
		address, fpr, (int64_t)time(NULL), err);
}

int store_revoke(struct store *s, const char *fpr, const char *except, struct err *err)
{
	int rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = db_run(&s->db, err, "UPDATE held SET revoked = 1 WHERE fpr = ?1", "t", fpr);
	if (rc >= 0)
		rc = db_run(&s->db, err, "UPDATE aside SET revoked = 1 WHERE fpr = ?1", "t", fpr);
	if (rc >= 0)
		rc = db_run(
			&s->db, err, "UPDATE candidate SET revoked = 1 WHERE fpr = ?1", "t", fpr);
	if (rc >= 0)
		rc = db_run(&s->db, err,
			"INSERT INTO log (time, address, event, fpr, what)"
			" SELECT ?3, address, 'revoked', fpr, '' FROM pin"
			" WHERE fpr = ?1 AND NOT revoked AND address <> ?2",
			"tti", fpr, except, (int64_t)time(NULL));
	if (rc >= 0)
		rc = db_run(&s->db, err,
			"UPDATE pin SET revoked = 1 WHERE fpr = ?1 AND NOT revoked AND address <> "
			"?2",
			"tt", fpr, except);
	rc = db_end(&s->db, rc, err);
	return rc < 0 ? rc : 0;
}

int store_pinned_alive(struct store *s, const char *fpr, struct err *err)
{
	return ask_one_row(s, "SELECT 1 FROM pin WHERE fpr = ?1 AND NOT revoked", fpr, err);
}

/* Runs statements in turn, each given address, fingerprint and time; returns the rows changed by
 * the last one. */
static int run_all(struct store *s, const char *const *sql, const char *address, const char *fpr,
	int64_t now, struct err *err)
{
	int rc = 0;

	for (; *sql && rc >= 0; sql++)
		rc = db_run(&s->db, err, *sql, "tti", address, fpr, now);
	return rc;
}

#define USABLE "NOT revoked AND (expires = 0 OR expires > ?3) AND length(enc_keyids) > 0"

/* If the same certificate is in two places, both must be usable. */
static const char acceptable[] =
	"SELECT 1 FROM (SELECT min(ok) AS ok FROM"
	" (SELECT " USABLE " AS ok FROM held WHERE address = ?1 AND fpr = ?2"
	" UNION ALL SELECT " USABLE " FROM aside WHERE address = ?1 AND fpr = ?2"
	" UNION ALL SELECT " USABLE " FROM candidate WHERE address = ?1 AND fpr = ?2"
	" UNION ALL SELECT " USABLE " FROM pin WHERE address = ?1 AND fpr = ?2)) WHERE ok";

#define LOG(event, what)                                                                           \
	"INSERT INTO log (time, address, event, fpr, what) VALUES (?3, ?1, '" event "', ?2, " what \
	")"

/* If the pin itself is accepted, only its state changes. */
static const char *const accept_steps[] = {
	LOG("accepted",
		"coalesce((SELECT CASE fpr WHEN '' THEN 'in place of an allow-clear' WHEN ?2 THEN"
		" 'was ' || state ELSE 'in place of ' || fpr END FROM pin WHERE address = ?1),"
		" 'there was no pin')"),
	ASIDE_FROM_PIN("state = 'rejected'", "fpr <> ?2"),
	ASIDE_FROM_CANDIDATE("0"),
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
	rc = found = ask_of_cert(s, acceptable, address, fpr, now, err);
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
			" AND fpr = ?2) THEN 'it was held' WHEN EXISTS (SELECT 1 FROM aside WHERE"
			" address = ?1 AND fpr = ?2) THEN 'it was the pin once' ELSE 'it was learnt"
			" from mail' END"),
	ASIDE_FROM_CANDIDATE("1"),
	ASIDE_FROM_PIN("1", "fpr = ?2"),
	ASIDE_FROM_HELD("1"),
	"UPDATE aside SET rejected = 1, since = ?3 WHERE address = ?1 AND fpr = ?2",
	"UPDATE pin SET state = 'rejected' WHERE address = ?1 AND fpr = ?2 AND ?3",
	"DELETE FROM held WHERE address = ?1 AND fpr = ?2 AND ?3",
	"DELETE FROM candidate WHERE address = ?1 AND fpr = ?2 AND ?3",
	NULL,
};

int store_pin_reject(struct store *s, const char *address, const char *fpr, struct err *err)
{
	int64_t now = (int64_t)time(NULL);
	int found, rc = db_begin(&s->db, err);

	if (rc < 0)
		return rc;
	rc = found = ask_of_cert(s,
		"SELECT 1 FROM (SELECT fpr FROM held WHERE address = ?1 AND fpr = ?2"
		" UNION SELECT fpr FROM pin WHERE address = ?1 AND fpr = ?2 AND fpr <> ''"
		" AND state <> 'rejected'"
		" UNION SELECT fpr FROM aside WHERE address = ?1 AND fpr = ?2 AND NOT rejected"
		" UNION SELECT fpr FROM candidate WHERE address = ?1 AND fpr = ?2)"
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
		if (db_text(st, 0, a.fpr, sizeof(a.fpr)) < 0 || !is_fpr_column(a.fpr)) {
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
	db_done(&s->db, st);
	return rc < 0 ? rc : 0;
}
