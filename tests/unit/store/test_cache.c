/* SPDX-License-Identifier: ISC */
/* cache.db, which may go at any time. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"
#include "store/cache.h"
#include "store/marks.h"
#include "store_pins.h"

static int signer_get(const char *key, const char *stamp, struct cert *out)
{
	struct cache *c = cache_open(dir);
	int rc = cache_signer_get(c, key, stamp, out);

	cache_close(c);
	return rc;
}

static void signer_is_kept_for_its_stamp(void **state)
{
	struct cert c = make_cert(FPR_A), none = {0}, got;

	(void)state;
	assert_int_equal(signer_get("a@x.example", "s1", &got), 0);
	cache_signer_put(dir, "a@x.example", "s1", &c);
	cache_signer_put(dir, "b@x.example", "s1", &none);
	cache_signer_put(dir, "c@x.example", "", &c);
	assert_int_equal(signer_get("a@x.example", "s2", &got), 0);
	assert_int_equal(signer_get("A@x.example", "s1", &got), 0);
	assert_int_equal(signer_get("c@x.example", "", &got), 0);
	assert_int_equal(signer_get("a@x.example", "s1", &got), 1);
	assert_string_equal(got.fpr, FPR_A);
	assert_string_equal(got.uid, c.uid);
	assert_int_equal(got.len, c.len);
	assert_memory_equal(got.data, c.data, c.len);
	assert_int_equal(got.n_enc, 1);
	assert_true(got.enc_keyid[0] == 42);
	cert_free(&got);
	assert_int_equal(signer_get("b@x.example", "s1", &got), 1);
	assert_string_equal(got.fpr, "");
	assert_null(got.data);
	cache_signer_put(dir, "a@x.example", "s2", &none);
	assert_int_equal(signer_get("a@x.example", "s1", &got), 0);
}

static void cache_is_disposable(void **state)
{
	struct cert c = make_cert(FPR_A), got;
	char path[FILE_PATH_MAX], garbage[8192];
	uint8_t first;
	int fd;

	(void)state;
	memset(garbage, 'x', sizeof(garbage));
	assert_int_equal(path_join(path, dir, "cache.db"), 0);
	cache_signer_put(dir, "k", "s", &c);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(signer_get("k", "s", &got), 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(signer_get("k", "s", &got), 1);
	cert_free(&got);
	/* Ours, but damaged: begun anew. */
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, garbage, 4000, 100), 4000);
	close(fd);
	assert_int_equal(signer_get("k", "s", &got), 0);
	cache_signer_put(dir, "k", "s", &c);
	assert_int_equal(signer_get("k", "s", &got), 1);
	cert_free(&got);
	/* Another program's: left alone. */
	write_file(path, garbage, sizeof(garbage));
	cache_signer_put(dir, "k", "s", &c);
	assert_int_equal(signer_get("k", "s", &got), 0);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, &first, 1), 1);
	assert_int_equal(first, 'x');
	close(fd);
	/* A symlink is not followed. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("../victim", path), 0);
	cache_signer_put(dir, "k", "s", &c);
	assert_int_equal(path_join(path, root, "victim"), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static struct kept_marks marks_for(unsigned char key)
{
	struct kept_marks m = {.text = NULL}, *p = &m;
	struct cache *c = cache_open(dir);

	memset(m.key, key, sizeof(m.key));
	marks_get(c, p, 1);
	cache_close(c);
	return m;
}

static void marks_are_kept(void **state)
{
	struct kept_marks m[] = {{.text = (char *)(uintptr_t) "+-+"},
		{.text = (char *)(uintptr_t) ""}, {.text = NULL}};
	struct kept_marks got;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		memset(m[i].key, 'a' + (int)i, sizeof(m[i].key));
	marks_get(NULL, m, 3); /* no cache: nothing is touched */
	assert_null(m[2].text);
	marks_put(dir, m, 3);
	got = marks_for('a');
	assert_string_equal(got.text, "+-+");
	free(got.text);
	got = marks_for('b');
	assert_string_equal(got.text, "");
	free(got.text);
	assert_null(marks_for('c').text);
	m[0].text = (char *)(uintptr_t) "---";
	marks_put(dir, m, 1);
	got = marks_for('a');
	assert_string_equal(got.text, "---");
	free(got.text);
}

/* What was not written so is not believed. */
static void marks_are_checked(void **state)
{
	static const struct {
		const char *name, *sql;
	} bad[] = {
		{"other text", "UPDATE marks SET text = '+++'"},
		{"other key", "UPDATE marks SET key = X'"
			      "6262626262626262626262626262626262626262626262626262626262626262'"},
		{"no sum", "UPDATE marks SET sum = X''"},
		{"other letters", "UPDATE marks SET text = 'xyz'"},
		{"too long", "UPDATE marks SET text = printf('%.*c', 100, '+')"},
	};
	struct kept_marks m = {.text = (char *)(uintptr_t) "-+-"}, got;
	char path[FILE_PATH_MAX];
	sqlite3 *h;
	size_t i;

	(void)state;
	assert_int_equal(path_join(path, dir, "cache.db"), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("%s\n", bad[i].name);
		memset(m.key, 'a', sizeof(m.key));
		marks_put(dir, &m, 1);
		got = marks_for('a');
		assert_string_equal(got.text, "-+-");
		free(got.text);
		assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
		assert_int_equal(sqlite3_exec(h, bad[i].sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(h);
		assert_null(marks_for('a').text);
		assert_null(marks_for('b').text);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_folder, teardown_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(signer_is_kept_for_its_stamp),
		TEST(cache_is_disposable), TEST(marks_are_kept), TEST(marks_are_checked)};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
