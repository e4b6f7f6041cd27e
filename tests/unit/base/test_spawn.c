/* SPDX-License-Identifier: ISC */
/* spawn.c, signals.c: what a child gets, what comes back, and that nothing waits for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/sandbox.h"
#include "base/signals.h"
#include "base/spawn.h"
#include "poll_fails.h"

static void captured(void **state)
{
	static const struct {
		const char *name, *script, *out, *err;
		int exit;
	} rows[] = {
		{"stdout and stderr apart", "echo out; echo err >&2", "out\n", "err\n", 0},
		{"exit status", "exit 75", "", "", 75},
		{"stdin is empty", "cat; echo end", "end\n", "", 0},
		{"closes its output, goes on", "exec >&- 2>&-; sleep 0.1; exit 3", "", "", 3},
	};
	struct buf out = BUF_INIT(1000), err = BUF_INIT(1000);
	struct err e = ERR_INIT;
	size_t i;
	int status;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *argv[] = {"sh", "-c", rows[i].script, NULL};

		print_message("%s\n", rows[i].name);
		buf_reset(&out);
		buf_reset(&err);
		assert_int_equal(spawn_capture(argv, 10000, &out, &err, &status, &e), 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), rows[i].exit);
		assert_string_equal(buf_str(&out), rows[i].out);
		assert_string_equal(buf_str(&err), rows[i].err);
	}
	buf_free(&out);
	buf_free(&err);
}

/*
 * One that may talk to a socket only: as this test's own program, which is started again with the
 * name of what it is to try. It answers on its socket, which a walled program finds as 0.
 */
static int try_in_child(const char *what)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/S.agent"};
	int s[2], made;
	char c = 0;

	if (strcmp(what, "unix") == 0) {
		made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		return made == 0 && connect(made, (struct sockaddr *)&a, sizeof(a)) == 0 &&
				       write(made, "k", 1) == 1 && read(made, &c, 1) == 1 &&
				       c == 'K'
			       ? 0
			       : 1;
	}
	if (strcmp(what, "input") == 0)
		return read(SPAWN_IN_BESIDE_SOCKET, &c, 1) == 1 && c == 'i' ? 0 : 1;
	if (strcmp(what, "keep") == 0)
		return fcntl(3, F_GETFD) < 0 && errno == EBADF ? 0 : 1;
	if (strcmp(what, "inet") == 0)
		return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
	if (strcmp(what, "wide") == 0)
		return syscall(SYS_socket, 0x100000000ul | AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
	if (strcmp(what, "pair") == 0)
		return socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0 ? errno : 0;
	if (strcmp(what, "connect another") == 0)
		return connect(1, (struct sockaddr *)&a, sizeof(a)) < 0 ? errno : 0;
	if (strcmp(what, "bind") == 0)
		return bind(0, (struct sockaddr *)&a, sizeof(a)) < 0 ? errno : 0;
	if (strcmp(what, "listen") == 0)
		return listen(0, 1) < 0 ? errno : 0;
	return 99;
}

static void one_socket(void **state)
{
	static const struct {
		const char *name;
		int expected;
	} rows[] = {{"unix", 0}, {"input", 0}, {"keep", 0}, {"inet", EPERM}, {"wide", EPERM},
		{"pair", EPERM}, {"connect another", EPERM}, {"bind", EPERM}, {"listen", EPERM}};
	struct err err = ERR_INIT;
	int s[2], in[2], status;
	char self[FILE_PATH_MAX], c;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;
	pid_t pid;

	(void)state;
	if (!sandbox_has_one_socket())
		skip();
	assert_true(n > 0);
	self[n] = '\0';
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *argv[] = {self, "--try", rows[i].name, NULL};

		print_message("%s\n", rows[i].name);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), 0);
		assert_int_equal(pipe2(in, O_CLOEXEC), 0);
		assert_int_equal(write(in[1], "i", 1), 1);
		assert_int_equal(write(s[0], "K", 1), 1);
		assert_int_equal(spawn_start(&(struct spawn){.argv = argv,
						     .in = in[0],
						     .out = -1,
						     .errout = -1,
						     .keep = -1,
						     .socket = s[1]},
					 &pid, &err),
			0);
		assert_int_equal(spawn_wait(pid, 10000, &status, NULL), 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), rows[i].expected);
		if (i == 0) {
			assert_int_equal(read(s[0], &c, 1), 1);
			assert_int_equal(c, 'k');
		}
		close(s[0]);
		close(s[1]);
		close(in[0]);
		close(in[1]);
	}
	/* Only the child was walled. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), 0);
	close(s[0]);
	close(s[1]);
}

/* What does not fit is dropped, and the child is not held up by it. */
static void more_than_fits(void **state)
{
	const char *argv[] = {
		"sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo >&2 done", NULL};
	struct buf out = BUF_INIT(1000), err = BUF_INIT(1000);
	int status;

	(void)state;
	assert_int_equal(spawn_capture(argv, 20000, &out, &err, &status, NULL), 0);
	assert_int_equal(status, 0);
	assert_int_equal(out.len, 1000);
	assert_int_equal(out.p[999], 'x');
	assert_string_equal(buf_str(&err), "done\n");
	buf_free(&out);
	buf_free(&err);
}

static void deadlines(void **state)
{
	static const struct {
		const char *name, *script;
		int term_ms, signal;
		bool writes; /* once it is ready */
	} rows[] = {
		{"silent child", "exec sleep 100", 0, SIGKILL, false},
		{"child that never stops writing", "exec cat /dev/zero", 0, SIGKILL, true},
		{"asked first", "exec sleep 100", 60000, SIGTERM, false},
		{"asked in vain", "trap '' TERM; echo; while :; do sleep 0.05; done", 300, SIGKILL,
			true},
	};
	struct buf out = BUF_INIT(100);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *argv[] = {"sh", "-c", rows[i].script, NULL};
		const struct spawn_limit limit = {.timeout_ms = 300, .term_ms = rows[i].term_ms};
		struct spawn s = {.argv = argv, .in = -1, .errout = -1, .keep = -1};
		struct buf *const to[2] = {&out, NULL};
		int64_t start = clock_ms();
		int p[2], status;
		pid_t pid;

		print_message("%s\n", rows[i].name);
		assert_int_equal(pipe2(p, O_CLOEXEC), 0);
		s.out = p[1];
		assert_int_equal(spawn_start(&s, &pid, NULL), 0);
		close(p[1]);
		if (rows[i].writes)
			assert_int_equal(
				poll(&(struct pollfd){.fd = p[0], .events = POLLIN}, 1, 60000), 1);
		assert_int_equal(
			spawn_collect(pid, (int[]){p[0], -1}, to, &limit, &status, NULL), ERR_TEMP);
		close(p[0]);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), rows[i].signal);
		assert_true(clock_ms() - start < 30000); /* far from 60 s or 100 s */
		assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	}
	buf_free(&out);
}

/* A grandchild that keeps the pipe is not waited for. */
/* Where reading fails, what came is not taken for all of it; a folder cannot be read. */
static void output_with_a_gap(void **state)
{
	static const struct {
		const char *name;
		bool errout, words;
		int rc;
	} rows[] = {
		{"stdout", false, false, ERR_OS},
		{"stderr", true, false, ERR_OS},
		{"words for a person", false, true, 0},
	};
	const char *argv[] = {"sh", "-c", "exit 3", NULL};
	const struct spawn s = {.argv = argv, .in = -1, .out = -1, .errout = -1, .keep = -1};
	struct buf out = BUF_INIT(1000), errout = BUF_INIT(1000);
	struct buf *const to[2] = {&out, &errout};
	int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;
	size_t i;
	pid_t pid;

	(void)state;
	assert_true(dir >= 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct spawn_limit limit = {.timeout_ms = 10000, .words = rows[i].words};
		const int fd[2] = {rows[i].errout ? -1 : dir, rows[i].errout ? dir : -1};

		print_message("%s\n", rows[i].name);
		assert_int_equal(spawn_start(&s, &pid, NULL), 0);
		assert_int_equal(spawn_collect(pid, fd, to, &limit, &status, NULL), rows[i].rc);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 3);
	}
	close(dir);
	buf_free(&out);
	buf_free(&errout);
}

static void grandchild_keeps_the_pipe(void **state)
{
	const char *argv[] = {"sh", "-c", "sleep 60 & echo $!", NULL};
	struct buf out = BUF_INIT(100);
	int64_t start = clock_ms();
	int status;

	(void)state;
	assert_int_equal(spawn_capture(argv, 50000, &out, NULL, &status, NULL), 0);
	assert_true(clock_ms() - start < 40000);
	assert_int_equal(status, 0);
	kill((pid_t)strtol(buf_str(&out), NULL, 10), SIGKILL);
	buf_free(&out);
}

static void cannot_be_run(void **state)
{
	char dir[] = "/tmp/test-spawn-XXXXXX", plain[64], broken[64];
	const struct {
		const char *name, *program, *says;
	} rows[] = {
		{"not in PATH", "no-such-program-here", "No such file"},
		{"no such path", "/nonexistent/program", "No such file"},
		{"not executable", plain, "Permission denied"},
		{"a folder", "/tmp", "Permission denied"},
		{"neither program nor script", broken, "Exec format error"},
	};
	size_t i;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(plain, sizeof(plain), "%s/plain", dir);
	snprintf(broken, sizeof(broken), "%s/broken", dir);
	fd = open(plain, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	fd = open(broken, O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
	assert_int_equal(write(fd, "echo a shell would run this\n", 28), 28);
	close(fd);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *argv[] = {rows[i].program, NULL};
		struct spawn s = {.argv = argv, .in = -1, .out = -1, .errout = -1, .keep = -1};
		struct err err = ERR_INIT;
		pid_t pid;

		print_message("%s\n", rows[i].name);
		assert_int_equal(spawn_start(&s, &pid, &err), ERR_CONFIG);
		assert_non_null(strstr(err.msg, rows[i].says));
		assert_non_null(strstr(err.msg, rows[i].program));
	}
	dir_remove(dir);
}

static void relative_path_entries_do_not_count(void **state)
{
	char dir[] = "/tmp/test-spawn-XXXXXX", path[FILE_PATH_MAX], was[FILE_PATH_MAX];
	char *old = strdup(getenv("PATH"));
	int fd;

	(void)state;
	assert_non_null(getcwd(was, sizeof(was)));
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	fd = open("trap-program", O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
	close(fd);
	setenv("PATH", ":.:/usr/bin:", 1);
	assert_int_equal(spawn_find("trap-program", path), ENOENT);
	setenv("PATH", dir, 1);
	assert_int_equal(spawn_find("trap-program", path), 0);
	setenv("PATH", old, 1);
	free(old);
	assert_int_equal(chdir(was), 0);
	dir_remove(dir);
}

/* Descriptors 0 to 3 and no other, in whatever order they lay before. */
static void descriptors(void **state)
{
	const char *argv[] = {"sh", "-c", "cat <&3 && cat <&0 && pwd && ls /proc/$$/fd", NULL};
	struct spawn s = {.argv = argv, .dir = "/", .keep = 0};
	struct buf out = BUF_INIT(1000);
	int in[2], keep[2], o[2], extra[3], status, saved, i;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(keep), 0);
	assert_int_equal(pipe(o), 0);
	for (i = 0; i < 3; i++) {
		extra[i] = open("/etc/passwd", O_RDONLY);
		assert_true(extra[i] >= 0);
	}
	assert_int_equal(write(keep[1], "three\n", 6), 6);
	assert_int_equal(write(in[1], "zero\n", 5), 5);
	close(keep[1]);
	close(in[1]);
	/* keep lies at 0, where the child's stdin goes: neither may overwrite the other */
	saved = dup(0);
	assert_int_equal(dup2(keep[0], 0), 0);
	s.in = in[0];
	s.out = o[1];
	s.errout = -1;
	assert_int_equal(spawn_start(&s, &pid, NULL), 0);
	assert_int_equal(dup2(saved, 0), 0);
	close(saved);
	close(o[1]);
	assert_int_equal(spawn_wait(pid, 10000, &status, NULL), 0);
	assert_int_equal(status, 0);
	assert_int_equal(fd_read_all(o[0], &out, NULL), 0);
	assert_string_equal(buf_str(&out), "three\nzero\n/\n0\n1\n2\n3\n");
	for (i = 0; i < 3; i++)
		close(extra[i]);
	close(in[0]);
	close(keep[0]);
	close(o[0]);
	buf_free(&out);
}

/* Mask and dispositions of a mail program do not reach the child. */
static void signals_are_reset(void **state)
{
	const char *argv[] = {"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status", NULL};
	struct buf out = BUF_INIT(1000);
	uint64_t blocked = 1, ignored = 1;
	sigset_t set;
	int status;

	(void)state;
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	assert_int_equal(spawn_capture(argv, 10000, &out, NULL, &status, NULL), 0);
	process_reset();
	assert_int_equal(
		sscanf(buf_str(&out), "SigBlk: %" SCNx64 " SigIgn: %" SCNx64, &blocked, &ignored),
		2);
	assert_int_equal(blocked, 0);
	/* 32 and 33 are the C library's own, which posix_spawn leaves ignored */
	assert_int_equal(ignored & ~((uint64_t)3 << 31), 0);
	buf_free(&out);
}

/* What would end us does not end a program that is started while we ignore it, and only then. */
static void ignored_for_a_while(void **state)
{
	static const int ending[] = {SIGTERM, SIGINT, SIGHUP};
	const char *argv[] = {"sh", "-c", "kill -s $0 $$; echo alive", "TERM", NULL};
	static const char *const name[] = {"TERM", "INT", "HUP"};
	struct buf out = BUF_INIT(1000);
	int row, status, signals = -1;

	(void)state;
	process_reset();
	for (row = 0; row < 9; row++) {
		argv[3] = name[row % 3];
		print_message("row %d: %s\n", row + 1, argv[3]);
		if (row == 3) {
			signals = signals_hold();
			raise(SIGTERM);
			assert_int_equal(signals_next(signals), SIGTERM);
			assert_int_equal(signals_next(signals), 0);
			signals_ignore(10);
			raise(SIGINT); /* ends nothing */
		} else if (row == 6) {
			signals_release(signals);
		}
		buf_reset(&out);
		assert_int_equal(spawn_capture(argv, 10000, &out, NULL, &status, NULL), 0);
		assert_string_equal(buf_str(&out), row / 3 == 1 ? "alive\n" : "");
		assert_int_equal(status, row / 3 == 1 ? 0 : ending[row % 3]);
	}
	/* at most so long */
	signals = signals_hold();
	signals_ignore(1);
	sleep(2); /* the alarm ends it earlier */
	buf_reset(&out);
	argv[3] = name[0];
	assert_int_equal(spawn_capture(argv, 10000, &out, NULL, &status, NULL), 0);
	assert_int_equal(status, SIGTERM);
	signals_release(signals);
	buf_free(&out);
}

static void process_is_reset(void **state)
{
	struct sigaction act;
	sigset_t set;
	int status, pass;
	pid_t pid;

	(void)state;
	for (pass = 0; pass < 2; pass++) {
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			sigfillset(&set);
			sigprocmask(SIG_SETMASK, &set, NULL);
			signal(SIGHUP, SIG_IGN);
			signal(SIGQUIT, SIG_IGN);
			close(pass);
			if (pass == 0)
				close(2);
			process_reset();
			sigprocmask(SIG_SETMASK, NULL, &set);
			status = sigismember(&set, SIGTERM) || sigismember(&set, SIGCHLD);
			sigaction(SIGHUP, NULL, &act);
			status |= (act.sa_handler != SIG_DFL) << 1;
			sigaction(SIGPIPE, NULL, &act);
			status |= (act.sa_handler != SIG_IGN) << 2;
			status |= (fcntl(0, F_GETFD) < 0 || fcntl(1, F_GETFD) < 0 ||
					  fcntl(2, F_GETFD) < 0)
				  << 3;
			_exit(status);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

static void environment(void **state)
{
	static const char *const env[] = {"ONLY=this", NULL};
	const char *argv[] = {"/usr/bin/env", NULL};
	struct spawn s = {.argv = argv, .env = env, .in = -1, .errout = -1, .keep = -1};
	struct buf out = BUF_INIT(100);
	int p[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	s.out = p[1];
	assert_int_equal(spawn_start(&s, &pid, NULL), 0);
	close(p[1]);
	assert_int_equal(spawn_wait(pid, -1, &status, NULL), 0);
	assert_int_equal(fd_read_all(p[0], &out, NULL), 0);
	assert_string_equal(buf_str(&out), "ONLY=this\n");
	close(p[0]);
	buf_free(&out);
}

/* The one is there once, whatever was there before; all others stay. */
static void own_environment_but_for_one(void **state)
{
	static const char *const before[] = {NULL, "before", ""};
	const char **env;
	size_t i, k, n, seen, like;

	(void)state;
	assert_int_equal(setenv("SPAWN_TEST_MORE", "stays", 1), 0);
	for (i = 0; i < 3; i++) {
		if (before[i])
			assert_int_equal(setenv("SPAWN_TEST", before[i], 1), 0);
		for (n = 0; environ[n]; n++)
			;
		env = spawn_env("SPAWN_TEST=x=y");
		assert_non_null(env);
		for (k = seen = like = 0; env[k]; k++) {
			seen += strcmp(env[k], "SPAWN_TEST=x=y") == 0;
			like += strncmp(env[k], "SPAWN_TEST", 10) == 0;
		}
		assert_int_equal(k, before[i] ? n : n + 1);
		assert_int_equal(seen, 1);
		assert_int_equal(like, 2);
		free(env);
	}
	assert_int_equal(unsetenv("SPAWN_TEST"), 0);
	assert_int_equal(unsetenv("SPAWN_TEST_MORE"), 0);
}

/* The process that starts it is killed. */
static void ends_with_its_parent(void **state)
{
	static const struct {
		const char *name;
		bool stays;
	} rows[] = {{"1 is killed with it", false}, {"2 stays", true}};
	const char *argv[] = {"sleep", "60", NULL};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spawn s = {.argv = argv,
			.in = -1,
			.out = -1,
			.errout = -1,
			.keep = -1,
			.stays = rows[i].stays};
		struct pollfd p = {.events = POLLIN};
		pid_t parent, pid = 0;
		int said[2], held[2];

		print_message("%s\n", rows[i].name);
		assert_int_equal(pipe2(said, O_CLOEXEC), 0);
		assert_int_equal(pipe2(held, O_CLOEXEC), 0);
		parent = fork();
		if (parent == 0) {
			s.errout = held[1];
			if (spawn_start(&s, &pid, NULL) != 0 ||
				write(said[1], &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
				_exit(1);
			kill(getpid(), SIGKILL);
		}
		close(held[1]);
		assert_int_equal(read(said[0], &pid, sizeof(pid)), sizeof(pid));
		assert_int_equal(waitpid(parent, NULL, 0), parent);
		/* The pipe ends when nobody holds it any more. */
		p.fd = held[0];
		assert_int_equal(poll(&p, 1, rows[i].stays ? 300 : 20000), !rows[i].stays);
		if (rows[i].stays)
			kill(pid, SIGKILL);
		close(said[0]);
		close(said[1]);
		close(held[0]);
	}
}

/* Two at once: the one that is not looked at yet goes on, and a late one harms no other. */
static void filters_side_by_side(void **state)
{
	static const struct {
		const char *name, *script[2];
		size_t out[2];
		int rc[2];
	} rows[] = {
		{"both read", {"cat", "cat; cat /dev/null"}, {5, 5}, {0, 0}},
		{"the second writes much", {"sleep 0.2; cat", "head -c 900000 /dev/zero"},
			{5, 900000}, {0, 0}},
		{"it writes more than waits", {"sleep 0.2; cat", "head -c 3000000 /dev/zero"},
			{5, 3000000}, {0, 0}},
		{"the first hangs", {"sleep 100", "cat"}, {0, 5}, {ERR_TEMP, 0}},
	};
	struct err e = ERR_INIT;
	size_t i, k;
	int status;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spawn_filter f[2] = {{.fd = -1}, {.fd = -1}};

		print_message("%s\n", rows[i].name);
		for (k = 0; k < 2; k++) {
			const char *argv[] = {"sh", "-c", rows[i].script[k], NULL};

			assert_int_equal(spawn_filter_start(&f[k], argv, "input", 5, &e), 0);
		}
		for (k = 0; k < 2; k++) {
			struct buf out = BUF_INIT(4u << 20);
			int ms = rows[i].rc[k] == 0 ? 10000 : 50;

			assert_int_equal(
				spawn_filter_end(&f[k], ms, &out, &status, &e), rows[i].rc[k]);
			assert_int_equal(out.len, rows[i].out[k]);
			buf_free(&out);
		}
	}
}

/* Its input comes later, or not at all; it never holds up who has it. */
static void filter_that_waits(void **state)
{
	static const struct {
		const char *name, *script;
		size_t given, out;
		int rc;
	} rows[] = {
		{"it reads", "cat", 5, 5, 0},
		{"it reads late", "sleep 0.2; cat", SPAWN_FILTER_PIPE, SPAWN_FILTER_PIPE, 0},
		{"it gets nothing", "cat", 0, 0, 0},
		{"more than waits", "cat", SPAWN_FILTER_PIPE + 1, 0, ERR_OS},
		{"it has ended", "exec <&-; sleep 100", 5, 0, ERR_OS},
	};
	char *text = calloc(1, SPAWN_FILTER_PIPE + 1);
	struct err e = ERR_INIT;
	size_t i;
	int status;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *argv[] = {"sh", "-c", rows[i].script, NULL};
		struct buf out = BUF_INIT(4u << 20);
		struct spawn_filter f = {.fd = -1};

		print_message("%s\n", rows[i].name);
		assert_int_equal(spawn_filter_start(&f, argv, NULL, 0, &e), 0);
		/* Nobody is left to read it. */
		if (i == sizeof(rows) / sizeof(rows[0]) - 1)
			(void)poll(&(struct pollfd){.fd = f.in}, 1, 10000);
		assert_int_equal(spawn_filter_give(&f, text, rows[i].given, &e), rows[i].rc);
		if (rows[i].rc == 0) {
			assert_int_equal(spawn_filter_end(&f, 10000, &out, &status, &e), 0);
			assert_int_equal(out.len, rows[i].out);
		} else {
			spawn_filter_drop(&f);
		}
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
		buf_free(&out);
	}
	free(text);
}

/* A child is neither left nor given more time, and its end is not waited for by turning as quickly
 * as the processor can. */
static void polls_that_fail(void **state)
{
	static const struct {
		const char *script, *out;
		int timeout_ms, rc;
	} rows[] = {{"echo out", "out\n", 10000, 0}, {"exec sleep 0.1", "", -1, 0},
		{"exec sleep 30", "", 100, ERR_TEMP}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const argv[] = {"/bin/sh", "-c", rows[i].script, NULL};
		struct buf out = BUF_INIT(100);
		struct err err = ERR_INIT;
		int status = -1, rc;

		polls = 0;
		poll_error = EIO;
		rc = spawn_capture(argv, rows[i].timeout_ms, &out, NULL, &status, &err);
		poll_error = 0;
		assert_int_equal(rc, rows[i].rc);
		assert_true(rc != 0 || status == 0);
		assert_string_equal(buf_str(&out), rows[i].out);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
		assert_true(polls < 500);
		buf_free(&out);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(captured),
		cmocka_unit_test(more_than_fits), cmocka_unit_test(deadlines),
		cmocka_unit_test(output_with_a_gap), cmocka_unit_test(grandchild_keeps_the_pipe),
		cmocka_unit_test(cannot_be_run),
		cmocka_unit_test(relative_path_entries_do_not_count), cmocka_unit_test(descriptors),
		cmocka_unit_test(signals_are_reset), cmocka_unit_test(ignored_for_a_while),
		cmocka_unit_test(process_is_reset), cmocka_unit_test(environment),
		cmocka_unit_test(own_environment_but_for_one),
		cmocka_unit_test(ends_with_its_parent), cmocka_unit_test(one_socket),
		cmocka_unit_test(filters_side_by_side), cmocka_unit_test(filter_that_waits),
		cmocka_unit_test(polls_that_fail)};

	if (argc == 3 && strcmp(argv[1], "--try") == 0)
		return try_in_child(argv[2]);
	process_reset(); /* as every program of ours: a shell's background job ignores INT */
	return cmocka_run_group_tests_name("spawn", tests, NULL, NULL);
}
