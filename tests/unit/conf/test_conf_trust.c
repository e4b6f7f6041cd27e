/* SPDX-License-Identifier: ISC */
/* conf_trust.c: who could change a configuration, or put another one in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "conf/conf_trust.h"

#define FILE_ S_IFREG
#define DIR_ S_IFDIR
#define LINK_ S_IFLNK

static void judged(void **state)
{
	static const struct {
		const char *name;
		struct trust_facts f;
		enum trust expected;
	} rows[] = {
		{"1 the user's own file", {FILE_ | 0600, true, false, false}, TRUST_OK},
		{"2 that all may read", {FILE_ | 0644, true, false, false}, TRUST_OK},
		{"3 that all may write", {FILE_ | 0666, true, true, false}, TRUST_OTHERS},
		{"4 that others may write, the group not", {FILE_ | 0602, true, true, false},
			TRUST_OTHERS},
		{"5 another user's file", {FILE_ | 0600, false, false, false}, TRUST_OWNER},
		{"6 a group's file", {FILE_ | 0660, true, false, false}, TRUST_GROUP},
		{"7 its private group's", {FILE_ | 0664, true, true, false}, TRUST_OK},
		{"8 a list beside the private group", {FILE_ | 0664, true, true, true}, TRUST_LIST},
		{"9 a list that lets nobody write", {FILE_ | 0644, true, false, true}, TRUST_OK},
		{"10 a sticky file is a file", {FILE_ | 01666, true, true, false}, TRUST_OTHERS},
		{"11 the user's folder", {DIR_ | 0755, true, false, false}, TRUST_OK},
		{"12 a folder of everybody", {DIR_ | 0777, true, true, false}, TRUST_OTHERS},
		{"13 /tmp", {DIR_ | 01777, true, false, false}, TRUST_OK},
		{"14 a sticky folder of another user", {DIR_ | 01777, false, false, false},
			TRUST_OWNER},
		{"15 a group's folder", {DIR_ | 0775, true, false, false}, TRUST_GROUP},
		{"16 a group's folder, setgid", {DIR_ | 02775, true, false, false}, TRUST_GROUP},
		{"17 the private group's", {DIR_ | 0775, true, true, false}, TRUST_OK},
		{"18 a group's folder, sticky", {DIR_ | 01775, true, false, false}, TRUST_OK},
		{"19 a link of ours", {LINK_ | 0777, true, false, false}, TRUST_OK},
		{"20 a link of another user's", {LINK_ | 0777, false, false, false}, TRUST_OWNER},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(trust_judge(&rows[i].f), rows[i].expected);
	}
}

static char root[FILE_PATH_MAX];

static const char *in_root(const char *name)
{
	static char path[FILE_PATH_MAX];

	assert_int_equal(path_join(path, root, name), 0);
	return path;
}

/* root/a/b/conf, and links to it. */
static int make_tree(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(dir_make_temp(root, NULL), 0);
	assert_int_equal(mkdir(in_root("a"), 0700), 0);
	assert_int_equal(mkdir(in_root("a/b"), 0700), 0);
	assert_int_equal(mkdir(in_root("open"), 0700), 0);
	assert_int_equal(chmod(in_root("open"), 0777), 0);
	assert_int_equal(mkdir(in_root("sticky"), 0700), 0);
	assert_int_equal(chmod(in_root("sticky"), 01777), 0);
	fd = open(in_root("a/b/conf"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symlink("b", in_root("a/link")), 0);
	assert_int_equal(symlink("../a", in_root("open/link")), 0);
	assert_int_equal(symlink("../a/b", in_root("sticky/link")), 0);
	assert_int_equal(symlink("loop", in_root("loop")), 0);
	assert_int_equal(symlink("open/link", in_root("through")), 0);
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	dir_remove(root);
	return 0;
}

static void walked(void **state)
{
	static const struct {
		const char *name, *path,
			*wide; /* wide: a folder that others may write to, or NULL */
		int expected;
		const char *says;
	} rows[] = {
		{"1 all is the user's", "a/b/conf", NULL, 0, NULL},
		{"2 the folder of the file is everybody's", "a/b/conf", "a/b", ERR_CONFIG,
			"/a/b: others may write to it"},
		{"3 one above it", "a/b/conf", "a", ERR_CONFIG, "/a: others may write to it"},
		{"4 a link on the way", "a/link/conf", NULL, 0, NULL},
		{"5 and where it leads to", "a/link/conf", "a/b", ERR_CONFIG,
			"/a/b: others may write to it"},
		{"6 a link that others could replace", "open/link/b/conf", NULL, ERR_CONFIG,
			"/open: others may write to it"},
		{"7 by a second link", "through/b/conf", NULL, ERR_CONFIG,
			"/open: others may write to it"},
		{"8 our link in a sticky folder", "sticky/link/conf", NULL, 0, NULL},
		{"9 links in a circle", "loop/conf", NULL, ERR_CONFIG, "Too many levels"},
		{"10 back up", "a/../a/./b/../b/conf", NULL, 0, NULL},
		{"11 back up out of a folder of everybody", "open/../a/b/conf", NULL, ERR_CONFIG,
			"/open: others may write to it"},
		{"12 nothing is there", "a/c/conf", NULL, 0, NULL},
	};
	char wide[FILE_PATH_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		print_message("%s\n", rows[i].name);
		if (rows[i].wide) {
			assert_int_equal(path_join(wide, root, rows[i].wide), 0);
			assert_int_equal(chmod(wide, 0777), 0);
		}
		assert_int_equal(trust_way(in_root(rows[i].path), &err), rows[i].expected);
		if (rows[i].says)
			assert_non_null(strstr(err.msg, rows[i].says));
		if (rows[i].wide) {
			char hint[ERR_HINT_MAX];

			snprintf(hint, sizeof(hint), "chmod go-w %s", wide);
			assert_string_equal(err.hint, hint);
			assert_int_equal(chmod(wide, 0700), 0);
		}
	}
}

static void relative(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(chdir(in_root("a/b")), 0);
	assert_int_equal(trust_way("conf", &err), 0);
	assert_int_equal(chmod(in_root("a"), 0777), 0);
	assert_int_equal(trust_way("conf", &err), ERR_CONFIG);
	assert_int_equal(chmod(in_root("a"), 0700), 0);
	assert_int_equal(chdir("/"), 0);
}

static void another_users(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(in_root("a"), 12345, 0), 0);
	assert_int_equal(trust_way(in_root("a/b/conf"), &err), ERR_CONFIG);
	assert_non_null(strstr(err.msg, "/a: belongs to another user"));
	assert_int_equal(chown(in_root("a"), 0, 12345), 0);
	assert_int_equal(chmod(in_root("a"), 0770), 0);
	assert_int_equal(trust_way(in_root("a/b/conf"), &err), ERR_CONFIG);
	assert_non_null(strstr(err.msg, "/a: its group may write to it"));
	assert_int_equal(chown(in_root("a"), 0, 0), 0);
	assert_int_equal(trust_way(in_root("a/b/conf"), &err), 0);
	assert_int_equal(chmod(in_root("a"), 0700), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(judged), cmocka_unit_test(walked),
		cmocka_unit_test(relative), cmocka_unit_test(another_users)};

	return cmocka_run_group_tests_name("trust", tests, make_tree, remove_tree);
}
