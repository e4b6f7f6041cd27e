/* SPDX-License-Identifier: ISC */
/* process/runner_mta.c: what is handed over to a stub MTA, what is refused, and how its end is
 * told.
 */
#include "runner_util.h"

static void handed_over(void **state)
{
	static const struct {
		const char *name, *identity, *sender, *fullname, *argv, *says;
		int exit;
	} rows[] = {
		{"plain", "", "", "", "--of-ours|-i|--|A@b.example|\"-x y\"@b.example|", "", 0},
		{"sender", "", "me@a.example", "",
			"--of-ours|-i|-f|me@a.example|--|A@b.example|\"-x y\"@b.example|", "", 0},
		{"null sender", "", "<>", "",
			"--of-ours|-i|-f|<>|--|A@b.example|\"-x y\"@b.example|", "", 0},
		{"full name", "", "", "Ann Example",
			"--of-ours|-i|-F|Ann Example|--|A@b.example|\"-x y\"@b.example|", "", 0},
		{"identity, exit status and words", "work", "", "",
			"-i|--|A@b.example|\"-x y\"@b.example|", "to stdout\nto stderr\n", 75},
	};
	struct handoff_result x;
	struct runner r;
	size_t i;
	int fd;

	(void)state;
	start(&r);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		fd = mail_fd(ALL_SEALS);
		assert_int_equal(
			hand(&r, rows[i].identity, rows[i].sender, rows[i].fullname, fd, &x, NULL),
			0);
		assert_int_equal(x.exit, rows[i].exit);
		assert_int_equal(x.signal, 0);
		assert_false(x.timed_out);
		assert_string_equal(x.errout, rows[i].says);
		assert_string_equal(x.mta, rows[i].identity[0] ? at("mta-work") : at("mta"));
		assert_string_equal(text("argv"), rows[i].argv);
		assert_string_equal(text("stdin"), MAIL); /* from its begin: fd stood at the end */
		handoff_result_free(&x);
		close(fd);
	}
	runner_stop(&r);
	assert_int_equal(r.sock, -1);
}

/* What each MTA gets of -N, -R and -V: only where it is known to take it. */
static void delivery_notes(void **state)
{
	static const struct {
		const char *file, *beside; /* the program, and what lies with it */
		const char *rule, *argv;
		bool dropped;
	} rows[] = {
		{"sendmail", NULL, "", "-i|--|A@b.example|", true},
		{"sendmail", NULL, "mta-dsn = yes",
			"-i|-Nsuccess,failure,delay|-Rhdrs|-V-bs|--|A@b.example|", false},
		{"sendmail", "postconf", "",
			"-i|-Nsuccess,failure,delay|-Rhdrs|-V-bs|--|A@b.example|", false},
		{"sendmail", "postconf", "mta-dsn = no", "-i|--|A@b.example|", true},
		{"sendmail.postfix", NULL, "",
			"-i|-Nsuccess,failure,delay|-Rhdrs|-V-bs|--|A@b.example|", false},
		{"smtpctl", NULL, "", "-i|-Nsuccess,failure,delay|-Rhdrs|-V-bs|--|A@b.example|",
			false},
		{"msmtp", NULL, "", "-i|-Nsuccess,failure,delay|-Rhdrs|--|A@b.example|", true},
		{"exim4", NULL, "", "-i|--|A@b.example|", true},
		{"exim4", NULL, "mta-dsn = yes", "-i|--|A@b.example|", true},
		{"dma", NULL, "", "-i|--|A@b.example|", true},
	};
	struct addr rcpt;
	struct handoff h = {.rcpt = &rcpt, .n_rcpt = 1, .dsn = {14, HANDOFF_RET_HDRS, "-bs"}};
	struct handoff_result x;
	struct runner r;
	size_t i;
	int fd = mail_fd(ALL_SEALS);

	(void)state;
	assert_int_equal(addr_parse("A@b.example", &rcpt, NULL), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s %s\n", rows[i].file, rows[i].rule);
		put_mta(rows[i].file, "");
		if (rows[i].beside) {
			put(rows[i].beside, 0700, "x");
			put("postdrop", 0700, "x");
		}
		/* by another name, as /usr/sbin/sendmail often is */
		(void)unlink(at("link"));
		assert_int_equal(symlink(at(rows[i].file), at("link")), 0);
		put("conf", 0600, "[sealpost]\nmta = %s/link\n%s\n", dir, rows[i].rule);
		start(&r);
		assert_int_equal(runner_handoff(&r, &h, fd, -1, &x, NULL), 0);
		assert_string_equal(text("argv"), rows[i].argv);
		assert_int_equal(x.dsn_dropped, rows[i].dropped);
		handoff_result_free(&x);
		runner_stop(&r);
		(void)unlink(at(rows[i].file));
		(void)unlink(at("postdrop"));
		(void)unlink(at("postconf"));
	}
	close(fd);
}

/* REQUIRETLS goes to a Postfix that says that it is new enough, and the mail to nobody else. */
static void requiretls(void **state)
{
	static const struct {
		const char *file, *version; /* what postconf beside it says; NULL: there is none */
		const char *rule, *argv;
		int rc;
	} rows[] = {
		{"sendmail", "3.11.0", "mta-requiretls = yes",
			"-i|-O|requiretls=yes|--|A@b.example|", 0},
		{"sendmail", "4.0", "mta-requiretls = yes", "-i|-O|requiretls=yes|--|A@b.example|",
			0},
		{"sendmail", "3.11.0", "mta-requiretls = no", "-i|--|A@b.example|", 0},
		{"sendmail", "3.11.0", "", "-i|--|A@b.example|", 0},
		{"sendmail", "3.9.1", "mta-requiretls = yes", "", ERR_CONFIG},
		{"sendmail", "garbage", "mta-requiretls = yes", "", ERR_CONFIG},
		{"sendmail", NULL, "mta-requiretls = yes", "", ERR_CONFIG},
		{"msmtp", NULL, "mta-requiretls = yes", "", ERR_CONFIG},
		{"exim4", NULL, "mta-requiretls = yes", "", ERR_CONFIG},
	};
	struct addr rcpt;
	struct handoff h = {.rcpt = &rcpt, .n_rcpt = 1, .requiretls = true};
	struct err err = ERR_INIT;
	struct handoff_result x;
	struct runner r;
	size_t i;
	int fd = mail_fd(ALL_SEALS), rc;

	(void)state;
	assert_int_equal(addr_parse("A@b.example", &rcpt, NULL), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s %s %s\n", rows[i].file, rows[i].version ? rows[i].version : "-",
			rows[i].rule);
		put("argv", 0600, "%s", "");
		put_mta(rows[i].file, "");
		if (rows[i].version) {
			put("postconf", 0700, "#!/bin/sh\necho %s\n", rows[i].version);
			put("postdrop", 0700, "x");
		}
		put("conf", 0600, "[sealpost]\nmta = %s/%s\n%s\n", dir, rows[i].file, rows[i].rule);
		start(&r);
		rc = runner_handoff(&r, &h, fd, -1, &x, &err);
		assert_int_equal(rc, rows[i].rc);
		assert_string_equal(text("argv"), rows[i].argv);
		if (rc == 0)
			handoff_result_free(&x);
		else
			assert_non_null(strstr(err.msg, "not known to pass REQUIRETLS on"));
		runner_stop(&r);
		(void)unlink(at(rows[i].file));
		(void)unlink(at("postdrop"));
		(void)unlink(at("postconf"));
	}
	close(fd);
}

/* Addresses whose local part is not ASCII go only to what is known to take them. */
static void smtputf8(void **state)
{
	static const struct {
		int n;
		const char *file;
		bool postfix;
		const char *sender, *to;
		int rc;
		bool header;
	} rows[] = {
		{1, "mta", false, "a@b.example", "c@b.example", 0},
		{2, "mta", false, "a@b.example", "\xc3\xa4@b.example", ERR_DATA},
		{3, "mta", false, "\xc3\xa4@b.example", "c@b.example", ERR_DATA},
		{4, "msmtp", false, "a@b.example", "\xc3\xa4@b.example", ERR_DATA},
		{5, "sendmail", true, "\xc3\xa4@b.example", "\xc3\xa4@b.example", 0},
		{6, "mta", false, "a@b.example", "c@b\xc3\xa4.example", 0}, /* as A-labels */
		{7, "mta", false, "a@b.example", "c@b.example", ERR_DATA, true},
		{8, "msmtp", false, "a@b.example", "c@b.example", ERR_DATA, true},
		{9, "sendmail", true, "a@b.example", "c@b.example", 0, true},
	};
	struct addr rcpt[2];
	struct handoff h = {.rcpt = rcpt, .n_rcpt = 2};
	struct handoff_result x;
	struct runner r;
	size_t i;
	int fd = mail_fd(ALL_SEALS), rc;

	(void)state;
	assert_int_equal(addr_parse("x@b.example", &rcpt[0], NULL), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		print_message("%d: %s\n", rows[i].n, rows[i].file);
		assert_int_equal(addr_parse(rows[i].to, &rcpt[1], NULL), 0);
		snprintf(h.sender, sizeof(h.sender), "%s", rows[i].sender);
		h.smtputf8 = rows[i].header;
		put("argv", 0600, "%s", "");
		put_mta(rows[i].file, "");
		if (rows[i].postfix) {
			put("postconf", 0700, "x");
			put("postdrop", 0700, "x");
		}
		put("conf", 0600, "[sealpost]\nmta = %s/%s\n", dir, rows[i].file);
		start(&r);
		rc = runner_handoff(&r, &h, fd, -1, &x, &err);
		assert_int_equal(rc, rows[i].rc);
		assert_int_equal(text("argv")[0] != '\0', rc == 0);
		if (rc == 0)
			handoff_result_free(&x);
		else
			assert_non_null(strstr(err.msg, "SMTPUTF8"));
		runner_stop(&r);
		(void)unlink(at(rows[i].file));
		(void)unlink(at("postdrop"));
		(void)unlink(at("postconf"));
	}
	close(fd);
}

/* msmtp would make @b.example of "-x y"@b.example, and 1] of c@[IPv6:2001:db8::1]. */
static void rewritten(void **state)
{
	static const struct {
		const char *name, *sender, *rcpt;
		int rc;
	} rows[] = {
		{"plain", "a@b.example", "c@b.example", 0},
		{"quoted", "a@b.example", "\"-x y\"@b.example", ERR_POLICY},
		{"a quoted sender", "\"-x y\"@b.example", "c@b.example", ERR_POLICY},
		{"IPv4", "a@b.example", "c@[192.0.2.1]", 0},
		{"IPv6", "a@b.example", "c@[IPv6:2001:db8::1]", ERR_POLICY},
		{"a sender at IPv6", "a@[IPv6:2001:db8::1]", "c@b.example", 0},
	};
	struct handoff_result x;
	struct runner r;
	size_t i;
	int fd = mail_fd(ALL_SEALS);

	(void)state;
	put_mta("msmtp", "");
	put("conf", 0600, "[sealpost]\nmta = %s/msmtp\n", dir);
	start(&r);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct addr rcpt;
		struct handoff h = {.rcpt = &rcpt, .n_rcpt = 1};
		struct err err = ERR_INIT;

		print_message("%s\n", rows[i].name);
		assert_int_equal(addr_parse(rows[i].rcpt, &rcpt, NULL), 0);
		snprintf(h.sender, sizeof(h.sender), "%s", rows[i].sender);
		(void)unlink(at("argv"));
		assert_int_equal(runner_handoff(&r, &h, fd, -1, &x, &err), rows[i].rc);
		if (rows[i].rc < 0) {
			assert_true(strncmp(err.msg, rcpt.text, strlen(rcpt.text)) == 0 ||
				    strncmp(err.msg, h.sender, strlen(h.sender)) == 0);
			assert_string_equal(text("argv"), "");
		} else {
			handoff_result_free(&x);
			assert_non_null(strstr(text("argv"), rcpt.text));
		}
	}
	runner_stop(&r);
	close(fd);
}

/* The MTA is marked, so that we know ourselves behind any name; and its environment is the user's
 * else. */
static void marked(void **state)
{
	struct handoff_result x;
	struct runner r;
	int fd = mail_fd(ALL_SEALS);

	(void)state;
	put_mta("mta", "printf '%s %s' \"$SEALPOST_HANDS_OVER\" \"$OF_THE_USER\"");
	assert_false(runner_is_inside());
	assert_int_equal(setenv("OF_THE_USER", "x", 1), 0);
	start(&r);
	assert_int_equal(hand(&r, "", "", "", fd, &x, NULL), 0);
	assert_string_equal(x.errout, "1 x");
	handoff_result_free(&x);
	runner_stop(&r);
	close(fd);
}

static void regular_file(void **state)
{
	struct handoff_result x;
	struct runner r;
	int fd;

	(void)state;
	put("mail", 0600, "%s", MAIL);
	fd = open(at("mail"), O_RDONLY | O_CLOEXEC);
	start(&r);
	assert_int_equal(hand(&r, "", "", "", fd, &x, NULL), 0);
	assert_string_equal(text("stdin"), MAIL);
	handoff_result_free(&x);
	close(fd);
	/* and one without a name */
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, MAIL, sizeof(MAIL) - 1), sizeof(MAIL) - 1);
	assert_int_equal(hand(&r, "", "", "", fd, &x, NULL), 0);
	assert_string_equal(text("stdin"), MAIL);
	handoff_result_free(&x);
	close(fd);
	runner_stop(&r);
}

static int fd_pipe(void)
{
	int p[2];

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(write(p[1], MAIL, sizeof(MAIL) - 1), sizeof(MAIL) - 1);
	close(p[1]);
	return p[0];
}

static int fd_socket(void)
{
	int s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), 0);
	close(s[1]);
	return s[0];
}

static int fd_unsealed(void)
{
	return mail_fd(0);
}

static int fd_no_sealing(void)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);

	assert_int_equal(write(fd, MAIL, sizeof(MAIL) - 1), sizeof(MAIL) - 1);
	return fd;
}

static int fd_can_shrink(void)
{
	return mail_fd(F_SEAL_WRITE | F_SEAL_GROW);
}

static int fd_can_grow(void)
{
	return mail_fd(F_SEAL_WRITE | F_SEAL_SHRINK);
}

static int fd_folder(void)
{
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int fd_device(void)
{
	return open("/dev/zero", O_RDONLY | O_CLOEXEC);
}

static int fd_empty(void)
{
	return open(at("empty"), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int fd_write_only(void)
{
	put("mail", 0600, "%s", MAIL);
	return open(at("mail"), O_WRONLY | O_CLOEXEC);
}

static int fd_path_only(void)
{
	put("mail", 0600, "%s", MAIL);
	return open(at("mail"), O_PATH | O_CLOEXEC);
}

static int fd_none(void)
{
	return -1;
}

static void descriptor_refused(void **state)
{
	static const struct {
		const char *name;
		int (*make)(void);
	} rows[] = {{"pipe", fd_pipe}, {"socket", fd_socket},
		{"memfd that is not sealed", fd_unsealed},
		{"memfd that cannot be sealed", fd_no_sealing},
		{"memfd that can shrink", fd_can_shrink}, {"memfd that can grow", fd_can_grow},
		{"folder", fd_folder}, {"device", fd_device}, {"empty file", fd_empty},
		{"write-only", fd_write_only}, {"path only", fd_path_only}, {"none", fd_none}};
	struct handoff_result x;
	struct runner r;
	struct err err;
	size_t i;
	int fd;

	(void)state;
	start(&r);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		fd = rows[i].make();
		err = (struct err)ERR_INIT;
		assert_int_equal(hand(&r, "", "", "", fd, &x, &err), ERR_INTERNAL);
		assert_non_null(strstr(err.msg, "the message to hand over"));
		assert_string_equal(text("argv"), ""); /* the MTA did not run */
		if (fd >= 0)
			close(fd);
	}
	/* it goes on serving */
	fd = mail_fd(ALL_SEALS);
	assert_int_equal(hand(&r, "", "", "", fd, &x, NULL), 0);
	handoff_result_free(&x);
	close(fd);
	runner_stop(&r);
}

static void unknown_identity(void **state)
{
	struct handoff_result x;
	struct runner r;
	struct err err = ERR_INIT;
	int fd = mail_fd(ALL_SEALS);

	(void)state;
	start(&r);
	assert_int_equal(hand(&r, "nobody", "", "", fd, &x, &err), ERR_CONFIG);
	assert_non_null(strstr(err.msg, "nobody"));
	assert_string_equal(text("argv"), "");
	runner_stop(&r);
	close(fd);
}

static void slow_or_killed(void **state)
{
	struct handoff_result x;
	struct runner r;
	int fd = mail_fd(ALL_SEALS);

	(void)state;
	start(&r);
	assert_int_equal(hand(&r, "slow", "", "", fd, &x, NULL), 0);
	assert_true(x.timed_out);
	assert_int_equal(x.exit, -1);
	assert_int_equal(x.signal, SIGTERM);
	handoff_result_free(&x);
	assert_int_equal(hand(&r, "dies", "", "", fd, &x, NULL), 0);
	assert_false(x.timed_out);
	assert_int_equal(x.signal, SIGKILL);
	handoff_result_free(&x);
	runner_stop(&r);
	close(fd);
}

/* The client is gone: the MTA is waited for all the same. */
static void client_goes(void **state)
{
	struct addr rcpt;
	struct handoff h = {.identity = "late", .rcpt = &rcpt, .n_rcpt = 1};
	struct wr w = WR_INIT;
	struct runner r;
	int fd = mail_fd(ALL_SEALS);

	(void)state;
	assert_int_equal(addr_parse("a@b.example", &rcpt, NULL), 0);
	start(&r);
	handoff_write(&w, &h);
	assert_int_equal(frame_send(r.sock, -1, FRAME_HANDOFF, &w, fd, NULL), 0);
	close(r.sock);
	r.sock = -1;
	runner_stop(&r);
	assert_string_equal(text("argv"), "-i|--|a@b.example|finished\n");
	wr_free(&w);
	close(fd);
}

/* The runner is gone after it got the message: in doubt, never "not sent". */
static void runner_goes(void **state)
{
	struct runner r = {.sock = -1};
	struct handoff_result x;
	struct err err = ERR_INIT;
	int s[2], fd = mail_fd(ALL_SEALS), got = -1, status;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct buf body = BUF_INIT(FRAME_MAX + 1);
		enum frame_kind kind;

		close(s[0]);
		_exit(frame_recv(s[1], -1, &kind, &body, &got, NULL, NULL) == 0 ? 0 : 1);
	}
	close(s[1]);
	r.sock = s[0];
	assert_int_equal(hand(&r, "", "", "", fd, &x, &err), 0);
	assert_int_equal(x.exit, -1);
	assert_int_equal(x.signal, SIGKILL);
	handoff_result_free(&x);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* gone before: certainly not */
	assert_true(hand(&r, "", "", "", fd, &x, &err) < 0);
	runner_stop(&r);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(handed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(delivery_notes, setup, teardown),
		cmocka_unit_test_setup_teardown(smtputf8, setup, teardown),
		cmocka_unit_test_setup_teardown(rewritten, setup, teardown),
		cmocka_unit_test_setup_teardown(requiretls, setup, teardown),
		cmocka_unit_test_setup_teardown(marked, setup, teardown),
		cmocka_unit_test_setup_teardown(regular_file, setup, teardown),
		cmocka_unit_test_setup_teardown(descriptor_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_identity, setup, teardown),
		cmocka_unit_test_setup_teardown(slow_or_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(client_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(runner_goes, setup, teardown)};

	return cmocka_run_group_tests_name("runner_mta", tests, NULL, NULL);
}
