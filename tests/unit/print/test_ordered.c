/* SPDX-License-Identifier: ISC */
/* Texts that come in any order leave in theirs. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "print/ordered.h"

static FILE *out;

static int setup(void **state)
{
	(void)state;
	out = tmpfile();
	return out ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	fclose(out);
	return 0;
}

static off_t written(void)
{
	return lseek(fileno(out), 0, SEEK_END);
}

static void put(struct ordered *o, size_t i, const char *text)
{
	assert_int_equal(ordered_put(o, i, fileno(out), strdup(text), strlen(text), NULL), 0);
}

static void in_turn(void **state)
{
	char got[64] = "";
	struct ordered o;

	(void)state;
	assert_int_equal(ordered_init(&o, 5, NULL), 0);
	put(&o, 3, "d");
	put(&o, 1, "b");
	assert_int_equal(written(), 0);
	put(&o, 0, "a");
	assert_int_equal(written(), 2); /* at once, as far as it goes */
	put(&o, 2, "");
	assert_int_equal(written(), 3);
	put(&o, 4, "e");
	assert_int_equal(pread(fileno(out), got, sizeof(got), 0), 4);
	assert_string_equal(got, "abde");
	ordered_free(&o);
}

/* More than is held in memory. */
static void large(void **state)
{
	size_t each = 1u << 20, n = 40, i, k;
	char *text, *got = malloc(each);
	struct ordered o;

	(void)state;
	assert_non_null(got);
	assert_int_equal(ordered_init(&o, n, NULL), 0);
	for (i = n; i-- > 0;) {
		text = malloc(each);
		assert_non_null(text);
		memset(text, 'A' + (int)i, each);
		assert_int_equal(ordered_put(&o, i, fileno(out), text, each, NULL), 0);
		assert_true(o.held <= ORDERED_MEMORY_MAX);
	}
	assert_int_equal(written(), n * each);
	for (i = 0; i < n; i++) {
		assert_int_equal(pread(fileno(out), got, each, (off_t)(i * each)), each);
		for (k = 0; k < each && got[k] == 'A' + (int)i; k++)
			;
		assert_int_equal(k, each);
	}
	assert_int_equal(o.held, 0);
	ordered_free(&o);
	free(got);
}

static void nowhere_to_write(void **state)
{
	struct err err = ERR_INIT;
	struct ordered o;
	int full = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(full >= 0);
	assert_int_equal(ordered_init(&o, 2, NULL), 0);
	assert_int_equal(ordered_put(&o, 1, full, strdup("x"), 1, &err), 0);
	assert_int_equal(ordered_put(&o, 0, full, strdup("x"), 1, &err), ERR_IO);
	ordered_free(&o);
	close(full);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(in_turn), TEST(large), TEST(nowhere_to_write)};

	return cmocka_run_group_tests_name("ordered", tests, NULL, NULL);
}
