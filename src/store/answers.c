/* SPDX-License-Identifier: ISC */
#include "store/answers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/cache_priv.h"
#include "store/store_priv.h"

#define LOCK_FILE "cache.lock"

struct answers {
	char dir[FILE_PATH_MAX];
	struct db db; /* db.h is NULL: not available */
	int lock;     /* descriptor, or -1 */
	bool wrote;
};

/* Opens the lock file without following symlinks; its content does not matter. */
static int open_lock(const char *dir)
{
	char path[FILE_PATH_MAX];

	if (store_file(dir, LOCK_FILE, true, path, NULL) != 1)
		return -1;
	return open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
}

struct answers *answers_open(const char *dir)
{
	struct answers *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->lock = -1;
	if (strlen(dir) >= sizeof(a->dir) ||
		(cache_open_put(&a->db, dir) < 0 && cache_open_get(&a->db, dir) < 0)) {
		free(a);
		return NULL;
	}
	memcpy(a->dir, dir, strlen(dir) + 1);
	a->lock = open_lock(dir);
	return a;
}

/* A checksum: a power failure may mix pages of different times, which nothing else would detect. */
static int sum_answer(const uint8_t *key, const struct answer *x, uint8_t out[DIGEST_LEN])
{
	int64_t times[2] = {x->asked, x->keep};
	struct digest_part part[] = {{key, DIGEST_LEN}, {times, sizeof(times)}, {x->data, x->len}};

	return digest_sha256(part, 3, out);
}

static bool as_written(const uint8_t *key, const struct answer *x, sqlite3_stmt *st, int col)
{
	const void *p = sqlite3_column_blob(st, col);
	uint8_t want[DIGEST_LEN];

	return p && sqlite3_column_bytes(st, col) == DIGEST_LEN && sum_answer(key, x, want) == 0 &&
	       memcmp(p, want, DIGEST_LEN) == 0;
}

/* Written so that no number in the file can overflow. */
static bool in_time(const struct answer *x)
{
	int64_t now = (int64_t)time(NULL);

	return x->asked > 0 && x->asked <= now && x->keep > 0 && x->keep <= ANSWER_KEEP_MAX &&
	       now - x->asked < x->keep;
}

int answers_get(struct answers *a, const uint8_t key[DIGEST_LEN], struct answer *out)
{
	struct answer x = {0};
	sqlite3_stmt *st = NULL;
	int rc;

	if (!a || !a->db.h)
		return 0;
	rc = db_prepare(&a->db, &st, NULL,
		"SELECT asked, keep, reply, sum FROM answer WHERE key = ?1", "b", (const void *)key,
		(size_t)DIGEST_LEN);
	if (rc == 0)
		rc = db_step(&a->db, st, NULL);
	if (rc == 1) {
		x.asked = sqlite3_column_int64(st, 0);
		x.keep = sqlite3_column_int64(st, 1);
		if (!in_time(&x) || db_blob(st, 2, &x.data, &x.len) < 0 ||
			!as_written(key, &x, st, 3)) {
			free(x.data);
			rc = 0;
		}
	}
	db_done(&a->db, st);
	if (rc == 1)
		*out = x;
	/* Locked by a process that hangs: waited for once, not for each address. */
	if (rc == ERR_TEMP)
		db_close(&a->db);
	return rc == 1;
}

static int put_once(struct answers *a, const uint8_t *key, const struct answer *x)
{
	uint8_t digest[DIGEST_LEN];

	if (x->keep <= 0 || x->len > ANSWER_OCTETS_MAX || sum_answer(key, x, digest) < 0)
		return db_run(&a->db, NULL, "DELETE FROM answer WHERE key = ?1", "b",
			(const void *)key, (size_t)DIGEST_LEN);
	return db_run(&a->db, NULL,
		"INSERT OR REPLACE INTO answer (key, asked, keep, reply, sum) VALUES (?1, ?2, ?3, "
		"?4, ?5)",
		"biibb", (const void *)key, (size_t)DIGEST_LEN, x->asked, x->keep,
		(const void *)x->data, x->len, (const void *)digest, (size_t)DIGEST_LEN);
}

void answers_put(struct answers *a, const uint8_t key[DIGEST_LEN], const struct answer *in)
{
	int rc;

	if (!a || !a->db.h || a->db.readonly)
		return;
	rc = put_once(a, key, in);
	/* Ours by its application ID, but damaged. */
	if ((rc == ERR_IO || rc == ERR_CONFIG) && cache_renew(&a->db, a->dir) == 0)
		rc = put_once(a, key, in);
	a->wrote |= rc >= 0;
	if (rc == ERR_TEMP)
		db_close(&a->db);
}

/* Deletes outdated answers, and the oldest ones beyond the limits. */
static void tidy_answers(struct answers *a)
{
	static const char old[] = "DELETE FROM answer WHERE asked > ?1 OR asked + keep <= ?1";
	static const char many[] =
		"DELETE FROM answer WHERE rowid IN (SELECT rowid FROM (SELECT rowid,"
		" row_number() OVER newest AS n, sum(length(reply)) OVER newest AS bytes FROM "
		"answer"
		" WINDOW newest AS (ORDER BY asked DESC, rowid DESC)) WHERE n > ?1 OR bytes > ?2)";

	if (db_begin(&a->db, NULL) < 0)
		return;
	if (db_run(&a->db, NULL, old, "i", (int64_t)time(NULL)) < 0)
		(void)db_end(&a->db, -1, NULL);
	else
		(void)db_end(&a->db,
			db_run(&a->db, NULL, many, "ii", (int64_t)ANSWERS_KEPT,
				(int64_t)ANSWERS_OCTETS_MAX),
			NULL);
}

void answers_close(struct answers *a)
{
	if (!a)
		return;
	if (a->wrote && a->db.h)
		tidy_answers(a);
	db_close(&a->db);
	if (a->lock >= 0)
		close(a->lock);
	free(a);
}

/* Locks one byte at a large offset, where nothing is read or written. */
static int set_lock(const struct answers *a, const uint8_t *key, short type)
{
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_len = 1};
	uint64_t at;

	memcpy(&at, key, sizeof(at));
	l.l_start = (off_t)(at >> 2);
	return fcntl(a->lock, F_OFD_SETLK, &l);
}

bool answers_lock(struct answers *a, const uint8_t key[DIGEST_LEN])
{
	if (!a || a->lock < 0)
		return true;
	if (set_lock(a, key, F_WRLCK) == 0)
		return true;
	return errno != EAGAIN && errno != EACCES;
}

void answers_unlock(struct answers *a, const uint8_t key[DIGEST_LEN])
{
	if (a && a->lock >= 0)
		(void)set_lock(a, key, F_UNLCK);
}
