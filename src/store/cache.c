/* SPDX-License-Identifier: ISC */
#include "store/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "store/cache_priv.h"
#include "store/store_priv.h"

#define CACHE_FILE "cache.db"
#define APPLICATION_ID 1397772099 /* "SPOC" */
#define CACHE_VERSION 3           /* any other version is recreated */
#define SIGNERS_KEPT 64
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define BUSY_MS 500 /* a cache is not worth a long wait */

static const char layout[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE IF NOT EXISTS signer (key TEXT PRIMARY KEY NOT NULL, stamp TEXT NOT NULL,"
	" fpr TEXT NOT NULL, cert BLOB NOT NULL, uid TEXT NOT NULL, created INTEGER NOT NULL,"
	" expires INTEGER NOT NULL, enc_keyids BLOB NOT NULL, used INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS answer (key BLOB PRIMARY KEY NOT NULL, asked INTEGER NOT NULL,"
	" keep INTEGER NOT NULL, reply BLOB NOT NULL, sum BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS marks (key BLOB PRIMARY KEY NOT NULL, text TEXT NOT NULL,"
	" sum BLOB NOT NULL, used INTEGER NOT NULL);"
	"PRAGMA application_id=" TEXT(APPLICATION_ID) "; PRAGMA user_version=" TEXT(
		CACHE_VERSION) ";"
			       "COMMIT;";

/* Whether a pragma has this value: 1, 0 or negative. */
static int pragma_has(struct db *d, const char *sql, int want)
{
	int64_t n;
	int rc = db_number(d, &n, NULL, sql, "");

	return rc > 0 ? n == want : rc;
}

/* Whether it is a cache of this version. 1, 0 or negative. */
static int is_current(struct db *d)
{
	int rc = pragma_has(d, "PRAGMA application_id", APPLICATION_ID);

	return rc > 0 ? pragma_has(d, "PRAGMA user_version", CACHE_VERSION) : rc;
}

/* 1: a cache of this version; 0: empty; negative: anything else, or damaged. Read in one snapshot.
 */
static int check_cache(struct db *d)
{
	int rc = db_script(d, "SAVEPOINT look", NULL);

	if (rc < 0)
		return rc;
	rc = is_current(d);
	if (rc == 0)
		rc = pragma_has(d, "SELECT count(*) FROM sqlite_schema", 0) == 1 ? 0 : ERR_CONFIG;
	return db_script(d, "RELEASE look", NULL) < 0 && rc >= 0 ? ERR_IO : rc;
}

int cache_open_get(struct db *d, const char *dir)
{
	char path[FILE_PATH_MAX];

	if (store_file(dir, CACHE_FILE, false, path, NULL) != 1 ||
		db_open(d, path, DB_READ, NULL) < 0)
		return -1;
	d->busy_ms = BUSY_MS;
	if (is_current(d) == 1)
		return 0;
	db_close(d);
	return -1;
}

static int open_put_once(struct db *d, const char *path)
{
	int rc = db_open(d, path, DB_WRITE, NULL);

	if (rc < 0)
		return rc;
	d->busy_ms = BUSY_MS;
	/*
	 * No write-ahead log: its index is shared memory, and a process that truncates that file
	 * kills all its users. A power failure may damage the file; that is detected and costs only
	 * the cached answers.
	 */
	rc = db_script(d, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF", NULL);
	if (rc == 0)
		rc = check_cache(d);
	if (rc == 0)
		rc = db_script(d, layout, NULL);
	if (rc < 0)
		db_close(d);
	return rc < 0 ? rc : 0;
}

/* Whether the file has our application ID, read without SQLite, since the file may be damaged. */
static bool is_ours(const char *path)
{
	static const uint8_t mark[] = {0x53, 0x50, 0x4f, 0x43};
	uint8_t id[4];
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool ours = fd >= 0 && pread(fd, id, sizeof(id), 68) == sizeof(id) &&
		    memcmp(id, mark, sizeof(mark)) == 0;

	if (fd >= 0)
		close(fd);
	return ours;
}

static int begin_anew(struct db *d, const char *dir, const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char part[FILE_PATH_MAX + 16], again[FILE_PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(part, sizeof(part), "%s%s", path, ends[i]);
		(void)unlink(part);
	}
	if (store_file(dir, CACHE_FILE, true, again, NULL) != 1)
		return -1;
	return open_put_once(d, again);
}

int cache_open_put(struct db *d, const char *dir)
{
	char path[FILE_PATH_MAX];
	int rc;

	if (store_file(dir, CACHE_FILE, true, path, NULL) != 1)
		return -1;
	rc = open_put_once(d, path);
	if ((rc != ERR_CONFIG && rc != ERR_IO) || !is_ours(path))
		return rc;
	/* A cache of ours, but of another version or damaged. */
	return begin_anew(d, dir, path);
}

int cache_renew(struct db *d, const char *dir)
{
	char path[FILE_PATH_MAX];

	db_close(d);
	if (store_file(dir, CACHE_FILE, false, path, NULL) != 1 || !is_ours(path))
		return -1;
	return begin_anew(d, dir, path);
}

static int read_signer(sqlite3_stmt *st, struct cert *c)
{
	memset(c, 0, sizeof(*c));
	if (db_text(st, 0, c->fpr, sizeof(c->fpr)) < 0 ||
		(c->fpr[0] && !text_is_fingerprint(c->fpr)) ||
		db_text(st, 2, c->uid, sizeof(c->uid)) < 0 ||
		db_keyids(st, 5, c->enc_keyid, &c->n_enc) < 0)
		return -1;
	c->use = CERT_USABLE;
	c->created = sqlite3_column_int64(st, 3);
	c->expires = sqlite3_column_int64(st, 4);
	return db_blob(st, 1, &c->data, &c->len);
}

struct cache *cache_open(const char *dir)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (c && cache_open_get(&c->db, dir) < 0) {
		free(c);
		c = NULL;
	}
	return c;
}

void cache_close(struct cache *c)
{
	if (c)
		db_close(&c->db);
	free(c);
}

int cache_signer_get(struct cache *c, const char *key, const char *stamp, struct cert *out)
{
	struct cert got;
	sqlite3_stmt *st = NULL;
	int rc = 0;

	if (stamp[0] == '\0' || !c)
		return 0;
	if (db_prepare(&c->db, &st, NULL,
		    "SELECT fpr, cert, uid, created, expires, enc_keyids FROM signer"
		    " WHERE key = ?1 AND stamp = ?2",
		    "tt", key, stamp) == 0 &&
		db_step(&c->db, st, NULL) == 1 && read_signer(st, &got) == 0) {
		*out = got;
		rc = 1;
	}
	db_done(&c->db, st);
	return rc;
}

void cache_signer_put(const char *dir, const char *key, const char *stamp, const struct cert *c)
{
	uint8_t ids[DB_KEYIDS_MAX];
	size_t ids_len = db_keyids_pack(c->enc_keyid, c->n_enc, ids);
	struct db d;

	if (stamp[0] == '\0' || c->len > DB_BLOB_MAX || cache_open_put(&d, dir) < 0)
		return;
	if (db_begin(&d, NULL) == 0) {
		int rc = db_run(&d, NULL,
			"INSERT OR REPLACE INTO signer (key, stamp, fpr, cert, uid,"
			" created, expires, enc_keyids, used)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
			" (SELECT coalesce(max(used), 0) + 1 FROM signer))",
			"tttbtiib", key, stamp, c->fpr, (const void *)c->data, c->len, c->uid,
			c->created, c->expires, (const void *)ids, ids_len);

		if (rc >= 0)
			rc = db_run(&d, NULL,
				"DELETE FROM signer WHERE key NOT IN"
				" (SELECT key FROM signer ORDER BY used DESC LIMIT ?1)",
				"i", (int64_t)SIGNERS_KEPT);
		(void)db_end(&d, rc, NULL);
	}
	db_close(&d);
}
