/* SPDX-License-Identifier: ISC */
/*
 * The calls of sealpost that another process can see the effect of, or that see another's: each is
 * a point at which the explorer decides who goes on. A transaction of the database is one such
 * point; so are a lock, a change of a folder, and a look into one. The linker puts these in place
 * of the calls (--wrap).
 */
#include "step.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOCKED_MAX 4

struct world *world;

/* In place of the calls, and the calls themselves. */
extern __typeof__(fsync) __wrap_fsync, __real_fsync;
extern __typeof__(mkdir) __wrap_mkdir, __real_mkdir;
extern __typeof__(open64) __wrap_open64;
extern __typeof__(openat64) __wrap_openat64, __real_openat64;
extern __typeof__(renameat) __wrap_renameat, __real_renameat;
extern __typeof__(unlinkat) __wrap_unlinkat, __real_unlinkat;
extern __typeof__(fstatat64) __wrap_fstatat64, __real_fstatat64;
extern __typeof__(lstat64) __wrap_lstat64, __real_lstat64;
extern __typeof__(access) __wrap_access, __real_access;
extern __typeof__(readdir64) __wrap_readdir64, __real_readdir64;
extern __typeof__(pread64) __wrap_pread64, __real_pread64;
extern __typeof__(pwrite64) __wrap_pwrite64, __real_pwrite64;
extern __typeof__(fcntl64) __wrap_fcntl64, __real_fcntl64;
extern __typeof__(close) __wrap_close, __real_close;
extern __typeof__(nanosleep) __wrap_nanosleep, __real_nanosleep;
extern __typeof__(time) __wrap_time, __real_time;
extern __typeof__(getrandom) __wrap_getrandom;
extern __typeof__(getpid) __wrap_getpid;
extern __typeof__(clock_gettime) __wrap_clock_gettime, __real_clock_gettime;
extern __typeof__(waitpid) __wrap_waitpid, __real_waitpid;
extern __typeof__(sqlite3_step) __wrap_sqlite3_step, __real_sqlite3_step;
extern __typeof__(sqlite3_exec) __wrap_sqlite3_exec, __real_sqlite3_exec;
extern __typeof__(sqlite3_close) __wrap_sqlite3_close, __real_sqlite3_close;

static int role, sock = -1;
static int64_t frozen;
static uint64_t seen, before_try, drawn;
static bool changed, looks, held_before;
static sqlite3 *pins; /* the connection, while it is open */
static int locked[LOCKED_MAX] = {-1, -1, -1, -1};

uint64_t hash_add(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (; n > 0; n--, b++)
		h = (h ^ *b) * 0x100000001b3u;
	h ^= h >> 29;
	return h * 0xbf58476d1ce4e5b9u;
}

void step_seen(const void *p, size_t n)
{
	seen = hash_add(seen, p, n);
}

static void seen_number(int64_t n)
{
	step_seen(&n, sizeof(n));
}

/* The bit of an object; those that have no place have one in common. */
static uint64_t bit_of(const char *kind, const char *name)
{
	const uint64_t h = hash_add(hash_add(1, kind, strlen(kind)), name, strlen(name));
	unsigned i;

	for (i = 0; i < OBJECTS - 1 && world->object[i] != h && world->object[i] != 0; i++)
		;
	world->object[i] = h;
	return (uint64_t)1 << i;
}

static void wrote(uint64_t objects)
{
	world->touched[role].wrote |= objects;
}

/* What is done at this point depends on these, and on nothing that is not told likewise. */
static void looked(uint64_t objects)
{
	world->touched[role].looked |= objects;
	world->touched[role].unclear = false;
}

static void unclear(void)
{
	if (sock >= 0)
		world->touched[role].unclear = true;
}

/* A transaction that lasts from point to point, if only a reader's: others wait for it, or it does
 * not see what they do. */
static bool holds_database(void)
{
	sqlite3_stmt *st = NULL;

	if (!pins)
		return false;
	while ((st = sqlite3_next_stmt(pins, st)) != NULL && !sqlite3_stmt_busy(st))
		;
	return st || !sqlite3_get_autocommit(pins);
}

static void tell_explorer(int kind, const char *what, int status)
{
	unsigned *const granted = &world->granted[role];
	const bool held = holds_database();
	struct at a = {.seen = seen,
		.status = status,
		.kind = kind,
		.changed = changed,
		.touched = world->touched[role],
		.looks = looks};

	a.touched.unclear |= held || held_before;
	held_before = held;
	looks = false;
	if (kind != ENDED && *granted > 0) {
		--*granted;
		return;
	}
	snprintf(a.what, sizeof(a.what), "%s", what);
	if (send(sock, &a, sizeof(a), 0) != (ssize_t)sizeof(a))
		_exit(99);
	changed = false;
	world->touched[role] = (struct touched){0};
	if (kind == ENDED)
		return;
	if (recv(sock, granted, sizeof(*granted), 0) != (ssize_t)sizeof(*granted))
		_exit(99);
	--*granted;
}

void step_begin(int r, int s, int64_t now)
{
	role = r;
	sock = s;
	frozen = now;
	seen = drawn = 0;
	changed = looks = false;
}

void step_before(const char *what)
{
	if (sock < 0)
		return;
	tell_explorer(BEFORE, what, 0);
	unclear();
	before_try = seen;
	step_seen(what, strlen(what));
}

void step_end(int status)
{
	if (sock >= 0)
		tell_explorer(ENDED, "", status);
}

void step_taken(void)
{
	if (sock < 0)
		return;
	world->in_doubt[role] = true;
	world->from[role] = world->n_taken;
}

static void path_of(int fd, char out[PATH_ROOM])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, out, PATH_ROOM - 1);
	out[n > 0 ? n : 0] = '\0';
}

static void path_at(int dir, const char *name, char out[PATH_ROOM])
{
	char base[PATH_ROOM];

	if (name[0] == '/' || dir == AT_FDCWD) {
		snprintf(out, PATH_ROOM, "%s", name);
		return;
	}
	path_of(dir, base);
	snprintf(out, PATH_ROOM, "%.250s/%.250s", base, name);
}

/* What may come and go. */
static bool is_state(const char *path)
{
	const char *home = getenv("HOME");
	const size_t n = strlen(home);

	return strncmp(path, home, n) == 0 &&
	       (strncmp(path + n, "/.local/share/", 14) == 0 || strncmp(path + n, "/Sent", 5) == 0);
}

static const char *last_of(const char *path)
{
	const char *p = strrchr(path, '/');

	return p ? p + 1 : path;
}

/* There from the first to the last, where the folder is not made in this very run. */
static bool stays(const char *path)
{
	return !neighbours.fresh && strcmp(last_of(path), "queue") != 0;
}

static void before_file(const char *call, const char *path)
{
	char what[104];

	snprintf(what, sizeof(what), "%s %.90s", call, last_of(path));
	step_before(what);
}

static void before_look(const char *call, const char *path)
{
	looks = true;
	before_file(call, path);
}

/* Whether the path is there is all that counts, if it is a folder or none; but of the store's files
 * SQLite makes and removes some of its own, and the size counts. */
static void looked_for(const char *path)
{
	struct stat64 st;

	if (strncmp(last_of(path), "pins.db", 7) == 0)
		return;
	if (__real_lstat64(path, &st) < 0 || S_ISDIR(st.st_mode))
		looked(bit_of("path", path));
}

/* The disk. */

static void fault(const char *what)
{
	snprintf(world->fault, sizeof(world->fault), "%s", what);
}

static void not_synced(int what, const char *path, const char *from, bool empty)
{
	struct unsynced *u = &world->lost[world->n_lost];
	char dir[PATH_ROOM];

	changed = true;
	snprintf(dir, sizeof(dir), "%.*s", (int)(last_of(path) - path) - 1, path);
	wrote(bit_of("path", path) | bit_of("unsynced in", dir));
	if (world->n_lost == LOST_MAX) {
		fault("more is not synced than the explorer can lose");
		return;
	}
	*u = (struct unsynced){.what = what, .empty = empty};
	snprintf(u->path, sizeof(u->path), "%s", path);
	snprintf(u->from, sizeof(u->from), "%s", from);
	world->n_lost++;
}

static bool is_inside(const char *path, const char *dir)
{
	const size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/' && !strchr(path + n + 1, '/');
}

/* It is on the disk. */
static void forget_unsynced(const char *path)
{
	unsigned i, n = 0;

	for (i = 0; i < world->n_lost; i++) {
		if (strcmp(world->lost[i].path, path) != 0)
			world->lost[n++] = world->lost[i];
	}
	world->n_lost = n;
}

/* The bytes of a file, or the names of a folder. */
static void synced(const char *path, bool is_dir)
{
	unsigned i, n = 0;

	for (i = 0; i < world->n_lost; i++) {
		struct unsynced *u = &world->lost[i];

		if (is_dir && is_inside(u->path, path))
			continue;
		if (!is_dir && strcmp(u->path, path) == 0)
			u->empty = false;
		world->lost[n++] = *u;
	}
	world->n_lost = n;
}

static bool made_and_empty(const char *path)
{
	unsigned i;

	for (i = 0; i < world->n_lost; i++) {
		if (world->lost[i].what == MADE && strcmp(world->lost[i].path, path) == 0)
			return world->lost[i].empty;
	}
	return false;
}

int __wrap_fsync(int fd)
{
	char path[PATH_ROOM];
	struct stat st;
	bool is_dir;
	int rc;

	path_of(fd, path);
	if (sock < 0 || strncmp(path, getenv("HOME"), strlen(getenv("HOME"))) != 0)
		return __real_fsync(fd);
	is_dir = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
	looks = is_dir;
	before_file("fsync", path);
	if (is_dir)
		looked(bit_of("unsynced in", path));
	rc = __real_fsync(fd);
	if (rc == 0)
		synced(path, is_dir);
	return rc;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	int rc;

	if (sock < 0 || !is_state(path) || stays(path))
		return __real_mkdir(path, mode);
	before_look("mkdir", path);
	looked_for(path);
	rc = __real_mkdir(path, mode);
	if (rc == 0)
		not_synced(MADE, path, "", false);
	seen_number(rc);
	return rc;
}

static int open_seen(int dir, const char *name, int flags, mode_t mode)
{
	char path[PATH_ROOM];
	struct stat64 st;
	bool there;
	int fd, error;

	path_at(dir, name, path);
	if (sock < 0 || !is_state(path))
		return __real_openat64(dir, name, flags, mode);
	before_file((flags & O_EXCL) ? "create" : "open", path);
	looked_for(path);
	there = __real_lstat64(path, &st) == 0;
	fd = __real_openat64(dir, name, flags, mode);
	error = errno;
	if (fd >= 0 && !there) {
		changed = true;
		wrote(bit_of("path", path));
	}
	/* A lock says nothing once nobody holds it. */
	if (fd >= 0 && !there && !strstr(last_of(path), "lock"))
		not_synced(MADE, path, "", true);
	seen_number(fd >= 0 ? 0 : error);
	errno = error;
	return fd;
}

int __wrap_open64(const char *name, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_seen(AT_FDCWD, name, flags, mode);
}

int __wrap_openat64(int dir, const char *name, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_seen(dir, name, flags, mode);
}

int __wrap_renameat(int dir, const char *name, int to, const char *as)
{
	char from[PATH_ROOM], path[PATH_ROOM];
	bool empty;
	int rc;

	path_at(dir, name, from);
	path_at(to, as, path);
	if (sock < 0 || !is_state(path))
		return __real_renameat(dir, name, to, as);
	before_file("rename to", path);
	empty = made_and_empty(from);
	rc = __real_renameat(dir, name, to, as);
	wrote(bit_of("path", from));
	if (rc == 0)
		not_synced(RENAMED, path, from, empty);
	seen_number(rc);
	return rc;
}

int __wrap_unlinkat(int dir, const char *name, int flags)
{
	char path[PATH_ROOM], keep[PATH_ROOM];
	int rc, error;

	path_at(dir, name, path);
	if (sock < 0 || !is_state(path))
		return __real_unlinkat(dir, name, flags);
	before_file("unlink", path);
	snprintf(keep, sizeof(keep), "%.400s/kept.%u", getenv("HOME"), world->kept);
	if (link(path, keep) == 0)
		world->kept++;
	rc = __real_unlinkat(dir, name, flags);
	error = errno;
	if (rc == 0)
		not_synced(REMOVED, path, keep, false);
	seen_number(rc == 0 ? 0 : error);
	errno = error;
	return rc;
}

int __wrap_fstatat64(int dir, const char *name, struct stat64 *st, int flags)
{
	int rc, error;

	if (sock < 0)
		return __real_fstatat64(dir, name, st, flags);
	before_file("stat", name);
	rc = __real_fstatat64(dir, name, st, flags);
	error = errno;
	seen_number(rc < 0 ? -1 : (int64_t)st->st_size);
	errno = error;
	return rc;
}

/* Of the folder of the queue, which comes and stays. */
int __wrap_lstat64(const char *path, struct stat64 *st)
{
	int rc, error;

	if (sock < 0 || !is_state(path) || stays(path))
		return __real_lstat64(path, st);
	before_look("stat", path);
	looked_for(path);
	rc = __real_lstat64(path, st);
	error = errno;
	seen_number(rc);
	errno = error;
	return rc;
}

int __wrap_access(const char *path, int mode)
{
	int rc, error;

	if (sock < 0 || !is_state(path) || stays(path))
		return __real_access(path, mode);
	before_look("access", path);
	looked_for(path);
	rc = __real_access(path, mode);
	error = errno;
	seen_number(rc);
	errno = error;
	return rc;
}

struct dirent64 *__wrap_readdir64(DIR *d)
{
	struct dirent64 *e = __real_readdir64(d);

	unclear();
	if (e)
		step_seen(e->d_name, strlen(e->d_name));
	return e;
}

ssize_t __wrap_pread64(int fd, void *p, size_t n, off64_t at)
{
	ssize_t got = __real_pread64(fd, p, n, at);

	unclear();
	if (got > 0)
		step_seen(p, (size_t)got);
	return got;
}

ssize_t __wrap_pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	changed = true;
	return __real_pwrite64(fd, p, n, at);
}

/* Locks. */

int __wrap_fcntl64(int fd, int cmd, ...)
{
	char path[PATH_ROOM];
	va_list ap;
	void *arg;
	int rc, error, i;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (sock < 0 || cmd != F_OFD_SETLK)
		return __real_fcntl64(fd, cmd, arg);
	path_of(fd, path);
	before_file("lock", path);
	rc = __real_fcntl64(fd, cmd, arg);
	error = errno;
	for (i = 0; rc == 0 && i < LOCKED_MAX; i++) {
		if (locked[i] < 0) {
			locked[i] = fd;
			break;
		}
	}
	seen_number(rc == 0 ? 0 : error);
	errno = error;
	return rc;
}

int __wrap_close(int fd)
{
	char path[PATH_ROOM];
	int i;

	for (i = 0; sock >= 0 && i < LOCKED_MAX; i++) {
		if (locked[i] != fd || fd < 0)
			continue;
		path_of(fd, path);
		before_file("unlock", path);
		locked[i] = -1;
	}
	return __real_close(fd);
}

/* Somebody waits for another: to try again before that one has done anything would be the same
 * again. */
int __wrap_nanosleep(const struct timespec *t, struct timespec *left)
{
	if (sock < 0)
		return __real_nanosleep(t, left);
	seen = before_try;
	tell_explorer(WAITS, "wait", 0);
	unclear();
	return 0;
}

/* What differs from run to run. */

time_t __wrap_time(time_t *t)
{
	const time_t now = frozen ? (time_t)frozen : __real_time(NULL);

	if (t)
		*t = now;
	return now;
}

ssize_t __wrap_getrandom(void *p, size_t n, unsigned flags)
{
	uint8_t *b = p;
	uint64_t h;
	size_t i;

	(void)flags;
	for (i = 0; i < n; i++) {
		h = hash_add((uint64_t)role + 7, &drawn, sizeof(drawn));
		drawn++;
		b[i] = (uint8_t)(h >> 17);
	}
	return (ssize_t)n;
}

pid_t __wrap_getpid(void)
{
	return 1000 + role;
}

/* Of Maildir's names. */
int __wrap_clock_gettime(clockid_t id, struct timespec *t)
{
	if (id != CLOCK_REALTIME || !frozen)
		return __real_clock_gettime(id, t);
	*t = (struct timespec){.tv_sec = (time_t)frozen, .tv_nsec = (long)(drawn++) * 1000};
	return 0;
}

/* queue run has a process for each mail: it goes on in that one, and then knows how it has ended.
 */
pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	pid_t got = __real_waitpid(pid, status, options);

	if (status)
		seen_number(*status);
	changed = true;
	return got;
}

/* The database. */

static void seen_row(sqlite3_stmt *st, uint64_t *h)
{
	int i;

	for (i = 0; i < sqlite3_column_count(st); i++) {
		const void *p = sqlite3_column_blob(st, i);
		const int n = sqlite3_column_bytes(st, i);

		*h = hash_add(*h, &n, sizeof(n));
		if (p)
			*h = hash_add(*h, p, (size_t)n);
	}
}

static void hash_rows(sqlite3 *db, const char *sql, uint64_t *h)
{
	sqlite3_stmt *st = NULL;

	*h = hash_add(*h, sql, strlen(sql));
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK) {
		while (__real_sqlite3_step(st) == SQLITE_ROW)
			seen_row(st, h);
	}
	sqlite3_finalize(st);
}

static int pragma(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
		__real_sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return n;
}

/* What says who has a mail. */
static uint64_t noted(sqlite3 *db)
{
	uint64_t h = 0;

	hash_rows(db, "SELECT * FROM journal_rcpt", &h);
	hash_rows(db, "SELECT mail FROM journal WHERE closed IS NOT NULL", &h);
	return h;
}

/* Of each table, and of all. */
static uint64_t hash_tables(sqlite3 *db, uint64_t rows[OBJECTS])
{
	sqlite3_stmt *st = NULL;
	uint64_t h = 0, one;
	const char *name;
	char sql[256];

	memset(rows, 0, OBJECTS * sizeof(rows[0]));
	if (sqlite3_prepare_v2(db,
		    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1, &st,
		    NULL) == SQLITE_OK) {
		while (__real_sqlite3_step(st) == SQLITE_ROW) {
			name = (const char *)sqlite3_column_text(st, 0);
			snprintf(sql, sizeof(sql), "SELECT * FROM \"%.200s\"", name);
			one = 0;
			hash_rows(db, sql, &one);
			rows[__builtin_ctzll(bit_of("table", name))] ^= one;
			h = hash_add(h, &one, sizeof(one));
		}
	}
	sqlite3_finalize(st);
	return h;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words && strcmp(*words, word) != 0; words++)
		;
	return *words != NULL;
}

/* The tables that a statement opens, in *tables; false: it may look at something else too. */
static bool tables_of(sqlite3 *db, const char *sql, uint64_t *tables)
{
	static const char *const opens_table[] = {"OpenRead", "OpenWrite", "ReopenIdx", NULL},
				 *const does_more[] = {"Program", "Clear", "Destroy", "CreateBtree",
					 "ParseSchema", "VOpen", "Pagecount", "JournalMode", NULL};

	sqlite3_stmt *opens = NULL, *name = NULL;
	char explain[4096];
	bool known = snprintf(explain, sizeof(explain), "EXPLAIN %s", sql) < (int)sizeof(explain);

	known &= sqlite3_prepare_v2(db, explain, -1, &opens, NULL) == SQLITE_OK &&
		 sqlite3_prepare_v2(db, "SELECT tbl_name FROM sqlite_schema WHERE rootpage = ?1",
			 -1, &name, NULL) == SQLITE_OK;
	while (known && __real_sqlite3_step(opens) == SQLITE_ROW) {
		const char *op = (const char *)sqlite3_column_text(opens, 1);

		known = !is_one_of(op, does_more);
		if (!is_one_of(op, opens_table))
			continue;
		(void)sqlite3_reset(name);
		(void)sqlite3_bind_int(name, 1, sqlite3_column_int(opens, 3));
		known = sqlite3_column_int(opens, 4) == 0 &&
			__real_sqlite3_step(name) == SQLITE_ROW;
		if (known)
			*tables |= bit_of("table", (const char *)sqlite3_column_text(name, 0));
	}
	sqlite3_finalize(opens);
	sqlite3_finalize(name);
	return known;
}

/* Of a point that is not passed unasked. */
static void look_of_sql(sqlite3 *db, const char *sql)
{
	static const char *const frames[] = {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"};
	size_t i;

	if (world->granted[role] > 0 || world->touched[role].unclear)
		return;
	if (strchr(sql, ';') || strncmp(sql, "PRAGMA", 6) == 0) {
		unclear();
		return;
	}
	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		if (strncmp(sql, frames[i], strlen(frames[i])) == 0)
			return;
	}
	if (!tables_of(db, sql, &world->touched[role].looked))
		unclear();
}

static int changes_before;    /* by the connection, when its transaction began */
static uint64_t notes_before; /* likewise, what says who has a mail */

/* A transaction is committed: on the disk, if SQLite was told so. */
static void committed(sqlite3 *db)
{
	uint64_t rows[OBJECTS];
	unsigned i;

	world->db = hash_tables(db, rows);
	for (i = 0; i < OBJECTS; i++) {
		if (rows[i] != world->rows[i])
			wrote((uint64_t)1 << i);
	}
	memcpy(world->rows, rows, sizeof(rows));
	if (pragma(db, "PRAGMA synchronous") < 2)
		fault("a transaction was not synced");
	/* SQLite syncs the folder with the first one. */
	forget_unsynced(sqlite3_db_filename(db, "main"));
	if (noted(db) != notes_before)
		world->in_doubt[role] = false;
}

static bool is_pins(sqlite3 *db)
{
	const char *path = sqlite3_db_filename(db, "main");

	return sock >= 0 && path && strcmp(last_of(path), "pins.db") == 0;
}

static void before_sql(sqlite3 *db, const char *sql)
{
	const bool reads = strncmp(sql, "SELECT", 6) == 0;

	pins = db;
	if (!sqlite3_get_autocommit(db)) {
		look_of_sql(db, sql);
		return;
	}
	looks = reads;
	step_before(sql);
	looked(0);
	look_of_sql(db, sql);
	changes_before = sqlite3_total_changes(db);
	if (reads)
		return;
	notes_before = noted(db);
	if (!world->rows_known)
		(void)hash_tables(db, world->rows);
	world->rows_known = true;
}

static void after_sql(sqlite3 *db, int rc, bool ends)
{
	seen_number(rc);
	if (!sqlite3_get_autocommit(db) || (!ends && sqlite3_total_changes(db) == changes_before))
		return;
	committed(db);
	changes_before = sqlite3_total_changes(db);
}

int __wrap_sqlite3_step(sqlite3_stmt *st)
{
	sqlite3 *db = sqlite3_db_handle(st);
	int rc;

	if (!is_pins(db))
		return __real_sqlite3_step(st);
	if (!sqlite3_stmt_busy(st))
		before_sql(db, sqlite3_sql(st));
	rc = __real_sqlite3_step(st);
	if (rc == SQLITE_ROW)
		seen_row(st, &seen);
	else
		seen_number(sqlite3_changes(db));
	after_sql(db, rc, false);
	return rc;
}

int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*cb)(void *, int, char **, char **),
	void *arg, char **why)
{
	int rc;

	/* Of this connection alone. */
	if (!is_pins(db) || strncmp(sql, "PRAGMA temp_store", 17) == 0 ||
		strncmp(sql, "PRAGMA synchronous", 18) == 0)
		return __real_sqlite3_exec(db, sql, cb, arg, why);
	before_sql(db, sql);
	rc = __real_sqlite3_exec(db, sql, cb, arg, why);
	after_sql(db, rc, strcmp(sql, "COMMIT") == 0);
	return rc;
}

int __wrap_sqlite3_close(sqlite3 *db)
{
	if (db == pins)
		pins = NULL;
	return __real_sqlite3_close(db);
}
