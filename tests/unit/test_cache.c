/* cache.db, which may go at any time. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/cache.h"
#include "store_pins.h"

static void write_file(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, data, len), 0);
	close(fd);
}

static void signer_is_kept_for_its_stamp(void **state)
{
	struct cert c = make_cert(FPR_A), none = {0}, got;

	(void)state;
	assert_int_equal(cache_signer_get(dir, "a@x.example", "s1", &got), 0);
	cache_signer_put(dir, "a@x.example", "s1", &c);
	cache_signer_put(dir, "b@x.example", "s1", &none);
	cache_signer_put(dir, "c@x.example", "", &c);
	assert_int_equal(cache_signer_get(dir, "a@x.example", "s2", &got), 0);
	assert_int_equal(cache_signer_get(dir, "A@x.example", "s1", &got), 0);
	assert_int_equal(cache_signer_get(dir, "c@x.example", "", &got), 0);
	assert_int_equal(cache_signer_get(dir, "a@x.example", "s1", &got), 1);
	assert_string_equal(got.fpr, FPR_A);
	assert_string_equal(got.uid, c.uid);
	assert_int_equal(got.len, c.len);
	assert_memory_equal(got.data, c.data, c.len);
	assert_int_equal(got.n_enc, 1);
	assert_true(got.enc_keyid[0] == 42);
	cert_free(&got);
	assert_int_equal(cache_signer_get(dir, "b@x.example", "s1", &got), 1);
	assert_string_equal(got.fpr, "");
	assert_null(got.data);
	cache_signer_put(dir, "a@x.example", "s2", &none);
	assert_int_equal(cache_signer_get(dir, "a@x.example", "s1", &got), 0);
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
	assert_int_equal(cache_signer_get(dir, "k", "s", &got), 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(cache_signer_get(dir, "k", "s", &got), 1);
	cert_free(&got);
	/* Ours, but damaged: begun anew. */
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, garbage, 4000, 100), 4000);
	close(fd);
	assert_int_equal(cache_signer_get(dir, "k", "s", &got), 0);
	cache_signer_put(dir, "k", "s", &c);
	assert_int_equal(cache_signer_get(dir, "k", "s", &got), 1);
	cert_free(&got);
	/* Another program's: left alone. */
	write_file(path, garbage, sizeof(garbage));
	cache_signer_put(dir, "k", "s", &c);
	assert_int_equal(cache_signer_get(dir, "k", "s", &got), 0);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_folder, teardown_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(signer_is_kept_for_its_stamp), TEST(cache_is_disposable)};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
