/* SPDX-License-Identifier: ISC */
/* The shared certificate directory: what is written, what is left alone, what is refused. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "files.h"
#include "base/temp_dir.h"
#include "pgp/cert/certd.h"
#include "pgp/cert/packet.h"

static char root[FILE_PATH_MAX], base[FILE_PATH_MAX];
static struct err err;

static int setup(void **state)
{
	(void)state;
	memset(&err, 0, sizeof(err));
	assert_int_equal(dir_make_temp(root, &err), 0);
	assert_int_equal(path_join(base, root, "certd"), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dir_remove(root);
	return 0;
}

/* Key n, with User IDs from the string, one a letter. */
static struct buf make(unsigned n, const char *uids, char *fpr)
{
	uint8_t key[10] = {
		0xc0 | PACKET_PUBLIC_KEY, 8, 4, 0x5f, 0, 0, 0, 22, (uint8_t)(n >> 8), (uint8_t)n};
	struct buf b = BUF_INIT(4096);

	assert_int_equal(buf_add(&b, key, sizeof(key)), 0);
	for (; *uids; uids++) {
		uint8_t uid[3] = {0xc0 | PACKET_USER_ID, 1, (uint8_t)*uids};

		assert_int_equal(buf_add(&b, uid, sizeof(uid)), 0);
	}
	assert_int_equal(split_fpr(b.p, b.len, fpr), 0);
	return b;
}

static char *path_of(const char *fpr)
{
	static char path[FILE_PATH_MAX];
	char name[80];

	snprintf(name, sizeof(name), "%.2s/%s", fpr, fpr + 2);
	ascii_lower(name);
	assert_int_equal(path_join(path, base, name), 0);
	return path;
}

static struct certd opened(bool write)
{
	struct certd d;

	if (certd_open(&d, base, write, &err) != 0)
		fail_msg("certd_open: %s", err.msg);
	return d;
}

static void test_put_and_get(void **state)
{
	char fpr[CERT_FPR_MAX], other[CERT_FPR_MAX];
	struct buf a = make(1, "a", fpr), b = make(1, "b", other), got = BUF_INIT(4096);
	struct certd d = opened(true);
	struct stat st;

	(void)state;
	assert_int_equal(certd_get(&d, fpr, &got, &err), 0);
	assert_int_equal(certd_put(&d, fpr, a.p, a.len, &err), 1);
	assert_int_equal(certd_put(&d, fpr, a.p, a.len, &err), 0);
	assert_int_equal(certd_get(&d, fpr, &got, &err), 1);
	assert_memory_equal(got.p, a.p, a.len);
	assert_int_equal(stat(path_of(fpr), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(base, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	/* Another copy: both User IDs are there. */
	assert_int_equal(certd_put(&d, fpr, b.p, b.len, &err), 1);
	buf_reset(&got);
	assert_int_equal(certd_get(&d, fpr, &got, &err), 1);
	assert_int_equal(got.len, a.len + 3);
	assert_memory_equal(got.p, a.p, a.len);
	/* And the first adds nothing to that. */
	assert_int_equal(certd_put(&d, fpr, a.p, a.len, &err), 0);
	certd_close(&d);
	buf_free(&a);
	buf_free(&b);
	buf_free(&got);
}

static void test_put_refuses(void **state)
{
	char fpr[CERT_FPR_MAX], other[CERT_FPR_MAX];
	struct buf a = make(1, "a", fpr), b = make(2, "a", other), got = BUF_INIT(4096);
	struct certd d = opened(true);

	(void)state;
	assert_int_equal(certd_put(&d, other, a.p, a.len, &err), ERR_DATA);
	assert_int_equal(certd_put(&d, "../../../etc/passwd", a.p, a.len, &err), ERR_DATA);
	assert_int_equal(certd_put(&d, fpr, a.p, a.len - 1, &err), ERR_DATA);
	assert_int_equal(certd_put(&d, fpr, a.p, 0, &err), ERR_DATA);
	assert_int_equal(buf_add(&a, b.p, b.len), 0);
	assert_int_equal(certd_put(&d, fpr, a.p, a.len, &err), ERR_DATA);
	assert_int_equal(certd_get(&d, fpr, &got, &err), 0);
	certd_close(&d);
	/* Without the lock nothing is written. */
	d = opened(false);
	assert_int_equal(certd_put(&d, other, b.p, b.len, &err), ERR_DATA);
	certd_close(&d);
	buf_free(&a);
	buf_free(&b);
	buf_free(&got);
}

/* What lies there and is not right stays as it is. */
static void test_existing(void **state)
{
	char fpr[CERT_FPR_MAX], other[CERT_FPR_MAX], part[FILE_PATH_MAX], *path;
	struct buf a = make(1, "a", fpr), b = make(2, "a", other), got = BUF_INIT(4096);
	struct certd d = opened(true);

	(void)state;
	snprintf(part, sizeof(part), "%s/%c%c", base, fpr[0] | 0x20, fpr[1] | 0x20);
	mkdir(part, 0700);
	path = path_of(fpr);
	write_file(path, b.p, b.len);
	assert_int_equal(certd_put(&d, fpr, a.p, a.len, &err), ERR_DATA);
	assert_int_equal(file_read(path, &got, ERR_IO, &err), 0);
	assert_memory_equal(got.p, b.p, b.len);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(certd_put(&d, fpr, a.p, a.len, &err), ERR_IO);
	assert_non_null(strstr(err.msg, "symbolic link"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(certd_put(&d, fpr, a.p, a.len, &err), ERR_IO);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(part), 0);
	assert_int_equal(symlink("/tmp", part), 0);
	assert_int_equal(certd_put(&d, fpr, a.p, a.len, &err), ERR_IO);
	certd_close(&d);
	buf_free(&a);
	buf_free(&b);
	buf_free(&got);
}

struct seen {
	unsigned n, bad;
	char fpr[CERT_FPR_MAX];
	int stop;
};

static int on_cert(const char *fpr, const uint8_t *cert, size_t len, void *arg)
{
	struct seen *s = arg;

	assert_non_null(cert);
	assert_true(len > 0);
	s->n++;
	snprintf(s->fpr, sizeof(s->fpr), "%s", fpr);
	return s->stop;
}

static void on_bad(const char *name, const char *why, void *arg)
{
	struct seen *s = arg;

	assert_true(strlen(name) > 3 && why[0]);
	s->bad++;
}

static void test_each(void **state)
{
	char fpr[CERT_FPR_MAX], path[FILE_PATH_MAX];
	struct certd d = opened(true);
	struct seen s = {0};
	unsigned i;

	(void)state;
	for (i = 0; i < 50; i++) {
		struct buf b = make(i, "a", fpr);

		assert_int_equal(certd_put(&d, fpr, b.p, b.len, &err), 1);
		buf_free(&b);
	}
	/* Others' files, and names that are none. */
	snprintf(path, sizeof(path), "%s/trust-root", base);
	write_file(path, "x", 1);
	snprintf(path, sizeof(path), "%s/_other_index", base);
	write_file(path, "x", 1);
	snprintf(path, sizeof(path), "%.4000s.asc", path_of(fpr));
	write_file(path, "x", 1);
	assert_int_equal(certd_each(&d, on_cert, on_bad, &s, &err), 0);
	assert_int_equal(s.n, 50);
	assert_int_equal(s.bad, 0);
	write_file(path_of(fpr), "x", 1);
	s = (struct seen){0};
	assert_int_equal(certd_each(&d, on_cert, on_bad, &s, &err), 0);
	assert_int_equal(s.n, 49);
	assert_int_equal(s.bad, 1);
	s = (struct seen){.stop = 7};
	assert_int_equal(certd_each(&d, on_cert, on_bad, &s, &err), 7);
	assert_int_equal(s.n, 1);
	certd_close(&d);
}

/* Writers at once: each adds a User ID of its own to one certificate, and none is lost. */
static void test_writers(void **state)
{
	char fpr[CERT_FPR_MAX];
	struct buf got = BUF_INIT(4096), key;
	struct certd d;
	pid_t pid[8];
	int i, status;

	(void)state;
	for (i = 0; i < 8; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0) {
			char uid[2] = {(char)('a' + i), '\0'};
			struct buf b = make(1, uid, fpr);
			int rc = certd_open(&d, base, true, &err);

			if (rc == 0)
				rc = certd_put(&d, fpr, b.p, b.len, &err);
			_exit(rc == 1 ? 0 : 1);
		}
	}
	for (i = 0; i < 8; i++) {
		assert_true(waitpid(pid[i], &status, 0) == pid[i]);
		assert_int_equal(status, 0);
	}
	d = opened(false);
	key = make(1, "", fpr);
	assert_int_equal(certd_get(&d, fpr, &got, &err), 1);
	assert_int_equal(got.len, key.len + 8 * 3);
	certd_close(&d);
	buf_free(&got);
	buf_free(&key);
}

/* What an interrupted writer left does not stand in the way. */
static void test_left_over(void **state)
{
	char fpr[CERT_FPR_MAX], path[FILE_PATH_MAX];
	struct buf a = make(1, "a", fpr);
	struct certd d = opened(true);

	(void)state;
	snprintf(path, sizeof(path), "%s/_sealpost_new", base);
	write_file(path, "half", 4);
	assert_int_equal(certd_put(&d, fpr, a.p, a.len, &err), 1);
	assert_int_not_equal(access(path, F_OK), 0);
	certd_close(&d);
	buf_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_put_and_get, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_existing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each, setup, teardown),
		cmocka_unit_test_setup_teardown(test_writers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_left_over, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
