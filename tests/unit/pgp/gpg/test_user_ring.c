/* SPDX-License-Identifier: ISC */
/* The user's keyring: there, not there, or not to be told, which is never taken for not there. */
#include "pgp/gpg/user_ring.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "pgp/gpg/home.h"

enum what { NONE, EMPTY, FULL, FOLDER, FIFO, DANGLING, LINK };

static void put(const char *home, const char *name, enum what what)
{
	char path[FILE_PATH_MAX], to[FILE_PATH_MAX];
	FILE *f;

	assert_int_equal(path_join(path, home, name), 0);
	switch (what) {
	case NONE:
		break;
	case EMPTY:
	case FULL:
		f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(what == FULL ? "keys" : "", f) >= 0);
		assert_int_equal(fclose(f), 0);
		break;
	case FOLDER:
		assert_int_equal(mkdir(path, 0700), 0);
		break;
	case FIFO:
		assert_int_equal(mkfifo(path, 0600), 0);
		break;
	case DANGLING:
		assert_int_equal(symlink("nowhere", path), 0);
		break;
	case LINK:
		put(home, "elsewhere", FULL);
		assert_int_equal(path_join(to, home, "elsewhere"), 0);
		assert_int_equal(symlink(to, path), 0);
		break;
	}
}

static const struct row {
	const char *name;
	enum what kbx, gpg;
	int want;
	const char *ring; /* its name, or a part of what is said */
} rows[] = {
	{"1 none", .want = 0, .ring = ""},
	{"2 a keybox", FULL, .want = 1, .ring = "pubring.kbx"},
	{"3 an old one", NONE, FULL, .want = 1, .ring = "pubring.gpg"},
	{"4 both", FULL, FULL, .want = 1, .ring = "pubring.kbx"},
	{"5 a link", LINK, .want = 1, .ring = "pubring.kbx"},
	{"6 an empty keybox", EMPTY, .want = ERR_TEMP, .ring = "damaged"},
	{"7 an empty old one, as gpg 1 made it", NONE, EMPTY, .want = 1, .ring = "pubring.gpg"},
	{"8 a folder", FOLDER, FULL, .want = ERR_CONFIG, .ring = "not a regular file"},
	{"9 a pipe", FIFO, .want = ERR_CONFIG, .ring = "not a regular file"},
	{"10 a link to nothing", DANGLING, FULL, .want = ERR_CONFIG, .ring = "No such file"},
	{"11 an old one, a link to nothing", NONE, DANGLING, .want = ERR_CONFIG,
		.ring = "No such file"},
};

static void finds(void **state)
{
	char home[FILE_PATH_MAX];
	struct user_ring r;
	const char *slash;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		err = (struct err)ERR_INIT;
		assert_int_equal(dir_make_temp(home, &err), 0);
		put(home, "pubring.kbx", rows[i].kbx);
		put(home, "pubring.gpg", rows[i].gpg);
		setenv("GNUPGHOME", home, 1);
		assert_int_equal(user_ring_find(&r, &err), rows[i].want);
		slash = strrchr(r.path, '/');
		if (rows[i].want < 0)
			assert_non_null(strstr(err.msg, rows[i].ring));
		else if (rows[i].want == 1)
			assert_string_equal(slash ? slash + 1 : r.path, rows[i].ring);
		dir_remove(home);
	}
}

/* The home itself may lie on a medium that is not mounted. */
static void homes(void **state)
{
	char dir[FILE_PATH_MAX], home[FILE_PATH_MAX];
	struct err err = ERR_INIT;
	struct user_ring r;

	(void)state;
	assert_int_equal(dir_make_temp(dir, &err), 0);
	assert_int_equal(path_join(home, dir, "home"), 0);
	setenv("GNUPGHOME", home, 1);
	assert_int_equal(user_ring_find(&r, &err), 0);
	put(dir, "home", DANGLING);
	assert_int_equal(user_ring_find(&r, &err), ERR_CONFIG);
	assert_non_null(strstr(err.hint, "ls -ld "));
	dir_remove(dir);
}

/* gpg keeps a copy of what it last replaced. */
static void names_the_copy(void **state)
{
	char home[FILE_PATH_MAX];
	struct err err = ERR_INIT;
	struct user_ring r;

	(void)state;
	assert_int_equal(dir_make_temp(home, &err), 0);
	setenv("GNUPGHOME", home, 1);
	put(home, "pubring.kbx", EMPTY);
	assert_int_equal(user_ring_find(&r, &err), ERR_TEMP);
	assert_string_equal(err.hint, "gpg --list-keys");
	put(home, "pubring.kbx~", FULL);
	assert_int_equal(user_ring_find(&r, &err), ERR_TEMP);
	assert_non_null(strstr(err.hint, "/pubring.kbx~"));
	dir_remove(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds), cmocka_unit_test(homes), cmocka_unit_test(names_the_copy)};

	return cmocka_run_group_tests_name("user_ring", tests, NULL, NULL);
}
