/* SPDX-License-Identifier: ISC */
/* pgp/gpg/gpg_child.h, with shell scripts in gpg's place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <gpgme.h>
#include <string.h>

#include "base/signals.h"
#include "direct_gpg.h"
#include "open_files.h"
#include "pgp/gpg/gpg_child.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))
#define FPR "D2873802A2F0B4D5C5B1C6A3F0B1C2D3E4F5A6B7"

struct io {
	size_t to_give, given, taken;
	size_t give_fails_at, take_fails_at; /* 0: never */
	char got[256];                       /* the beginning of what was taken */
};

static ssize_t give(void *arg, void *p, size_t n, struct err *err)
{
	struct io *x = arg;
	size_t left = x->to_give - x->given;

	if (x->give_fails_at && x->given >= x->give_fails_at)
		return err_set(err, ERR_DATA, "the source changed");
	n = n < left ? n : left;
	memset(p, 'x', n);
	x->given += n;
	return (ssize_t)n;
}

static int take(void *arg, const void *p, size_t n, struct err *err)
{
	struct io *x = arg;
	size_t room = x->taken < sizeof(x->got) - 1 ? sizeof(x->got) - 1 - x->taken : 0;

	if (x->take_fails_at && x->taken >= x->take_fails_at)
		return err_set(err, ERR_IO, "no space");
	memcpy(x->got + (sizeof(x->got) - 1 - room), p, n < room ? n : room);
	x->taken += n;
	return 0;
}

/* arg: the script, or NULL for a program that is not there. */
static int run_script(
	void *arg, const struct gpg_job *job, const int fd[GPG_JOB_FDS], int *end, struct err *err)
{
	const char *argv[] = {arg ? "/bin/sh" : "/nonexistent/gpg", "-c", arg, NULL};

	(void)job;
	return direct_program(argv, 0, fd, end, err);
}

static int run(const char *script, bool small, int timeout_ms, struct io *x, struct gpg_child *c,
	struct err *err)
{
	struct gpg_daemons daemons = {.gpg = run_script, .arg = (void *)(uintptr_t)script};

	*c = (struct gpg_child){.daemons = &daemons,
		.small = small,
		.timeout_ms = timeout_ms,
		.give = give,
		.take = take,
		.arg = x};
	return gpg_child_run(c, err);
}

static const struct {
	const char *name, *script;
	int rc; /* 0, or the code */
	bool succeeded, encrypted, bad_recipient, bad_signer;
	unsigned n_sigs, hash, failure;
	const char *fpr, *out;
} status_case[] = {
	{"1 all well",
		"echo '[GNUPG:] SIG_CREATED S 22 10 00 1700000000 " FPR
		"' >&3; echo '[GNUPG:] END_ENCRYPTION' >&3; cat",
		0, true, true, false, false, 1, 10, 0, FPR, "xxxx"},
	{"2 exit status 2", "cat >/dev/null; exit 2", 0, false, false, false, false, 0, 0, 0, "",
		""},
	{"3 killed", "kill -9 $$", 0, false, false, false, false, 0, 0, 0, "", ""},
	{"4 reads nothing", "echo '[GNUPG:] END_ENCRYPTION' >&3", 0, true, true, false, false, 0, 0,
		0, "", ""},
	{"5 the first failure counts",
		"echo '[GNUPG:] FAILURE sign 67108963' >&3; echo '[GNUPG:] FAILURE gpg-exit 1' "
		">&3; exit 2",
		0, false, false, false, false, 0, 0, 67108963, "", ""},
	{"6 recipient refused", "echo '[GNUPG:] INV_RECP 10 A' >&3; exit 2", 0, false, false, true,
		false, 0, 0, 0, "", ""},
	{"7 signer refused", "echo '[GNUPG:] INV_SGNR 9 A' >&3; exit 2", 0, false, false, false,
		true, 0, 0, 0, "", ""},
	{"8 two signatures are counted",
		"for i in 1 2; do echo '[GNUPG:] SIG_CREATED S 22 8 00 1 " FPR "'; done >&3", 0,
		true, false, false, false, 2, 8, 0, FPR, ""},
	{"9 status lines in what is sealed are none",
		"echo '[GNUPG:] END_ENCRYPTION'; cat >/dev/null", 0, true, false, false, false, 0,
		0, 0, "", "[GNUPG:] END_ENCRYPTION\n"},
	{"10 lines of another kind",
		"echo 'END_ENCRYPTION' >&3; echo 'gpg: [GNUPG:] END_ENCRYPTION' >&3", 0, true,
		false, false, false, 0, 0, 0, "", ""},
	{"11 a line cut in two", "printf '[GNUPG:] END_ENC' >&3; sleep 0.05; echo RYPTION >&3", 0,
		true, true, false, false, 0, 0, 0, "", ""},
	{"12 a line that never ends", "head -c 100000 /dev/zero | tr '\\0' a >&3", ERR_INTERNAL,
		false, false, false, false, 0, 0, 0, "", ""},
	{"13 malformed",
		"printf '[GNUPG:] SIG_CREATED\\n[GNUPG:] FAILURE\\n[GNUPG:] SIG_CREATED S x y "
		"z\\n' >&3",
		0, true, false, false, false, 1, 0, 0, "", ""},
	{"14 cannot be run", NULL, ERR_CONFIG, false, false, false, false, 0, 0, 0, "", ""},
};

static void check_status(size_t i, bool small)
{
	struct io x = {.to_give = 4};
	struct err err = ERR_INIT;
	struct gpg_child c;

	print_message("%s%s\n", status_case[i].name, small ? ", in memory" : "");
	assert_int_equal(run(status_case[i].script, small, 20000, &x, &c, &err), status_case[i].rc);
	assert_int_equal(err.code, status_case[i].rc);
	assert_int_equal(c.succeeded, status_case[i].succeeded);
	assert_int_equal(c.encrypted, status_case[i].encrypted);
	assert_int_equal(c.bad_recipient, status_case[i].bad_recipient);
	assert_int_equal(c.bad_signer, status_case[i].bad_signer);
	assert_int_equal(c.n_sigs, status_case[i].n_sigs);
	assert_int_equal(c.hash, status_case[i].hash);
	assert_int_equal(c.failure, status_case[i].failure);
	assert_string_equal(c.fpr, status_case[i].fpr);
	assert_string_equal(x.got, status_case[i].out);
}

static void status(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(status_case); i++) {
		check_status(i, false);
		check_status(i, true);
	}
}

/* More than all pipes hold, both ways at once, and what is written last is not lost. */
static void large(void **state)
{
	struct gpg_child c;
	struct err err = ERR_INIT;
	int small;

	(void)state;
	for (small = 0; small <= 1; small++) {
		struct io x = {.to_give = 20 << 20};

		assert_int_equal(run("cat; printf end", small, 60000, &x, &c, &err), 0);
		assert_true(c.succeeded);
		assert_int_equal(x.given, x.to_give);
		assert_int_equal(x.taken, x.to_give + 3);
	}
}

static void time_runs_out(void **state)
{
	static const char *const script[] = {
		"exec sleep 60", "exec sleep 60 >&- 3>&-", "cat >/dev/null; exec sleep 60"};
	struct gpg_child c;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(script); i++) {
		struct io x = {.to_give = 4}, much = {.to_give = 1 << 20};

		assert_int_equal(run(script[i], true, 300, &x, &c, &err), ERR_TEMP);
		assert_string_equal(err.msg, "gpg did not finish within 1 s");
		assert_false(c.succeeded);
		assert_int_equal(run(script[i], false, 300, &much, &c, &err), ERR_TEMP);
		assert_string_equal(err.msg, "gpg did not finish within 1 s");
		assert_false(c.succeeded);
	}
}

/* A payload or a spool that fails is told as such, and gpg is stopped. */
static void ends_fail(void **state)
{
	struct io in = {.to_give = 1 << 20, .give_fails_at = 100000},
		  out = {.to_give = 1 << 20, .take_fails_at = 1};
	struct gpg_child c;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(run("cat; exec sleep 60", false, 60000, &in, &c, &err), ERR_DATA);
	assert_string_equal(err.msg, "the source changed");
	assert_false(c.succeeded);
	assert_int_equal(run("cat; exec sleep 60", false, 60000, &out, &c, &err), ERR_IO);
	assert_string_equal(err.msg, "no space");
	assert_false(c.succeeded);
	in.given = out.given = out.taken = 0;
	assert_int_equal(run("cat; exec sleep 60", true, 60000, &in, &c, &err), ERR_DATA);
	assert_int_equal(run("cat", true, 60000, &out, &c, &err), ERR_IO);
	assert_false(c.succeeded);
}

static void passphrase_not_given(void **state)
{
	static const struct {
		gpg_err_code_t code;
		bool locked;
	} row[] = {
		{GPG_ERR_NO_ERROR, false},
		{GPG_ERR_CANCELED, true},
		{GPG_ERR_FULLY_CANCELED, true},
		{GPG_ERR_NO_PIN_ENTRY, true},
		{GPG_ERR_PIN_ENTRY, true},
		{GPG_ERR_TIMEOUT, true},
		{GPG_ERR_BAD_PASSPHRASE, true},
		{GPG_ERR_NO_PASSPHRASE, true},
		{GPG_ERR_NO_SECKEY, false},
		{GPG_ERR_NO_AGENT, false},
		{GPG_ERR_GENERAL, false},
	};
	size_t i;

	(void)state;
	static const struct {
		const char *name;
		gpgme_err_source_t from;
		gpgme_err_code_t code;
		bool unable;
	} asking[] = {
		{"its terminal is gone", GPG_ERR_SOURCE_PINENTRY, GPG_ERR_ENOENT, true},
		{"its terminal is none", GPG_ERR_SOURCE_PINENTRY, GPG_ERR_ENOTTY, true},
		{"its terminal is somebody else's", GPG_ERR_SOURCE_PINENTRY, GPG_ERR_EACCES, true},
		{"the agent lacks a file", GPG_ERR_SOURCE_GPGAGENT, GPG_ERR_ENOENT, false},
		{"a person said no", GPG_ERR_SOURCE_PINENTRY, GPG_ERR_CANCELED, false},
		{"nothing", GPG_ERR_SOURCE_UNKNOWN, GPG_ERR_NO_ERROR, false},
	};

	for (i = 0; i < sizeof(asking) / sizeof(asking[0]); i++) {
		const struct gpg_child c = {
			.failure = gpg_err_make(asking[i].from, asking[i].code)};

		if (gpg_child_unable_to_ask(&c) != asking[i].unable ||
			(asking[i].unable && !gpg_child_locked(&c)))
			fail_msg("%s", asking[i].name);
	}
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		/* As a status line has it: with the part of GnuPG that it comes from. */
		const struct gpg_child c = {
			.failure = gpg_err_make(GPG_ERR_SOURCE_GPGAGENT, row[i].code)};

		if (gpg_child_locked(&c) != row[i].locked)
			fail_msg("%s", gpgme_strerror(c.failure));
	}
}

struct ready_fake {
	const char *early, *late; /* scripts */
	bool gone;
	int end, asked;
};

static int give_job(
	void *arg, const struct gpg_job *job, const int fd[GPG_JOB_FDS], int *end, struct err *err)
{
	struct ready_fake *f = arg;

	f->asked++;
	if (fd)
		return run_script((void *)(uintptr_t)f->late, job, fd, end, err);
	if (f->gone)
		return err_set(err, ERR_INTERNAL, "it is gone");
	*end = f->end;
	return 0;
}

/* The one that is ready is used once, whatever kind its output is; a new one where it is gone. */
static void ready_or_new(void **state)
{
	static const struct {
		bool small, gone;
		const char *got;
		int asked;
	} rows[] = {{true, false, "early:xxxx", 1}, {false, false, "early:xxxx", 1},
		{true, true, "late:xxxx", 2}, {false, true, "late:xxxx", 2}};
	size_t i, before;

	(void)state;
	for (i = 0; i < N_OF(rows); i++) {
		struct ready_fake f = {
			"printf early:; cat", "printf late:; cat", rows[i].gone, -1, 0};
		const char *argv[] = {"/bin/sh", "-c", f.early, NULL};
		struct gpg_daemons d = {.gpg = give_job, .arg = &f};
		struct io x = {.to_give = 4};
		struct gpg_ready ready;
		struct gpg_child c = {.daemons = &d,
			.ready = &ready,
			.small = true,
			.timeout_ms = 10000,
			.give = give,
			.take = take,
			.arg = &x};

		assert_false(gpg_ready_take(&d, &ready));
		before = open_files();
		assert_int_equal(gpg_ready_make(&ready, rows[i].small, NULL), 0);
		assert_int_equal(direct_program(argv, 0, ready.theirs, &f.end, NULL), 0);
		gpg_ready_give(&d, &ready);
		assert_true(gpg_ready_take(&d, &ready));
		assert_false(gpg_ready_take(&d, &(struct gpg_ready){.small = false}));
		assert_int_equal(access(ready.home.path, X_OK), 0);
		assert_int_equal(gpg_child_run(&c, NULL), 0);
		assert_true(c.succeeded);
		assert_string_equal(x.got, rows[i].got);
		assert_int_equal(f.asked, rows[i].asked);
		if (rows[i].gone)
			close(f.end);
		gpg_ready_free(&ready);
		assert_true(no_file_stays_open(before));
	}
}

/* Whoever has it frees it, started or not, taken or not. */
static void ready_unused(void **state)
{
	enum { MADE, GIVEN, TAKEN };
	static const struct {
		const char *name;
		int until;
		bool small;
	} rows[] = {{"1 it did not start", MADE, true}, {"2 it was not taken", GIVEN, false},
		{"3 nor used, a file", TAKEN, true}, {"4 nor used, a pipe", TAKEN, false}};
	size_t i, before;

	(void)state;
	for (i = 0; i < N_OF(rows); i++) {
		struct gpg_daemons d = {.gpg = give_job};
		struct gpg_ready ready;
		char home[FILE_PATH_MAX];

		print_message("%s\n", rows[i].name);
		before = open_files();
		assert_int_equal(gpg_ready_make(&ready, rows[i].small, NULL), 0);
		memcpy(home, ready.home.path, sizeof(home));
		if (rows[i].until >= GIVEN)
			gpg_ready_give(&d, &ready);
		if (rows[i].until == TAKEN)
			assert_true(gpg_ready_take(&d, &ready));
		gpg_ready_free(rows[i].until == GIVEN ? &d.ready : &ready);
		assert_true(no_file_stays_open(before));
		assert_int_equal(access(home, F_OK), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready_or_new),
		cmocka_unit_test(ready_unused),
		cmocka_unit_test(status),
		cmocka_unit_test(large),
		cmocka_unit_test(time_runs_out),
		cmocka_unit_test(ends_fail),
		cmocka_unit_test(passphrase_not_given),
	};

	process_reset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
