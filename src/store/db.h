/* SPDX-License-Identifier: ISC */
/*
 * SQLite, as used by the store and the cache: one connection, statements with values bound by a
 * type string, one message for an error. Private to src/store/.
 */
#ifndef SEALPOST_DB_H
#define SEALPOST_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/file.h"
#include "pgp/cert/intake.h"

#define DB_BUSY_MS 5000        /* in total for one connection, not for each statement */
#define DB_BLOB_MAX (4u << 20) /* octets of one certificate */
#define DB_KEPT 8              /* statements kept for the next time */
#define DB_KEYIDS_MAX (8 * CERT_SUBKEYS_MAX)

struct db {
	sqlite3 *h;
	char path[FILE_PATH_MAX];
	bool readonly;
	int busy_ms;        /* time-out for locks of other processes; 0: DB_BUSY_MS */
	int64_t busy_since; /* start of the current wait, milliseconds of the monotonic clock */
	bool locked;        /* timed out: another process holds the file */
	unsigned depth;     /* transactions that are open, one within the other */
	sqlite3_stmt *kept[DB_KEPT]; /* not in use; NULL: none */
	unsigned turn;               /* whose place is next to be given to another */
};

enum db_mode {
	DB_WRITE,
	DB_READ,
	DB_FROZEN, /* read-only folder: not even readers can be coordinated */
};

/*
 * Opens an existing file; a symlink is refused. On failure there is nothing to close. d must not
 * move until it is closed. Codes here and below: ERR_CREATE (read-only), ERR_IO (full, damaged,
 * failed), ERR_CONFIG (no database), ERR_TEMP (busy), ERR_OS (memory).
 */
int db_open(struct db *d, const char *path, enum db_mode mode, struct err *err);
void db_close(struct db *d);

/* err_set for a database that cannot be written to, or whose -wal or -shm cannot. ERR_CREATE. */
int db_readonly(const struct db *d, struct err *err);

/*
 * Prepares a statement and binds what follows by types: 't' const char *, 'i' int64_t, 'b' const
 * void * and size_t. The caller ends it with db_done (NULL on failure).
 */
int db_prepare(
	struct db *d, sqlite3_stmt **st, struct err *err, const char *sql, const char *types, ...);
/* Ends a statement, which is kept for when the same text is prepared again. st may be NULL. */
void db_done(struct db *d, sqlite3_stmt *st);
/* 1: a row; 0: the end; negative error. */
int db_step(struct db *d, sqlite3_stmt *st, struct err *err);
/* Prepares, binds, runs to the end. The number of rows changed, or a negative error. */
int db_run(struct db *d, struct err *err, const char *sql, const char *types, ...);
/* Prepares, binds. 1: there is a row, *out (may be NULL) is the first column of the first; 0: there
 * is none; negative error. */
int db_number(struct db *d, int64_t *out, struct err *err, const char *sql, const char *types, ...);
/* Constant statements without values, perhaps several. */
int db_script(struct db *d, const char *sql, struct err *err);

/*
 * A write transaction. db_end commits if rc is not negative, else rolls back; returns rc, or the
 * error. One within another is undone by itself, but commits only with the outer one. After a
 * failed db_begin there is nothing to end.
 */
int db_begin(struct db *d, struct err *err);
int db_end(struct db *d, int rc, struct err *err);

/*
 * Reserves disk space, in bytes, for what the next transactions write. Where the file system cannot
 * reserve, it only looks at what is free. ERR_IO: there is not so much.
 */
int db_reserve(struct db *d, size_t bytes, struct err *err);

/* Copies the text of a column to out; -1 if it does not fit or contains a NUL. NULL counts as "".
 */
int db_text(sqlite3_stmt *st, int col, char *out, size_t cap);
/* A copy of a blob, malloc'ed, NULL if empty. -1 if it is larger than DB_BLOB_MAX or memory is
 * short.
 */
int db_blob(sqlite3_stmt *st, int col, uint8_t **out, size_t *len);
/* Packs key IDs, eight bytes each, big endian. */
size_t db_keyids_pack(const uint64_t *id, size_t n, uint8_t *out);
int db_keyids(sqlite3_stmt *st, int col, uint64_t *id, size_t *n);

#endif
