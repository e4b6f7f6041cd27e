/* SPDX-License-Identifier: ISC */
/* What is written to a text file comes back whole, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text_file.h"

#define BLOCK 4096
#define BLOCKS 4096
#define ROOM (8u << 20) /* less than all blocks */

static void test_whole(void **state)
{
	struct text_file t;
	FILE *f = text_file_open(&t);
	size_t len = 1, i;
	char *text;

	(void)state;
	assert_non_null(f);
	text = text_file_close(&t, f, &len);
	assert_string_equal(text, "");
	assert_int_equal(len, 0);
	free(text);

	f = text_file_open(&t);
	assert_non_null(f);
	for (i = 0; i < 10000; i++)
		fprintf(f, "%04zu\n", i);
	fputc('\0', f);
	fputs("end", f);
	text = text_file_close(&t, f, &len);
	assert_non_null(text);
	assert_int_equal(len, 10000 * 5 + 4);
	assert_memory_equal(text, "0000\n0001\n", 10);
	assert_memory_equal(text + len - 9, "9999\n\0end", 10);
	free(text);
}

static void put_block(FILE *f, int how)
{
	static char block[BLOCK + 1];
	size_t i;

	memset(block, 'x', BLOCK);
	if (how == 0)
		(void)fputs(block, f);
	else if (how == 1)
		(void)fprintf(f, "%s", block);
	else if (how == 2)
		(void)fwrite(block, 1, BLOCK, f);
	for (i = 0; how == 3 && i < BLOCK; i++)
		(void)fputc('x', f);
}

/* A process that gets no more memory: what it is told of it. */
static int told_without_memory(int how)
{
	struct rlimit r = {ROOM, ROOM};
	struct text_file t;
	int status, i;
	FILE *f;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		f = text_file_open(&t);
		if (!f || setrlimit(RLIMIT_DATA, &r) < 0)
			_exit(2);
		for (i = 0; i < BLOCKS; i++)
			put_block(f, how);
		_exit(text_file_close(&t, f, NULL) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_no_memory(void **state)
{
	static const char *const way[] = {"fputs", "fprintf", "fwrite", "fputc"};
	int how;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* it ends the process */
#endif
	for (how = 0; how < 4; how++) {
		print_message("  %s\n", way[how]);
		assert_int_equal(told_without_memory(how), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("text_file", tests, NULL, NULL);
}
