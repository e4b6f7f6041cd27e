/* SPDX-License-Identifier: ISC */
/* pins.db as a file: strange, damaged, full, in the way; nothing of it may seem to be a missing
 * pin. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"
#include "store_pins.h"

static char db_path[FILE_PATH_MAX];

static int setup(void **state)
{
	setup_folder(state);
	assert_int_equal(path_join(db_path, dir, "pins.db"), 0);
	return 0;
}

static void files_are_private(void **state)
{
	mode_t old = umask(0);
	struct store *s = opened(false);
	struct stat st;
	char wal[FILE_PATH_MAX + 8];

	(void)state;
	put(s, "a@x.example", PIN_TOFU, FPR_A);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(db_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(wal, sizeof(wal), "%s-wal", db_path);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	store_close(s);
	umask(old);
}

static void sql(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(db_path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void make_foreign(void)
{
	sql("CREATE TABLE t (x)");
	assert_int_equal(chmod(db_path, 0600), 0);
}

static void make_foreign_id(void)
{
	sql("PRAGMA application_id=7; CREATE TABLE t (x)");
	assert_int_equal(chmod(db_path, 0600), 0);
}

static void make_newer(void)
{
	store_close(opened(false));
	sql("PRAGMA user_version=99");
}

static void make_garbage(void)
{
	char text[4096];

	memset(text, 'x', sizeof(text));
	write_file(db_path, text, sizeof(text));
}

/* With a log that a copy of the file would need. */
static void make_emptied(void)
{
	char log[FILE_PATH_MAX + 8];

	store_close(opened(false));
	assert_int_equal(truncate(db_path, 0), 0);
	snprintf(log, sizeof(log), "%s-wal", db_path);
	write_file(log, "log", 3);
}

static void make_without_tables(void)
{
	sql("PRAGMA user_version=1; PRAGMA user_version=0");
	assert_int_equal(chmod(db_path, 0600), 0);
}

static void make_symlink(void)
{
	char other[FILE_PATH_MAX];

	store_close(opened(false));
	assert_int_equal(path_join(other, dir, "other.db"), 0);
	assert_int_equal(rename(db_path, other), 0);
	assert_int_equal(symlink("other.db", db_path), 0);
}

static void make_hard_link(void)
{
	char other[FILE_PATH_MAX];

	store_close(opened(false));
	assert_int_equal(path_join(other, dir, "other.db"), 0);
	assert_int_equal(link(db_path, other), 0);
}

static void make_open_file(void)
{
	store_close(opened(false));
	assert_int_equal(chmod(db_path, 0640), 0);
}

static void make_open_dir(void)
{
	store_close(opened(false));
	assert_int_equal(chmod(dir, 0750), 0);
}

static void make_folder(void)
{
	assert_int_equal(mkdir(db_path, 0700), 0);
}

static void make_foreign_owner(void)
{
	store_close(opened(false));
	assert_int_equal(chown(db_path, 12345, 0), 0);
}

static void make_linked_dir(void)
{
	char other[FILE_PATH_MAX];

	store_close(opened(false));
	assert_int_equal(path_join(other, root, "elsewhere"), 0);
	assert_int_equal(rename(dir, other), 0);
	assert_int_equal(symlink("elsewhere", dir), 0);
}

/* What lies there and is not ours: named, refused, left as it is. */
static void strange_files_are_refused_and_left(void **state)
{
	static const struct {
		const char *name;
		void (*make)(void);
		const char *says;
		bool root_only;
	} row[] = {{"foreign database", make_foreign, "another program"},
		{"foreign application id", make_foreign_id, "another program"},
		{"newer layout", make_newer, "newer sealpost"},
		{"garbage", make_garbage, "not a database"}, {"no bytes", make_emptied, "is empty"},
		{"no tables", make_without_tables, "is empty"},
		{"symbolic link", make_symlink, "symbolic link"},
		{"hard link", make_hard_link, "hard link"},
		{"open file", make_open_file, "mode 640"},
		{"open folder", make_open_dir, "mode 750"},
		{"a folder", make_folder, "not a regular"},
		{"other's file", make_foreign_owner, "another user", true},
		{"linked folder", make_linked_dir, "not a folder"}};
	char log[FILE_PATH_MAX + 8];
	struct store *s = NULL;
	struct stat st;
	size_t i;
	int readonly;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].root_only && geteuid() != 0)
			continue;
		dir_remove(dir);
		(void)unlink(dir);
		assert_int_equal(mkdir(dir, 0700), 0);
		row[i].make();
		for (readonly = 0; readonly < 2; readonly++) {
			memset(&err, 0, sizeof(err));
			if (store_open(&s, dir, readonly, &err) != ERR_CONFIG ||
				!strstr(err.msg, row[i].says) || !strstr(err.msg, dir))
				fail_msg("%s: %d: %s", row[i].name, err.code, err.msg);
			assert_null(s);
		}
		assert_int_equal(lstat(db_path, &st), 0);
		snprintf(log, sizeof(log), "%s-wal", db_path);
		assert_true(row[i].make != make_emptied || access(log, F_OK) == 0);
	}
}

/* What a first use leaves that is killed: before the file, before its layout, before the mark is
 * gone. */
static void first_use_that_was_killed(void **state)
{
	char mark[FILE_PATH_MAX];
	struct store *s;
	struct pin p;
	int left;

	(void)state;
	assert_int_equal(path_join(mark, dir, "pins.db-new"), 0);
	for (left = 0; left < 3; left++) {
		dir_remove(dir);
		assert_int_equal(mkdir(dir, 0700), 0);
		if (left == 1)
			write_file(db_path, "", 0);
		if (left == 2)
			store_close(opened(false));
		write_file(mark, "", 0);
		s = opened(true);
		assert_int_equal(store_pin_get(s, "a@x.example", &p, &err), 0);
		store_close(s);
		assert_int_equal(access(mark, F_OK), 0);
		s = opened(false);
		put(s, "a@x.example", PIN_TOFU, FPR_A);
		store_close(s);
		assert_int_equal(access(mark, F_OK), -1);
		assert_int_equal(truncate(db_path, 0), 0);
		assert_int_equal(store_open(&s, dir, true, &err), ERR_CONFIG);
	}
}

static void damage_is_an_error_not_absence(void **state)
{
	static const char *const change[] = {"UPDATE pin SET method = hex(zeroblob(9000))",
		"UPDATE pin SET fpr = 'NOT HEX'", "UPDATE pin SET enc_keyids = x'0102'",
		"UPDATE pin SET enc_keyids = zeroblob(8 * 66)"};
	struct store *s;
	struct pin p;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		s = opened(false);
		put(s, "a@x.example", PIN_TOFU, FPR_A);
		store_close(s);
		sql(change[i]);
		s = opened(true);
		rc = store_pin_get(s, "a@x.example", &p, &err);
		if (rc != ERR_IO)
			fail_msg("%s: %d: %s", change[i], rc, err.msg);
		store_close(s);
	}
}

static void damaged_evidence_is_an_error(void **state)
{
	struct store *s = opened(false);
	char *evidence = NULL;

	(void)state;
	put(s, "a@x.example", PIN_TOFU, FPR_A);
	store_close(s);
	sql("UPDATE pin SET evidence = hex(zeroblob(9000))");
	s = opened(true);
	assert_int_equal(store_pin_evidence(s, "a@x.example", &evidence, &err), ERR_IO);
	assert_null(evidence);
	store_close(s);
}

static void truncated_file_is_an_error(void **state)
{
	struct store *s = opened(false);
	struct pin p;
	char name[64];
	struct stat st;
	int i, rc;

	(void)state;
	for (i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "a%d@x.example", i);
		put(s, name, PIN_TOFU, FPR_A);
	}
	store_close(s);
	assert_int_equal(stat(db_path, &st), 0);
	assert_int_equal(truncate(db_path, st.st_size / 8192 * 4096), 0);
	s = NULL;
	rc = store_open(&s, dir, true, &err);
	for (i = 0; rc == 0 && i < 60; i++) {
		snprintf(name, sizeof(name), "a%d@x.example", i);
		rc = store_pin_get(s, name, &p, &err);
		if (rc == 0) /* a pin must not seem not to be there */
			fail_msg("%s is gone", name);
		if (rc == 1)
			pin_free(&p);
		rc = rc == 1 ? 0 : rc;
	}
	assert_int_equal(rc, ERR_IO);
	store_close(s);
}

static void the_log_only_grows(void **state)
{
	struct store *s = opened(false);
	sqlite3 *db;

	(void)state;
	assert_int_equal(store_log(s, "", "test", "a line", &err), 0);
	store_close(s);
	assert_int_equal(sqlite3_open(db_path, &db), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM log", NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(
		sqlite3_exec(db, "UPDATE log SET what = ''", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* What a folder that cannot be made is, and a disk that is full. */
static void no_room_and_no_folder(void **state)
{
	char path[FILE_PATH_MAX];
	struct rlimit was, limit;
	struct store *s = NULL;
	struct pin p = make_pin("a@x.example", PIN_TOFU, FPR_A);
	uint8_t *big = calloc(1, 300000);
	int rc;

	(void)state;
	assert_int_equal(path_join(path, root, "file"), 0);
	write_file(path, "x", 1);
	assert_int_equal(path_join(dir, path, "data"), 0);
	assert_int_equal(store_open(&s, dir, false, &err), ERR_CREATE);
	assert_int_equal(path_join(dir, root, "data"), 0);
	s = opened(false);
	getrlimit(RLIMIT_FSIZE, &was);
	limit = was;
	limit.rlim_cur = 65536;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	p.cert = big;
	p.cert_len = 300000;
	rc = store_pin_put(s, &p, "pinned", &err);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(rc, ERR_IO);
	assert_int_equal(store_pin_get(s, "a@x.example", &p, &err), 0);
	put(s, "b@x.example", PIN_TOFU, FPR_A);
	store_close(s);
	free(big);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(files_are_private),
		TEST(strange_files_are_refused_and_left), TEST(first_use_that_was_killed),
		TEST(damage_is_an_error_not_absence), TEST(damaged_evidence_is_an_error),
		TEST(truncated_file_is_an_error), TEST(the_log_only_grows),
		TEST(no_room_and_no_folder)};

	return cmocka_run_group_tests_name("store_files", tests, NULL, NULL);
}
