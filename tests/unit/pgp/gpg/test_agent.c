/* SPDX-License-Identifier: ISC */
/* pgp/gpg/agent.c: an agent that is gone is told from one that is silent, and neither holds
 * anything up. */
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
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "pgp/gpg/agent.h"
#include "poll_fails.h"
#include "unix_listener.h"

static char dir[FILE_PATH_MAX], path[FILE_PATH_MAX];

/* Until nobody more is let in. */
static void fill_queue(int *held, size_t n)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	size_t i;

	memcpy(a.sun_path, path, strlen(path) + 1);
	for (i = 0; i < n; i++) {
		held[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		assert_true(held[i] >= 0);
		(void)connect(held[i], (const struct sockaddr *)&a, sizeof(a));
	}
}

/* Answers one caller with text, in two pieces, and stays until it is killed. */
static pid_t answer(int s, const char *text)
{
	pid_t pid = fork();
	int c;

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	alarm(30); /* where an assertion fails nobody kills it */
	c = accept(s, NULL, NULL);
	if (text[0] && write(c, text, 1) == 1) {
		usleep(50000);
		(void)!write(c, text + 1, strlen(text + 1));
	}
	if (!text[0])
		close(c);
	pause();
	_exit(0);
}

/* full: there is no descriptor left. */
static enum agent_state connect_and_greet(const char *there, bool full, int *fd)
{
	struct rlimit all, none;
	struct err err = ERR_INIT;
	enum agent_state greets, state;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = (struct rlimit){.rlim_cur = 3, .rlim_max = all.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, full ? &none : &all), 0);
	state = agent_connect(there, fd, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	assert_int_equal(err.code, full ? ERR_OS : 0);
	assert_int_equal(strstr(err.msg, strerror(EMFILE)) != NULL, full);

	if (state != AGENT_ANSWERS)
		return state;
	greets = agent_greets(*fd);
	if (greets != AGENT_ANSWERS)
		close(*fd);
	return greets;
}

static char redirected[FILE_PATH_MAX];

/* To our socket in that folder. */
static void redirect(const char *in)
{
	FILE *f;

	assert_int_equal(path_join(redirected, dir, "redirect"), 0);
	f = fopen(redirected, "we");
	assert_non_null(f);
	fprintf(f, "%%Assuan%%\nsocket=%s/S.gpg-agent\n", in);
	assert_int_equal(fclose(f), 0);
}

static void looked_at(void **state)
{
	enum {
		NOTHING,
		PLAIN_FILE,
		REDIRECT,
		ENV_REDIRECT,
		NO_REDIRECT,
		LEFT_BEHIND,
		LISTENS,
		QUEUE_FULL,
		ANSWERS
	};
	static const struct {
		const char *name, *text;
		int there;
		enum agent_state expected;
		bool full;
	} rows[] = {
		{"1 nothing is there", NULL, NOTHING, AGENT_GONE},
		{"2 a file that does not redirect", NULL, PLAIN_FILE, AGENT_GONE},
		{"9 a file that redirects", "OK here\n", REDIRECT, AGENT_ANSWERS},
		{"10 by way of the environment", "OK here\n", ENV_REDIRECT, AGENT_ANSWERS},
		{"11 by a variable that is not set", "OK here\n", NO_REDIRECT, AGENT_GONE},
		{"3 a socket was left behind", NULL, LEFT_BEHIND, AGENT_GONE},
		{"4 it does not greet", NULL, LISTENS, AGENT_SILENT},
		{"5 nor let anybody in", NULL, QUEUE_FULL, AGENT_SILENT},
		{"6 it greets", "OK Pleased to meet you\n", ANSWERS, AGENT_ANSWERS},
		{"7 it closes: it is being killed", "", ANSWERS, AGENT_GONE},
		{"8 it says something else", "ERR 1\n", ANSWERS, AGENT_SILENT},
		{"12 no descriptor for the socket", NULL, LISTENS, AGENT_FAILED, true},
		{"13 no descriptor for the redirect", NULL, REDIRECT, AGENT_FAILED, true},
	};
	int held[8], s, fd;
	size_t i, k;
	char c;
	pid_t pid;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		(void)unlink(path);
		s = pid = -1;
		memset(held, -1, sizeof(held));
		if (rows[i].there == PLAIN_FILE)
			s = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		else if (rows[i].there != NOTHING)
			s = listen_at(path, 0);
		if (rows[i].there == LEFT_BEHIND)
			close(s);
		if (rows[i].there == QUEUE_FULL)
			fill_queue(held, 8);
		if (rows[i].text)
			pid = answer(s, rows[i].text);
		if (rows[i].there >= REDIRECT && rows[i].there <= NO_REDIRECT)
			redirect(rows[i].there == REDIRECT       ? dir
				 : rows[i].there == ENV_REDIRECT ? "${WALLS_DIR}"
								 : "${WALLS_NONE}");
		assert_int_equal(
			connect_and_greet(rows[i].there >= REDIRECT && rows[i].there <= NO_REDIRECT
						  ? redirected
						  : path,
				rows[i].full, &fd),
			rows[i].expected);
		if (rows[i].expected == AGENT_ANSWERS) {
			/* Whoever talks to it is greeted. */
			assert_int_equal(read(fd, &c, 1), 1);
			assert_int_equal(c, 'O');
			assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
			close(fd);
		}
		for (k = 0; k < 8; k++) {
			if (held[k] >= 0)
				close(held[k]);
		}
		if (s >= 0 && rows[i].there != LEFT_BEHIND)
			close(s);
		if (pid > 0) {
			kill(pid, SIGKILL);
			assert_int_equal(waitpid(pid, NULL, 0), pid);
		}
	}
}

static void told(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(agent_silent("/run/S.gpg-agent", &err), ERR_TEMP);
	assert_non_null(strstr(err.msg, "/run/S.gpg-agent"));
	assert_true(err.hint[0] != '\0');
	assert_int_equal(agent_refuse(AGENT_ANSWERS, "/run/S.gpg-agent", &err), 0);
	assert_int_equal(agent_refuse(AGENT_FAILED, "/run/S.gpg-agent", &err), ERR_OS);
	assert_non_null(strstr(err.msg, "does not answer")); /* as it was set */
	assert_int_equal(agent_refuse(AGENT_GONE, "/run/S.gpg-agent", &err), ERR_TEMP);
	assert_non_null(strstr(err.msg, "not running at /run/S.gpg-agent"));
	assert_int_equal(agent_refuse(AGENT_SILENT, "/run/S.gpg-agent", &err), ERR_TEMP);
	assert_non_null(strstr(err.msg, "does not answer"));
}

static int setup(void **state)
{
	(void)state;
	assert_int_equal(dir_make_temp(dir, NULL), 0);
	setenv("WALLS_DIR", dir, 1);
	return path_join(path, dir, "S.gpg-agent");
}

static int teardown(void **state)
{
	(void)state;
	dir_remove(dir);
	return 0;
}

/* Where nothing can be waited for it counts as silent, at once. */
static void waiting_fails(void **state)
{
	enum agent_state greets;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	polls = 0;
	poll_error = EIO;
	greets = agent_greets(pair[0]);
	poll_error = 0;
	assert_int_equal(greets, AGENT_SILENT);
	assert_int_equal(polls, 1);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(looked_at), cmocka_unit_test(told),
		cmocka_unit_test(waiting_fails)};

	return cmocka_run_group_tests_name("agent", tests, setup, teardown);
}
