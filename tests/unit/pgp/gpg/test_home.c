/* SPDX-License-Identifier: ISC */
#include "gpg_keys.h"

#include <dirent.h>
#include <fcntl.h>
#include <gpgme.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/temp_dir.h"
#include "pgp/gpg/home.h"

static char key[CERT_FPR_MAX];
static struct buf pub;

static int setup(void **state)
{
	(void)state;
	keys_start();
	keys_make("Home <home@example.org>", NULL, "never", true, key);
	pub = keys_export(key, NULL);
	keys_stop();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_free(&pub);
	return 0;
}

static struct buf read_back(const struct gpg_home *h, const char *name)
{
	struct buf b = BUF_INIT(65536);
	struct err err = ERR_INIT;
	char path[FILE_PATH_MAX];

	assert_int_equal(path_join(path, h->path, name), 0);
	assert_int_equal(file_read(path, &b, ERR_IO, &err), 0);
	return b;
}

static void test_make(void **state)
{
	static const char *const wanted[] = {"no-autostart\n", "trust-model always\n",
		"lock-never\n", "no-auto-check-trustdb\n", "no-random-seed-file\n",
		"no-auto-key-retrieve\n", "disable-dirmngr\n", "\ncipher-algo AES256\n"};
	struct gpg_home h;
	struct err err = ERR_INIT;
	struct stat st;
	struct buf conf;
	size_t i;

	(void)state;
	assert_int_equal(gpg_home_make(&h, "cipher-algo AES256\n", &err), 0);
	assert_int_equal(stat(h.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	conf = read_back(&h, "gpg.conf");
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_non_null(strstr(buf_str(&conf), wanted[i]));
	buf_free(&conf);
	assert_int_equal(gpg_home_put(&h, "../x", "", 0, &err), ERR_INTERNAL);
	assert_int_equal(gpg_home_put(&h, "x", "abc", 3, &err), 0);
	conf = read_back(&h, "x");
	assert_string_equal(buf_str(&conf), "abc");
	buf_free(&conf);
	gpg_home_remove(&h);
	assert_string_equal(h.path, "");
	gpg_home_remove(&h);
	assert_int_equal(gpg_home_put(&h, "x", "abc", 3, &err), ERR_INTERNAL);
}

static void test_remove(void **state)
{
	struct gpg_home h;
	struct err err = ERR_INIT;
	char path[FILE_PATH_MAX];

	(void)state;
	assert_int_equal(gpg_home_make(&h, NULL, &err), 0);
	memcpy(path, h.path, sizeof(path));
	gpg_home_remove(&h);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void test_redirect(void **state)
{
	static const struct {
		const char *name, *path;
		int rc;
	} rows[] = {
		{"good", "/run/user/1000/gnupg/S.gpg-agent", 0},
		{"relative", "S.gpg-agent", ERR_CONFIG},
		{"empty", "", ERR_CONFIG},
		{"variable", "/${HOME}/S.gpg-agent", ERR_CONFIG},
		{"line", "/tmp/a\nsocket=/tmp/b", ERR_CONFIG},
	};
	struct gpg_home h;
	struct err err = ERR_INIT;
	struct buf b;
	size_t i;

	(void)state;
	assert_int_equal(gpg_home_make(&h, NULL, &err), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(gpg_home_redirect_agent(&h, rows[i].path, &err), rows[i].rc);
	b = read_back(&h, "S.gpg-agent");
	assert_string_equal(buf_str(&b), "%Assuan%\nsocket=/run/user/1000/gnupg/S.gpg-agent\n");
	buf_free(&b);
	gpg_home_remove(&h);
}

/* Whether any process has the home's path among its arguments. */
static bool has_process(const char *path)
{
	char name[FILE_PATH_MAX];
	struct buf b = BUF_INIT(1u << 20);
	DIR *d = opendir("/proc");
	struct dirent *e;
	bool found = false;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		snprintf(name, sizeof(name), "/proc/%.16s/cmdline", e->d_name);
		buf_reset(&b);
		if (file_read(name, &b, ERR_IO, NULL) == 0 && b.len &&
			memmem(b.p, b.len, path, strlen(path)))
			found = true;
	}
	closedir(d);
	buf_free(&b);
	return found;
}

static size_t count_sockets(const char *dir)
{
	char path[FILE_PATH_MAX];
	struct dirent **list;
	struct stat st;
	size_t n = 0;
	int i, k = scandir(dir, &list, NULL, NULL);

	assert_true(k > 2);
	for (i = 0; i < k; i++) {
		assert_int_equal(path_join(path, dir, list[i]->d_name), 0);
		n += lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
		free(list[i]);
	}
	free(list);
	return n;
}

static gpgme_error_t import(
	gpgme_ctx_t ctx, const void *p, size_t len, int timeout_ms, int *rc, struct err *err)
{
	gpgme_error_t result = 0;
	gpgme_data_t d;

	assert_int_equal(gpgme_data_new_from_mem(&d, p, len, 0), 0);
	assert_int_equal(gpgme_op_import_start(ctx, d), 0);
	*rc = gpg_wait(ctx, timeout_ms, &result, err);
	gpgme_data_release(d);
	return result;
}

/* An import, a list; and neither agent nor keyboxd nor dirmngr, nor a socket, is left. */
static void test_no_daemon(void **state)
{
	struct gpg_keys keys = {0};
	struct err err = ERR_INIT;
	struct gpg_home h;
	char path[FILE_PATH_MAX];
	const char *fprs[] = {key, NULL},
		   *nobody[] = {"0123456789012345678901234567890123456789", NULL};
	gpgme_ctx_t ctx;
	int rc;

	(void)state;
	assert_int_equal(gpg_home_make(&h, NULL, &err), 0);
	assert_int_equal(gpg_home_context(&h, &ctx, &err), 0);
	assert_int_equal(import(ctx, pub.p, pub.len, 10000, &rc, &err), 0);
	assert_int_equal(rc, 0);
	assert_int_equal(gpgme_op_import_result(ctx)->imported, 1);
	assert_int_equal(gpg_list(ctx, GPGME_KEYLIST_MODE_LOCAL, NULL, 10000, &keys, &err), 0);
	assert_int_equal(keys.n, 1);
	assert_string_equal(keys.v[0]->fpr, key);
	gpg_keys_free(&keys);
	assert_int_equal(gpg_list(ctx, GPGME_KEYLIST_MODE_LOCAL, fprs, 10000, &keys, &err), 0);
	assert_int_equal(keys.n, 1);
	gpg_keys_free(&keys);
	assert_int_equal(gpg_list(ctx, GPGME_KEYLIST_MODE_LOCAL, nobody, 10000, &keys, &err), 0);
	assert_int_equal(keys.n, 0);
	gpg_keys_free(&keys);
	gpgme_release(ctx);
	assert_int_equal(count_sockets(h.path), 0);
	assert_false(has_process(h.path));
	memcpy(path, h.path, sizeof(path));
	gpg_home_remove(&h);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* One home after the other: they do not see each other's keys, and the user's GNUPGHOME comes back.
 */
static void test_two_homes(void **state)
{
	struct gpg_keys keys = {0};
	struct err err = ERR_INIT;
	struct gpg_home a, b;
	gpgme_ctx_t x, y = NULL;
	char users[FILE_PATH_MAX];
	int rc;

	(void)state;
	snprintf(users, sizeof(users), "%s", getenv("GNUPGHOME") ? getenv("GNUPGHOME") : "");
	assert_int_equal(gpg_home_make(&a, NULL, &err), 0);
	assert_int_equal(gpg_home_make(&b, NULL, &err), 0);
	assert_int_equal(gpg_home_context(&a, &x, &err), 0);
	assert_string_equal(getenv("GNUPGHOME"), a.path);
	assert_int_equal(gpg_home_context(&b, &y, &err), ERR_INTERNAL);
	assert_null(y);
	assert_int_equal(import(x, pub.p, pub.len, 10000, &rc, &err), 0);
	assert_int_equal(gpg_list(x, GPGME_KEYLIST_MODE_LOCAL, NULL, 10000, &keys, &err), 0);
	assert_int_equal(keys.n, 1);
	gpg_keys_free(&keys);
	gpgme_release(x);
	gpg_home_remove(&a);
	assert_string_equal(getenv("GNUPGHOME") ? getenv("GNUPGHOME") : "", users);
	assert_int_equal(gpg_home_context(&b, &y, &err), 0);
	assert_int_equal(gpg_list(y, GPGME_KEYLIST_MODE_LOCAL, NULL, 10000, &keys, &err), 0);
	assert_int_equal(keys.n, 0);
	gpg_keys_free(&keys);
	gpgme_release(y);
	gpg_home_remove(&b);
	assert_string_equal(getenv("GNUPGHOME") ? getenv("GNUPGHOME") : "", users);
}

/* In a child, because gpg is looked for once: gpg that says its version and then nothing, for ever.
 */
static int with_silent_gpg(const char *dir)
{
	struct gpg_home h;
	struct err err = ERR_INIT;
	gpgme_ctx_t ctx;
	int rc = 0;

	setenv("PATH", dir, 1);
	alarm(60);
	if (gpg_home_make(&h, NULL, &err) < 0 || gpg_home_context(&h, &ctx, &err) < 0)
		return 2;
	import(ctx, pub.p, pub.len, 200, &rc, &err);
	gpgme_release(ctx);
	gpg_home_remove(&h);
	return rc == ERR_TEMP && err.code == ERR_TEMP ? 0 : 3;
}

static int without_gpg(const char *dir)
{
	struct err err = ERR_INIT;
	char path[FILE_PATH_MAX];

	if (path_join(path, dir, "gpg") < 0 || chmod(path, 0600) < 0)
		return 2;
	setenv("PATH", dir, 1);
	return gpg_init(&err) == ERR_CONFIG && err.hint[0] ? 0 : 3;
}

static void in_child(int (*f)(const char *), const char *dir)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(f(dir));
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
}

/* First of all: the children must find gpg themselves. */
static void test_gpg_missing_or_silent(void **state)
{
	static const char script[] =
		"#!/bin/sh\n"
		"case \"$*\" in *--version*) exec /usr/bin/gpg --version;; esac\n"
		"echo $$ >&2; exec /bin/sleep 30\n";
	char path[FILE_PATH_MAX];
	struct gpg_home dir = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(dir_make_temp(dir.path, &err), 0);
	assert_int_equal(gpg_home_put(&dir, "gpg", script, strlen(script), &err), 0);
	assert_int_equal(path_join(path, dir.path, "gpg"), 0);
	assert_int_equal(chmod(path, 0700), 0);
	in_child(with_silent_gpg, dir.path);
	in_child(without_gpg, dir.path);
	gpg_home_remove(&dir);
}

static void test_err(void **state)
{
	static const struct {
		const char *name;
		gpgme_err_source_t source;
		gpgme_err_code_t code;
		enum err_code expected;
	} rows[] = {
		{"no memory here", GPG_ERR_SOURCE_GPGME, GPG_ERR_ENOMEM, ERR_OS},
		{"no descriptor here", GPG_ERR_SOURCE_GPGME, GPG_ERR_EMFILE, ERR_OS},
		{"reading fails here", GPG_ERR_SOURCE_GPGME, GPG_ERR_EIO, ERR_IO},
		{"gpg is not started", GPG_ERR_SOURCE_GPGME, GPG_ERR_GENERAL, ERR_OS},
		{"gpg fails", GPG_ERR_SOURCE_GPG, GPG_ERR_GENERAL, ERR_TEMP},
		{"no memory in the agent", GPG_ERR_SOURCE_GPGAGENT, GPG_ERR_ENOMEM, ERR_TEMP},
		{"no failure of a system", GPG_ERR_SOURCE_GPGME, GPG_ERR_TIMEOUT, ERR_TEMP},
	};
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(
		gpg_err(&err, ERR_TEMP, "listing", gpgme_error(GPG_ERR_CANCELED)), ERR_TEMP);
	assert_non_null(strstr(err.msg, "gpg: listing: "));
	assert_int_equal(gpg_err(NULL, ERR_TEMP, "listing", 0), ERR_TEMP);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(gpg_err(&err, ERR_TEMP, "listing",
					 gpgme_err_make(rows[i].source, rows[i].code)),
			rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gpg_missing_or_silent),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_no_daemon),
		cmocka_unit_test(test_two_homes),
		cmocka_unit_test(test_err),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
