/* SPDX-License-Identifier: ISC */
/* spool.c: what is finished can be read and not changed. */
#include "mime_util.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "mime/spool.h"

static void fill(struct spool *s, size_t n)
{
	char chunk[1000];
	size_t i, part;

	for (i = 0; i < n; i += part) {
		part = n - i < sizeof(chunk) ? n - i : sizeof(chunk);
		memset(chunk, 'a' + (int)(i / sizeof(chunk) % 26), part);
		spool_add(s, chunk, part);
	}
}

static void memory_is_sealed(void **state)
{
	struct spool s;
	char *text;
	size_t n;

	(void)state;
	assert_int_equal(spool_open(&s, 100, true, NULL), 0);
	assert_true(s.memfd);
	spool_adds(&s, "hello ");
	fill(&s, 20000);
	spool_add(&s, "", 0);
	assert_int_equal(spool_finish(&s, NULL), 0);
	assert_int_equal(s.size, 20006);
	assert_int_equal(
		fcntl(s.fd, F_GET_SEALS), F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
	assert_int_equal(write(s.fd, "x", 1), -1);
	assert_int_equal(ftruncate(s.fd, 1), -1);
	assert_true(fcntl(s.fd, F_GETFD) & FD_CLOEXEC);
	text = text_of(s.fd, &n);
	assert_int_equal(n, 20006);
	assert_memory_equal(text, "hello aaa", 9);
	assert_int_equal(text[20005], 'a' + 19);
	free(text);
	spool_close(&s);
	assert_int_equal(s.fd, -1);
	spool_close(&s);
}

static void large_goes_to_a_file(void **state)
{
	struct spool s;
	struct stat st;

	(void)state;
	assert_int_equal(spool_open(&s, 100 << 20, false, NULL), 0);
	assert_false(s.memfd);
	fill(&s, 12345);
	assert_int_equal(spool_finish(&s, NULL), 0);
	assert_int_equal(fstat(s.fd, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_size, 12345);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(lseek(s.fd, 0, SEEK_CUR), 0);
	spool_close(&s);
}

static void clear_text_stays_in_memory(void **state)
{
	struct spool s;

	(void)state;
	assert_int_equal(spool_open(&s, (off_t)1 << 40, true, NULL), 0);
	assert_true(s.memfd);
	spool_close(&s);
}

static void failures_stick(void **state)
{
	struct err err = ERR_INIT;
	struct spool s;
	int fd;

	(void)state;
	assert_int_equal(spool_open(&s, 10, false, NULL), 0);
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(dup2(fd, s.fd), s.fd);
	close(fd);
	fill(&s, 100000);
	assert_int_equal(spool_finish(&s, &err), ERR_IO);
	assert_non_null(strstr(err.msg, strerror(ENOSPC)));
	spool_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(memory_is_sealed),
		cmocka_unit_test(large_goes_to_a_file),
		cmocka_unit_test(clear_text_stays_in_memory), cmocka_unit_test(failures_stick)};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
