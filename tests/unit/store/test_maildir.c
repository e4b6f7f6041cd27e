/* SPDX-License-Identifier: ISC */
/* send/maildir: a message is in cur, whole, or nowhere. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "store/maildir.h"

#define SIZE 200000 /* more than it reads at once */

static char root[FILE_PATH_MAX], folder[FILE_PATH_MAX], text[SIZE];
static struct err err;
static int mail;

static int setup(void **state)
{
	size_t i;

	(void)state;
	memset(&err, 0, sizeof(err));
	assert_int_equal(dir_make_temp(root, NULL), 0);
	assert_int_equal(path_join(folder, root, "sent"), 0);
	for (i = 0; i < SIZE; i++)
		text[i] = (char)('a' + i % 23);
	mail = memfd_create("mail", MFD_CLOEXEC);
	assert_true(mail >= 0);
	assert_int_equal(fd_write_all(mail, text, SIZE), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(mail);
	dir_remove(root);
	return 0;
}

/* How many files are in a part of the Maildir, -1 if there is no such folder; the path of one of
 * them in one. */
static int files(const char *part, char *one)
{
	char dir[FILE_PATH_MAX];
	const struct dirent *e;
	DIR *d;
	int n = 0;

	assert_int_equal(path_join(dir, folder, part), 0);
	d = opendir(dir);
	while (d && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		if (one)
			assert_int_equal(path_join(one, dir, e->d_name), 0);
	}
	if (d)
		closedir(d);
	return d ? n : -1;
}

static void stored_whole(void **state)
{
	struct buf got = BUF_INIT(SIZE);
	char path[FILE_PATH_MAX] = "";
	struct stat st;

	(void)state;
	assert_int_equal(maildir_make(folder, &err), 0);
	assert_int_equal(maildir_make(folder, &err), 0);
	assert_int_equal(maildir_store(folder, mail, SIZE, &err), 0);
	assert_int_equal(files("tmp", NULL), 0);
	assert_int_equal(files("new", NULL), 0);
	assert_int_equal(files("cur", path), 1);
	assert_non_null(strstr(path, ":2,S"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(file_read(path, &got, ERR_IO, &err), 0);
	assert_int_equal(got.len, SIZE);
	assert_memory_equal(got.p, text, SIZE);
	buf_free(&got);
	/* the same once more is another message; of a third only the first octets are wanted */
	assert_int_equal(maildir_store(folder, mail, SIZE, &err), 0);
	assert_int_equal(maildir_store(folder, mail, 10, &err), 0);
	assert_int_equal(files("cur", NULL), 3);
}

static void cut_short(void **state)
{
	(void)state;
	assert_int_equal(maildir_make(folder, &err), 0);
	assert_int_equal(maildir_store(folder, mail, SIZE + 1, &err), ERR_IO);
	assert_non_null(strstr(err.msg, folder));
	assert_int_equal(files("tmp", NULL), 0);
	assert_int_equal(files("cur", NULL), 0);
}

static void no_maildir(void **state)
{
	static const char *const part[] = {"tmp", "cur"};
	char path[FILE_PATH_MAX];
	size_t i;
	int fd;

	(void)state;
	assert_int_equal(maildir_store(folder, mail, SIZE, &err), ERR_CREATE);
	assert_int_equal(files(".", NULL), -1);
	for (i = 0; i < 2; i++) {
		assert_int_equal(maildir_make(folder, &err), 0);
		assert_int_equal(path_join(path, folder, part[i]), 0);
		assert_int_equal(rmdir(path), 0);
		assert_int_equal(maildir_store(folder, mail, SIZE, &err), ERR_CREATE);
		assert_non_null(strstr(err.msg, strerror(ENOENT)));
		assert_true(files("tmp", NULL) <= 0);
		assert_true(files("cur", NULL) <= 0);
	}
	/* a file where a folder should be */
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(maildir_make(folder, &err), ERR_CREATE);
	assert_non_null(strstr(err.msg, "is not a folder"));
	assert_int_equal(maildir_store(folder, mail, SIZE, &err), ERR_CREATE);
	assert_int_equal(files("tmp", NULL), 0);
	assert_int_equal(path_join(folder, root, "none/sent"), 0);
	assert_int_equal(maildir_make(folder, &err), ERR_CREATE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(stored_whole), TEST(cut_short), TEST(no_maildir)};

	return cmocka_run_group_tests_name("maildir", tests, NULL, NULL);
}
