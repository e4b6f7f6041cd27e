/* SPDX-License-Identifier: ISC */
/*
 * Asks mutt and neomutt themselves for their settings (-Q), in a sandbox and within a time limit.
 */
#include "verbs/doctor/muttrc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/sandbox.h"
#include "base/spawn.h"

#define MUTT_MS 5000
#define MUTT_OUTPUT_MAX 65536
#define MUTT_ARGS (3 + 2 * MUTTRC_VARS + 1)

/* mutt shortens paths by its working folder; nobody keeps mail in this one. */
#define MUTT_DIR "/dev"

/* Errors before mutt runs are written to where mutt writes its own. */
static _Noreturn void tell_and_exit(const char *why)
{
	(void)!write(STDERR_FILENO, why, strlen(why));
	_exit(1);
}

/*
 * The child: leaves the terminal, goes into the sandbox and starts mutt. It stays mutt's parent, as
 * the head of a group that ends together.
 */
static _Noreturn void run_mutt(const char *const *argv, int out, int errout)
{
	static const char *const nothing[] = {NULL};
	struct spawn s = {
		.argv = argv, .in = -1, .out = out, .errout = errout, .keep = -1, .dir = MUTT_DIR};
	struct sandbox_state state;
	struct err err = ERR_INIT;
	int status;
	pid_t pid;

	/* In English, whatever the user's language: its output is parsed. */
	s.env = spawn_env("LANGUAGE=en");
	if (dup2(errout, STDERR_FILENO) < 0)
		_exit(1);
	if (setsid() < 0)
		tell_and_exit("no session of its own");
	if (!s.env)
		tell_and_exit("out of memory");
	if (sandbox_mail(&(struct sandbox_paths){.writable = nothing}, &state, &err) < 0 ||
		spawn_start(&s, &pid, &err) < 0 || spawn_wait(pid, -1, &status, &err) < 0)
		tell_and_exit(err.msg);
	_exit(0);
}

static void close_pipe(int p[2])
{
	int i;

	for (i = 0; i < 2; i++) {
		if (p[i] >= 0)
			close(p[i]);
		p[i] = -1;
	}
}

/* Runs it, at most timeout_ms; what is left of its group is then killed. */
static int capture_mutt(const char *const *argv, int timeout_ms, struct buf *out,
	struct buf *errout, struct err *err)
{
	const struct spawn_limit limit = {.timeout_ms = timeout_ms};
	struct buf *const to[2] = {out, errout};
	int o[2] = {-1, -1}, e[2] = {-1, -1}, rc = 0, status;
	pid_t pid = -1;

	if (pipe2(o, O_CLOEXEC) < 0 || pipe2(e, O_CLOEXEC) < 0)
		rc = err_set(err, ERR_OS, "no pipe: %s", strerror(errno));
	if (rc == 0) {
		pid = fork();
		if (pid == 0)
			run_mutt(argv, o[1], e[1]);
		if (pid < 0)
			rc = err_set(err, ERR_OS, "no process: %s", strerror(errno));
	}
	if (rc == 0) {
		const int fd[2] = {o[0], e[0]};

		close(o[1]);
		close(e[1]);
		o[1] = e[1] = -1;
		rc = spawn_collect(pid, fd, to, &limit, &status, err);
		(void)kill(-pid, SIGKILL);
	}
	close_pipe(o);
	close_pipe(e);
	return rc;
}

/* Asks for these variables in one run. ERR_*: it did not end by itself. */
static int ask_vars(struct muttrc *m, const char *file, const char *const *name, size_t n,
	int timeout_ms, struct err *err)
{
	struct buf out = BUF_INIT(MUTT_OUTPUT_MAX), errout = BUF_INIT(MUTT_OUTPUT_MAX);
	const char *argv[MUTT_ARGS] = {m->program, "-F", file};
	size_t i, k = 3;
	int rc;

	for (i = 0; i < n; i++) {
		argv[k++] = "-Q";
		argv[k++] = name[i];
	}
	argv[k] = NULL;
	rc = capture_mutt(argv, timeout_ms, &out, &errout, err);
	muttrc_take_answers(m, buf_str(&out));
	muttrc_take_errors(m, buf_str(&errout));
	buf_free(&out);
	buf_free(&errout);
	return rc;
}

/*
 * All in one run, so that the user's backquoted commands run once; mutt stops at a variable that it
 * does not have, so the remaining ones are then queried one by one, in both spellings.
 */
static int ask_all(struct muttrc *m, const char *file, bool neomutt, struct err *err)
{
	const char *name[MUTTRC_VARS];
	int64_t end = clock_ms() + MUTT_MS, left;
	int rc, v, k;

	for (v = 0; v < MUTTRC_VARS; v++)
		name[v] = muttrc_name((enum muttrc_var)v, neomutt);
	rc = ask_vars(m, file, name, MUTTRC_VARS, MUTT_MS, err);
	for (v = 0; rc == 0 && v < MUTTRC_VARS; v++) {
		for (k = 0; rc == 0 && k < 2 && m->var[v].known != MUTTRC_TOLD; k++) {
			name[0] = muttrc_name((enum muttrc_var)v, neomutt != (k == 1));
			if (k == 1 &&
				strcmp(name[0], muttrc_name((enum muttrc_var)v, neomutt)) == 0)
				break;
			left = end - clock_ms();
			rc = ask_vars(m, file, name, 1, left > 1 ? (int)left : 1, err);
		}
	}
	return rc;
}

/* Its name, or that of the folder it lies in, holds "neomutt". */
static bool is_neomuttrc(const char *path)
{
	const char *slash = strrchr(path, '/');

	while (slash > path && slash[-1] != '/')
		slash--;
	return strstr(slash ? slash : path, "neomutt") != NULL;
}

/*
 * An absolute name, since mutt gives some first characters a meaning of their own, and works in
 * another folder. Names below /dev and /proc, such as /dev/stdin, mean another file there.
 */
static int absolute_path(const char *file, char *path, struct err *err)
{
	char dir[FILE_PATH_MAX] = "", real[PATH_MAX];

	if (file[0] != '/' && !getcwd(dir, sizeof(dir)))
		return err_set(err, ERR_OS, "no working folder: %s", strerror(errno));
	if (path_join(path, dir, file + strspn(file, "/")) < 0)
		return err_set(err, ERR_USAGE, "%.300s: the name is too long", file);
	if (strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/proc/", 6) != 0)
		return 0;
	if (!realpath(path, real))
		return err_set(err, ERR_IO, "%s: %s", file, strerror(errno));
	if (strlen(real) >= FILE_PATH_MAX)
		return err_set(err, ERR_USAGE, "%.300s: the name is too long", file);
	memcpy(path, real, strlen(real) + 1);
	return 0;
}

/* It is read more than once, so it has to be a file; and mutt runs what ends in "|". */
static int check_readable(const char *file, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc = 0;
	struct stat st;

	if (fd < 0)
		return err_set(err, ERR_IO, "%s: %s", file, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		rc = err_set(err, ERR_IO, "%s: not a regular file", file);
	else if (path[strlen(path) - 1] == '|')
		rc = err_set(err, ERR_USAGE, "%s: mutt runs a file of such a name", file);
	close(fd);
	return rc;
}

int mutt_ask(const char *file, struct muttrc *m, struct err *err)
{
	struct err why = ERR_INIT;
	char path[FILE_PATH_MAX];
	bool neomutt;
	int rc;

	memset(m, 0, sizeof(*m));
	rc = absolute_path(file, path, err);
	if (rc == 0)
		rc = check_readable(file, path, err);
	if (rc < 0)
		return rc;
	neomutt = is_neomuttrc(path);
	if (spawn_find(neomutt ? "neomutt" : "mutt", m->program) != 0) {
		neomutt = !neomutt;
		if (spawn_find(neomutt ? "neomutt" : "mutt", m->program) != 0) {
			m->program[0] = '\0';
			return 0;
		}
	}
	if (ask_all(m, path, neomutt, &why) < 0)
		snprintf(m->complaint, sizeof(m->complaint), "%.1000s", why.msg);
	return 0;
}
