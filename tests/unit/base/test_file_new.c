/* SPDX-License-Identifier: ISC */
/* base/file: a file that appears whole or not at all, and what stands there when it does not. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temp_dir.h"

static char root[FILE_PATH_MAX];
static int base, to; /* the folder, and "to" in it */

static int setup(void **state)
{
	(void)state;
	assert_int_equal(dir_make_temp(root, NULL), 0);
	base = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(base >= 0);
	assert_int_equal(mkdirat(base, "to", 0700), 0);
	to = openat(base, "to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(to >= 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(to);
	close(base);
	dir_remove(root);
	return 0;
}

static int put(int dir, const char *temp, int to_dir, const char *name, const char *text)
{
	struct file_new f;

	if (file_new_begin(&f, dir, temp) < 0)
		return -1;
	return file_new_end(&f, fd_write_all(f.fd, text, strlen(text)), to_dir, name);
}

/* What a file says; "" when there is none. Borrowed until the next call. */
static const char *says(int dir, const char *name)
{
	static char text[64];
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static size_t entries(int dir)
{
	DIR *d = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void appears_whole(void **state)
{
	char path[FILE_PATH_MAX];
	mode_t old = umask(0);
	struct file_new f;
	struct stat st;

	(void)state;
	assert_int_equal(file_new_begin(&f, base, "temp"), 0);
	assert_int_equal(fd_write_all(f.fd, "half", 4), 0);
	assert_int_equal(entries(to), 0);
	assert_int_equal(file_new_end(&f, fd_write_all(f.fd, " whole", 6), to, "name"), 0);
	umask(old);
	assert_int_equal(f.fd, -1);
	assert_string_equal(says(to, "name"), "half whole");
	assert_int_equal(fstatat(to, "name", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* in the place of the one that is there, and by a path */
	assert_int_equal(path_join(path, root, "temp"), 0);
	assert_int_equal(put(AT_FDCWD, path, to, "name", "next"), 0);
	assert_string_equal(says(to, "name"), "next");
	/* beside it */
	assert_int_equal(put(to, "temp", to, "other", ""), 0);
	assert_int_equal(entries(to), 2);
	assert_int_equal(entries(base), 1);
	/* of a symlink only the name is taken */
	assert_int_equal(symlinkat("name", to, "link"), 0);
	assert_int_equal(put(base, "temp", to, "link", "of its own"), 0);
	assert_string_equal(says(to, "name"), "next");
	assert_string_equal(says(to, "link"), "of its own");
}

static void other_name_is_taken(void **state)
{
	struct file_new f;

	(void)state;
	assert_int_equal(put(base, "temp", base, "taken", "others'"), 0);
	assert_int_equal(symlinkat("nowhere", base, "link"), 0);
	assert_int_equal(file_new_begin(&f, base, "taken"), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(f.fd, -1);
	assert_int_equal(file_new_begin(&f, base, "link"), -1);
	assert_int_equal(errno, EEXIST);
	assert_string_equal(says(base, "taken"), "others'");
	assert_int_equal(faccessat(base, "nowhere", F_OK, 0), -1);
}

static void folder_is_missing(void **state)
{
	struct file_new f;

	(void)state;
	assert_int_equal(file_new_begin(&f, base, "none/temp"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(put(base, "temp", base, "none/name", "x"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(unlinkat(base, "to", AT_REMOVEDIR), 0);
	assert_int_equal(file_new_begin(&f, to, "temp"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(put(base, "temp", to, "name", "x"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(entries(base), 0);
}

static void name_is_a_folder(void **state)
{
	(void)state;
	assert_int_equal(put(base, "temp", base, "to", "x"), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(entries(base), 1);
}

static void caller_could_not_write(void **state)
{
	struct file_new f;

	(void)state;
	assert_int_equal(put(base, "temp", to, "name", "old"), 0);
	assert_int_equal(file_new_begin(&f, base, "temp"), 0);
	assert_int_equal(fd_write_all(f.fd, "ne", 2), 0);
	errno = ENOSPC;
	assert_int_equal(file_new_end(&f, -1, to, "name"), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(f.fd, -1);
	assert_string_equal(says(to, "name"), "old");
	assert_int_equal(entries(base), 1);
}

/* In a process of its own. body: 0, the number of what is not so, or 77 when it cannot be tried
 * here. */
static void in_child(int (*body)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(body());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static int no_room(void)
{
	static const struct rlimit small = {3, 3};

	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &small) < 0)
		return 77;
	if (put(base, "temp", to, "name", "old") < 0)
		return 1;
	if (put(base, "temp", to, "name", "newer") == 0 || errno != EFBIG)
		return 2;
	return strcmp(says(to, "name"), "old") == 0 && entries(base) == 1 ? 0 : 3;
}

static void there_is_no_room(void **state)
{
	(void)state;
	in_child(no_room);
}

/* Root may write everywhere: it becomes somebody who may not. */
static int read_only(void)
{
	struct file_new f;

	if (fchmod(base, 0777) < 0 || fchmod(to, 0555) < 0 ||
		(geteuid() == 0 && seteuid(65534) < 0))
		return 77;
	if (file_new_begin(&f, to, "temp") == 0 || errno != EACCES)
		return 1;
	if (put(base, "temp", to, "name", "x") == 0 || errno != EACCES)
		return 2;
	return entries(base) == 1 && entries(to) == 0 ? 0 : 3;
}

static void folder_may_not_be_written_to(void **state)
{
	(void)state;
	in_child(read_only);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(appears_whole), TEST(other_name_is_taken),
		TEST(folder_is_missing), TEST(name_is_a_folder), TEST(caller_could_not_write),
		TEST(there_is_no_room), TEST(folder_may_not_be_written_to)};

	return cmocka_run_group_tests_name("new files", tests, NULL, NULL);
}
