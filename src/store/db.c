/* SPDX-License-Identifier: ISC */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "print/quote.h"

#define BUSY_PAUSE_MS 20

static enum err_code code_for(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_TEMP;
	case SQLITE_NOMEM:
		return ERR_OS;
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return ERR_CREATE;
	case SQLITE_NOTADB:
		return ERR_CONFIG;
	default:
		return ERR_IO;
	}
}

/* The system's error, where SQLite only reports that there was one; 0: nothing is known. */
static int system_error(struct db *d, int rc)
{
	int e = d->h ? sqlite3_system_errno(d->h) : 0;

	/* SQLite extends the index of its log page by page and does not keep errno. */
	if ((rc & 0xff) == SQLITE_FULL || (rc == SQLITE_IOERR_SHMSIZE && e == 0))
		return ENOSPC;
	return (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN ? e : 0;
}

static const char *system_word(int e)
{
	if (e == EFBIG)
		return "beyond the limit for files, see ulimit -f";
	return e != 0 ? strerror(e) : NULL;
}

int db_readonly(const struct db *d, struct err *err)
{
	char word[ERR_HINT_MAX - 16];

	err_set(err, ERR_CREATE, "%s: it, or its -wal or -shm, cannot be written to", d->path);
	if (quote_shell(word, sizeof(word), d->path) == 0)
		err_hint(err, "chmod u+rw %s*", word);
	return ERR_CREATE;
}

/* err_set for the connection's last error. */
static int fail_db(struct db *d, struct err *err)
{
	int rc = d->h ? sqlite3_extended_errcode(d->h) : SQLITE_NOMEM;
	enum err_code code = code_for(rc);
	const int e = system_error(d, rc);
	const char *said = system_word(e);
	char word[ERR_HINT_MAX - 16];

	if (code == ERR_TEMP) {
		err_set(err, code, "%s: another process holds it locked", d->path);
		if (quote_shell(word, sizeof(word), d->path) == 0)
			err_hint(err, "fuser -v %s", word);
		return code;
	}
	if ((rc & 0xff) == SQLITE_READONLY)
		return db_readonly(d, err);
	err_set(err, code, "%s: %s%s%s%s", d->path, d->h ? sqlite3_errmsg(d->h) : "out of memory",
		said ? " (" : "", said ? said : "", said ? ")" : "");
	err_hint_space(err, e);
	if (code == ERR_CONFIG || (rc & 0xff) == SQLITE_CORRUPT)
		err_hint(err, "the file is damaged and was left as it is; restore a copy, or move "
			      "it away "
			      "and begin with no pins");
	return code;
}

/*
 * SQLite's own busy handler polls less and less often, so that among many writers the first comes
 * last. Here all soon poll equally often. n: number of polls so far. Non-zero: try again.
 */
static int wait_busy(void *arg, int n)
{
	struct timespec pause = {.tv_nsec = (n < 5 ? 2 : BUSY_PAUSE_MS) * 1000000L};
	struct db *d = arg;
	struct timespec t;
	int64_t now;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		return 0;
	now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	if (n == 0)
		d->busy_since = now;
	d->locked |= now - d->busy_since >= (d->busy_ms > 0 ? d->busy_ms : DB_BUSY_MS);
	if (d->locked)
		return 0;
	(void)nanosleep(&pause, NULL);
	return 1;
}

/* Prevents a prepared file from running code through its schema. */
static int harden_db(struct db *d, struct err *err)
{
	sqlite3_extended_result_codes(d->h, 1);
	if (sqlite3_busy_handler(d->h, wait_busy, d) != SQLITE_OK ||
		sqlite3_db_config(d->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
		sqlite3_db_config(d->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) != SQLITE_OK ||
		sqlite3_db_config(d->h, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL) != SQLITE_OK)
		return fail_db(d, err);
	sqlite3_limit(d->h, SQLITE_LIMIT_LENGTH, 2 * (int)DB_BLOB_MAX);
	sqlite3_limit(d->h, SQLITE_LIMIT_ATTACHED, 0);
	return db_script(d, "PRAGMA temp_store=MEMORY", err);
}

/* The path as a URI with immutable=1. */
static int frozen_uri(const char *path, struct buf *uri)
{
	int rc = buf_adds(uri, "file:");

	for (; *path && rc == 0; path++) {
		/* Characters special in a URI; the path is absolute, so its slashes may remain. */
		if (strchr("?#%", *path))
			rc = buf_addf(uri, "%%%02x", (unsigned)(unsigned char)*path);
		else
			rc = buf_addc(uri, *path);
	}
	return rc < 0 ? rc : buf_adds(uri, "?immutable=1");
}

/*
 * One thread alone uses it, so it needs no locks, and nobody asks how much memory it uses. Memory
 * is taken page by page: twenty at once, as usual, are more than most runs read. Without effect
 * once a database is open.
 */
static void quicken_sqlite(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

int db_open(struct db *d, const char *path, enum db_mode mode, struct err *err)
{
	int flags = mode == DB_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	struct buf uri = BUF_INIT(4 * FILE_PATH_MAX);
	int rc;

	memset(d, 0, sizeof(*d));
	d->readonly = mode != DB_WRITE;
	quicken_sqlite();
	if (strlen(path) >= sizeof(d->path) || (mode == DB_FROZEN && frozen_uri(path, &uri) < 0)) {
		buf_free(&uri);
		return err_set(err, ERR_CONFIG, "%s: the path is too long", path);
	}
	memcpy(d->path, path, strlen(path) + 1);
	flags |= SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	flags |= mode == DB_FROZEN ? SQLITE_OPEN_URI : 0;
	rc = sqlite3_open_v2(mode == DB_FROZEN ? buf_str(&uri) : path, &d->h, flags, NULL);
	buf_free(&uri);
	rc = rc == SQLITE_OK ? harden_db(d, err) : fail_db(d, err);
	if (rc < 0)
		db_close(d);
	return rc;
}

void db_close(struct db *d)
{
	size_t i;

	for (i = 0; i < DB_KEPT; i++) {
		sqlite3_finalize(d->kept[i]);
		d->kept[i] = NULL;
	}
	if (d->h)
		(void)sqlite3_close(d->h);
	d->h = NULL;
}

void db_done(struct db *d, sqlite3_stmt *st)
{
	sqlite3_stmt **place = &d->kept[d->turn];

	if (!st)
		return;
	(void)sqlite3_reset(st); /* its error was told when it happened */
	(void)sqlite3_clear_bindings(st);
	sqlite3_finalize(*place);
	*place = st;
	d->turn = (d->turn + 1) % DB_KEPT;
}

/* NULL: none of this text is kept. */
static sqlite3_stmt *take_statement(struct db *d, const char *sql)
{
	sqlite3_stmt *st;
	size_t i;

	for (i = 0; i < DB_KEPT; i++) {
		st = d->kept[i];
		if (!st || strcmp(sqlite3_sql(st), sql) != 0)
			continue;
		d->kept[i] = NULL;
		d->turn = (unsigned)i; /* it comes back there */
		return st;
	}
	return NULL;
}

static int bind_all(sqlite3_stmt *st, const char *types, va_list ap)
{
	int rc = SQLITE_OK;
	int col = 0;
	const void *p;

	for (; *types && rc == SQLITE_OK; types++) {
		col++;
		if (*types == 't') {
			rc = sqlite3_bind_text(
				st, col, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		} else if (*types == 'i') {
			rc = sqlite3_bind_int64(st, col, va_arg(ap, int64_t));
		} else {
			p = va_arg(ap, const void *);
			rc = sqlite3_bind_blob64(
				st, col, p ? p : "", va_arg(ap, size_t), SQLITE_TRANSIENT);
		}
	}
	return rc;
}

static int prepare_va(struct db *d, sqlite3_stmt **st, struct err *err, const char *sql,
	const char *types, va_list ap)
{
	int rc;

	*st = take_statement(d, sql);
	if (!*st && sqlite3_prepare_v2(d->h, sql, -1, st, NULL) != SQLITE_OK)
		return fail_db(d, err);
	if (bind_all(*st, types, ap) == SQLITE_OK)
		return 0;
	rc = fail_db(d, err);
	db_done(d, *st);
	*st = NULL;
	return rc;
}

int db_prepare(
	struct db *d, sqlite3_stmt **st, struct err *err, const char *sql, const char *types, ...)
{
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = prepare_va(d, st, err, sql, types, ap);
	va_end(ap);
	return rc;
}

int db_step(struct db *d, sqlite3_stmt *st, struct err *err)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : fail_db(d, err);
}

int db_number(struct db *d, int64_t *out, struct err *err, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = prepare_va(d, &st, err, sql, types, ap);
	va_end(ap);
	if (rc < 0)
		return rc;
	rc = db_step(d, st, err);
	if (rc > 0 && out)
		*out = sqlite3_column_int64(st, 0);
	db_done(d, st);
	return rc;
}

int db_run(struct db *d, struct err *err, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = prepare_va(d, &st, err, sql, types, ap);
	va_end(ap);
	if (rc < 0)
		return rc;
	do
		rc = db_step(d, st, err);
	while (rc > 0);
	if (rc == 0)
		rc = sqlite3_changes(d->h);
	db_done(d, st);
	return rc;
}

int db_script(struct db *d, const char *sql, struct err *err)
{
	return sqlite3_exec(d->h, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail_db(d, err);
}

int db_begin(struct db *d, struct err *err)
{
	int rc;

	if (d->readonly)
		return err_set(err, ERR_INTERNAL, "the store was opened for reading only");
	if (d->depth > 0 && sqlite3_get_autocommit(d->h))
		return err_set(err, ERR_IO, "%s: the transaction has failed already", d->path);
	rc = db_script(d, d->depth > 0 ? "SAVEPOINT inner" : "BEGIN IMMEDIATE", err);
	d->depth += rc == 0;
	return rc;
}

int db_end(struct db *d, int rc, struct err *err)
{
	bool inner = --d->depth > 0;
	int done;

	if (rc >= 0) {
		done = db_script(d, inner ? "RELEASE inner" : "COMMIT", err);
		if (done == 0)
			return rc;
		rc = done;
	}
	/* SQLite may have rolled back by itself already. */
	if (!sqlite3_get_autocommit(d->h))
		(void)sqlite3_exec(d->h, inner ? "ROLLBACK TO inner; RELEASE inner" : "ROLLBACK",
			NULL, NULL, NULL);
	return rc;
}

/*
 * Behind the end of the write-ahead log, where the next transactions go; the space stays reserved
 * for as long as the log exists. Opening and closing the log drops no lock: they are on other
 * files.
 */
static bool reserve_log(const struct db *d, size_t bytes)
{
	char path[FILE_PATH_MAX + 8];
	struct stat st;
	int fd, e;

	snprintf(path, sizeof(path), "%s-wal", d->path);
	fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return true;
	e = fstat(fd, &st) == 0 && fallocate(fd, FALLOC_FL_KEEP_SIZE, st.st_size, (off_t)bytes) < 0
		    ? errno
		    : 0;
	close(fd);
	return e != ENOSPC && e != EDQUOT;
}

int db_reserve(struct db *d, size_t bytes, struct err *err)
{
	struct statvfs st;

	if ((statvfs(d->path, &st) < 0 || st.f_blocks == 0 ||
		    (uint64_t)st.f_bavail * st.f_frsize >= bytes) &&
		reserve_log(d, bytes))
		return 0;
	err_set(err, ERR_IO, "%s: less than %zu kB are left on its disk", d->path, bytes / 1024);
	err_hint_space(err, ENOSPC);
	return ERR_IO;
}

int db_text(sqlite3_stmt *st, int col, char *out, size_t cap)
{
	const char *s = (const char *)sqlite3_column_text(st, col);
	int len = sqlite3_column_bytes(st, col);

	if (!s)
		s = "";
	if (len < 0 || (size_t)len >= cap || memchr(s, '\0', (size_t)len))
		return -1;
	memcpy(out, s, (size_t)len);
	out[len] = '\0';
	return 0;
}

int db_blob(sqlite3_stmt *st, int col, uint8_t **out, size_t *len)
{
	const void *p = sqlite3_column_blob(st, col);
	int n = sqlite3_column_bytes(st, col);
	uint8_t *copy = NULL;

	if (n < 0 || (unsigned)n > DB_BLOB_MAX)
		return -1;
	if (n > 0) {
		copy = p ? malloc((size_t)n) : NULL;
		if (!copy)
			return -1;
		memcpy(copy, p, (size_t)n);
	}
	*out = copy;
	*len = (size_t)n;
	return 0;
}

size_t db_keyids_pack(const uint64_t *id, size_t n, uint8_t *out)
{
	size_t i, j;

	for (i = 0; i < n && i < CERT_SUBKEYS_MAX; i++) {
		for (j = 0; j < 8; j++)
			out[8 * i + j] = (uint8_t)(id[i] >> (56 - 8 * j));
	}
	return 8 * i;
}

int db_keyids(sqlite3_stmt *st, int col, uint64_t *id, size_t *n)
{
	const uint8_t *p = sqlite3_column_blob(st, col);
	int len = sqlite3_column_bytes(st, col);
	size_t i, j;

	if (len < 0 || len % 8 != 0 || len > DB_KEYIDS_MAX || (len > 0 && !p))
		return -1;
	for (i = 0; i < (size_t)len / 8; i++) {
		id[i] = 0;
		for (j = 0; j < 8; j++)
			id[i] = id[i] << 8 | p[8 * i + j];
	}
	*n = i;
	return 0;
}
