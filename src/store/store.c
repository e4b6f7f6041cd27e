/* SPDX-License-Identifier: ISC */
#include "store/store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/schema.h"

#define STORE_FILE "pins.db"
#define FIRST_USE STORE_FILE "-new" /* there until the first layout is complete */
#define WAL_TRIES 50
#define WAL_PAUSE_MS 20

static int check_store_file(const char *path, bool *there, struct err *err)
{
	struct stat st;

	*there = lstat(path, &st) == 0;
	if (!*there)
		return errno == ENOENT ? 0 : err_path(err, ERR_IO, path);
	if (S_ISLNK(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s: is a symbolic link", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s: is not a regular file", path);
	if (st.st_nlink != 1)
		return err_set(err, ERR_CONFIG, "%s: has a second name (hard link)", path);
	return file_check_private(path, &st, ERR_CONFIG, err);
}

/*
 * Opens only a file that does not exist yet: closing one that SQLite has open elsewhere in this
 * process would drop its locks. SQLite's other files inherit the mode.
 */
static int create_file(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST)
		return err_path(err, ERR_CREATE, path);
	if (fd >= 0)
		close(fd);
	return 0;
}

static int make_store_dir(const char *dir, struct err *err)
{
	const int rc = dir_make_private(dir, err);

	if (rc == ERR_CREATE)
		err_hint(err, "set HOME, or data-dir in the configuration, to a folder of yours");
	return rc;
}

/* Whoever finds pins.db knows that its folder is on the disk. */
int store_make_dir(const char *dir, struct err *err)
{
	char path[FILE_PATH_MAX];
	const int rc = make_store_dir(dir, err);

	if (rc == 0 && path_join(path, dir, STORE_FILE) == 0 && access(path, F_OK) < 0)
		dir_sync_above(path);
	return rc;
}

int store_file(const char *dir, const char *name, bool make, char *real, struct err *err)
{
	char resolved[PATH_MAX];
	bool there;
	int rc;

	rc = make ? make_store_dir(dir, err) : dir_check_private(dir, err);
	if (rc < 0 || (rc == 0 && !make))
		return rc;
	if (!realpath(dir, resolved))
		return err_path(err, ERR_IO, dir);
	if (make && access(resolved, W_OK) < 0)
		return err_set(err, err_of_errno(errno, ERR_CREATE), "%s cannot be written to: %s",
			dir, strerror(errno));
	if (path_join(real, resolved, name) < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", dir);
	rc = check_store_file(real, &there, err);
	if (rc == 0 && !there && make) {
		rc = create_file(real, err);
		if (rc == 0)
			rc = check_store_file(real, &there, err);
	}
	return rc < 0 ? rc : there;
}

/*
 * Switching to the write-ahead log needs exclusive access for a moment, and SQLite does not wait
 * for it. If it fails, readers and writers merely wait for each other.
 */
static int set_wal(struct db *d, struct err *err)
{
	static const struct timespec pause = {.tv_nsec = WAL_PAUSE_MS * 1000000L};
	int i, rc;

	for (i = 0; i < WAL_TRIES; i++) {
		rc = db_script(d, "PRAGMA journal_mode=WAL", err);
		if (rc != ERR_TEMP || d->locked)
			return rc;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static int is_emptied(const char *path, struct err *err)
{
	err_set(err, ERR_CONFIG, "%s: is empty; the pins that were in it are lost", path);
	err_hint(err, "restore a copy, or move it away and begin with no pins");
	return ERR_CONFIG;
}

/*
 * Marks the store as one that is made for the first time, so that a killed first use can be told
 * from a store that has lost its contents.
 */
static int begin_first_use(const char *dir, const char *mark, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct stat st;
	int rc;

	if (path_join(path, dir, STORE_FILE) < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", dir);
	if (lstat(path, &st) == 0 || errno != ENOENT)
		return 0;
	rc = make_store_dir(dir, err);
	if (rc == 0)
		rc = create_file(mark, err);
	if (rc == 0)
		dir_sync_above(mark); /* before there is a file that it tells of */
	return rc;
}

/*
 * Before SQLite, which takes an empty file for a new database and deletes its log. The mark is
 * looked for first: while it is there, the file may be empty; once it is gone, the layout is
 * complete.
 */
static int check_contents(const char *path, const char *mark, bool *first, struct err *err)
{
	struct stat st;

	*first = access(mark, F_OK) == 0;
	if (*first)
		return 0;
	if (stat(path, &st) < 0)
		return err_path(err, ERR_IO, path);
	return st.st_size == 0 ? is_emptied(path, err) : 0;
}

/* Which layout the file has. Only at first use may it have none. */
static int check_layout(struct db *d, bool first, enum schema_found *found, struct err *err)
{
	int rc = schema_check(d, found, err);

	return rc == 0 && *found == SCHEMA_EMPTY && !first ? is_emptied(d->path, err) : rc;
}

static int open_writable(struct db *d, const char *path, bool first, struct err *err)
{
	enum schema_found found;
	int rc = db_open(d, path, DB_WRITE, err);

	if (rc < 0)
		return rc;
	/* Before anything is read, which would leave a log beside it that nobody can write to. */
	if (sqlite3_db_readonly(d->h, "main") == 1)
		return db_readonly(d, err);
	rc = db_script(d, "PRAGMA synchronous=FULL", err);
	if (rc == 0)
		rc = check_layout(d, first, &found, err);
	if (rc == 0 && found != SCHEMA_OURS)
		rc = schema_make(d, err);
	if (rc == 0)
		rc = set_wal(d, err);
	return rc;
}

/*
 * Even readers write to the index of a write-ahead log. If the folder is not writable and no log is
 * left over, the file itself is complete and can be opened as immutable.
 */
static bool is_frozen(const char *path)
{
	char part[FILE_PATH_MAX + 8];

	snprintf(part, sizeof(part), "%s", path);
	*strrchr(part, '/') = '\0';
	if (access(part, W_OK) == 0 || !errno_is_of_path(errno))
		return false;
	snprintf(part, sizeof(part), "%s-wal", path);
	return access(part, F_OK) < 0 && errno == ENOENT;
}

/* Upgrades an older layout and opens the file again. */
static int renew_layout(struct db *d, const char *path, struct err *err)
{
	int rc;

	db_close(d);
	rc = open_writable(d, path, false, err);
	db_close(d);
	if (rc == ERR_CREATE) {
		err_set(err, ERR_CREATE,
			"%s: has an older layout, and cannot be written for the upgrade", path);
		err_hint(err, "make the folder writable once, and run: sealpost pins list");
	}
	return rc < 0 ? rc : db_open(d, path, DB_READ, err);
}

static int open_readonly(struct db *d, const char *path, bool first, struct err *err)
{
	enum schema_found found;
	int rc = db_open(d, path, is_frozen(path) ? DB_FROZEN : DB_READ, err);

	if (rc < 0)
		return rc;
	rc = check_layout(d, first, &found, err);
	if (rc == 0 && found == SCHEMA_EMPTY)
		db_close(d);
	else if (rc == 0 && found == SCHEMA_OLDER)
		rc = renew_layout(d, path, err);
	return rc;
}

/* The file, if there is one: db stays closed if there is none, or only the beginning of one. */
static int open_file(
	struct db *d, const char *dir, const char *mark, bool readonly, struct err *err)
{
	char path[FILE_PATH_MAX];
	bool first;
	int rc = store_file(dir, STORE_FILE, !readonly, path, err);

	if (rc == 0 && !readonly)
		rc = err_set(err, ERR_CREATE, "%s: cannot be made", path);
	if (rc <= 0)
		return rc;
	rc = check_contents(path, mark, &first, err);
	if (rc == 0)
		rc = readonly ? open_readonly(d, path, first, err)
			      : open_writable(d, path, first, err);
	if (rc == 0 && !readonly && first)
		(void)unlink(mark);
	return rc;
}

int store_open(struct store **out, const char *dir, bool readonly, struct err *err)
{
	char mark[FILE_PATH_MAX];
	struct store *s;
	int rc = 0;

	if (path_join(mark, dir, FIRST_USE) < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", dir);
	if (!readonly)
		rc = begin_first_use(dir, mark, err);
	if (rc < 0)
		return rc;
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(err, ERR_OS, "out of memory");
	rc = open_file(&s->db, dir, mark, readonly, err);
	if (rc < 0) {
		store_close(s);
		return rc;
	}
	s->db.readonly = readonly;
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	db_close(&s->db);
	free(s);
}

int store_damaged(struct store *s, const char *what, struct err *err)
{
	err_set(err, ERR_IO, "%s: is damaged (%s)", s->db.path, what);
	err_hint(err, "the file was left as it is; restore a copy, or move it away and begin with "
		      "no pins");
	return ERR_IO;
}

int store_begin(struct store *s, struct err *err)
{
	return s->db.h ? db_begin(&s->db, err) : 0;
}

int store_end(struct store *s, int rc, struct err *err)
{
	return s->db.h ? db_end(&s->db, rc, err) : rc;
}
