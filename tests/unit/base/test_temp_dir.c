/* SPDX-License-Identifier: ISC */
/* Temporary folders of the killed: removed once nobody holds them, never before, and nothing else
 * with them. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temp_dir.h"

static char root[FILE_PATH_MAX];

static const char *at(const char *name)
{
	static char path[4][FILE_PATH_MAX];
	static int i;

	i = (i + 1) % 4;
	assert_int_equal(path_join(path[i], root, name), 0);
	return path[i];
}

static bool there(const char *name)
{
	struct stat st;

	return lstat(at(name), &st) == 0;
}

static void make_file(const char *name)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	return dir_make_temp(root, NULL);
}

static int teardown(void **state)
{
	(void)state;
	dir_remove(root);
	return 0;
}

/* A process that holds a folder for as long as it lives; its id. */
static pid_t hold(const char *name)
{
	int p[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		c = stale_hold(at(name)) == 0 ? 'y' : 'n';
		if (write(p[1], &c, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(p[1]);
	assert_int_equal(read(p[0], &c, 1), 1);
	close(p[0]);
	assert_int_equal(c, 'y');
	return pid;
}

static void killed(void **state)
{
	pid_t pid;

	(void)state;
	assert_int_equal(mkdir(at("sealpost.aaaaaa"), 0700), 0);
	assert_int_equal(mkdir(at("sealpost.aaaaaa/home"), 0700), 0);
	make_file("sealpost.aaaaaa/home/file");
	make_file("sealpost.aaaaaa/file");
	make_file("outside");
	assert_int_equal(symlink("../outside", at("sealpost.aaaaaa/link")), 0);
	assert_int_equal(symlink("..", at("sealpost.aaaaaa/up")), 0);
	pid = hold("sealpost.aaaaaa");
	assert_int_equal(stale_hold(at("sealpost.aaaaaa")), -1);
	stale_remove(root);
	assert_true(there("sealpost.aaaaaa/home/file"));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	stale_remove(root);
	assert_false(there("sealpost.aaaaaa"));
	assert_true(there("outside"));
	assert_int_equal(stale_hold(at("sealpost.aaaaaa")), -1);
}

/* What is not one of those folders stays. */
static void others(void **state)
{
	static const struct {
		const char *name;
		mode_t mode; /* of a folder; 0: a file; 1: a link to a folder that is one */
		bool stays;
	} row[] = {
		{"sealpost.abcdef", 0700, false},
		{"sealpost.ABC123", 0700, false},
		{"sealpost-abcdef", 0700, true},
		{"sealpost.abcde", 0700, true},
		{"sealpost.abcdefg", 0700, true},
		{"sealpost.", 0700, true},
		{"xsealpost.abcdef", 0700, true},
		{"gnupg", 0700, true},
		{"sealpost.opened", 0755, true},
		{"sealpost.a_file", 0, true},
		{"sealpost.a_link", 1, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].mode > 1)
			assert_int_equal(mkdir(at(row[i].name), row[i].mode), 0);
		else if (row[i].mode == 1)
			assert_int_equal(symlink("gnupg", at(row[i].name)), 0);
		else
			make_file(row[i].name);
		if (row[i].mode > 1)
			assert_int_equal(chmod(at(row[i].name), row[i].mode), 0);
	}
	make_file("gnupg/key");
	/* Where others may put something, nothing is removed. */
	assert_int_equal(chmod(root, 0710), 0);
	stale_remove(root);
	assert_true(there("sealpost.abcdef"));
	assert_int_equal(chmod(root, 0700), 0);
	assert_int_equal(symlink(".", at("self")), 0);
	stale_remove(at("self"));
	assert_true(there("sealpost.abcdef"));
	stale_remove(at("absent"));
	stale_remove(at("sealpost.a_file"));
	stale_remove(root);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (there(row[i].name) != row[i].stays)
			fail_msg("%s", row[i].name);
	}
	assert_true(there("gnupg/key"));
}

static void at_most(void **state)
{
	char name[32];
	int i, left = 0;

	(void)state;
	for (i = 0; i < STALE_MAX + 3; i++) {
		snprintf(name, sizeof(name), "sealpost.%06d", i);
		assert_int_equal(mkdir(at(name), 0700), 0);
	}
	stale_remove(root);
	for (i = 0; i < STALE_MAX + 3; i++) {
		snprintf(name, sizeof(name), "sealpost.%06d", i);
		left += there(name);
	}
	assert_int_equal(left, 3);
	stale_remove(root);
}

#define MAKERS 4
#define ROUNDS 400

/* One process after another that starts, works in its folder and is killed in effect. 0: the folder
 * was there all along. */
static int make_and_leave(int which)
{
	char path[FILE_PATH_MAX], file[FILE_PATH_MAX];
	int i, fd;

	for (i = 0; i < ROUNDS; i++) {
		if (path_join(path, root, STALE_PREFIX "XXXXXX") < 0 || !mkdtemp(path))
			return 1;
		if (stale_hold(path) < 0)
			continue; /* taken for a stale one: the caller makes another */
		snprintf(file, sizeof(file), "%.4000s/%d.%d", path, which, i);
		fd = open(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd < 0)
			return 2;
		usleep(100);
		if (access(file, F_OK) != 0)
			return 3;
		fd_close_range(3, ~0u); /* as its end would */
	}
	return 0;
}

/* However it falls out, a folder that is held stays. */
static void at_the_same_time(void **state)
{
	pid_t pid[MAKERS + 2];
	int i, status, bad = 0;

	(void)state;
	for (i = 0; i < MAKERS + 2; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0 && i < MAKERS)
			_exit(make_and_leave(i));
		for (; pid[i] == 0;)
			stale_remove(root);
	}
	for (i = 0; i < MAKERS; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		bad = status != 0 ? status : bad;
	}
	for (; i < MAKERS + 2; i++) {
		kill(pid[i], SIGKILL);
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
	}
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed, setup, teardown),
		cmocka_unit_test_setup_teardown(others, setup, teardown),
		cmocka_unit_test_setup_teardown(at_most, setup, teardown),
		cmocka_unit_test_setup_teardown(at_the_same_time, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
