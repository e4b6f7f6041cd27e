/* SPDX-License-Identifier: ISC */
/*
 * The runner's request to run gpg with the user's agent: arguments from a struct gpg_job, behind a
 * wall of its own, its only way to the agent a relay. The descriptors are passed on, never read or
 * written here.
 */
#include "process/runner_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/spawn.h"
#include "base/temp_dir.h"
#include "pgp/gpg/gpg_args.h"
#include "pgp/gpg/home.h"

#define NO_PIDFD_MS 20 /* between looks at a child, where the kernel has none */

/* Of the job, what only the runner can know. */
static int check_job(const struct runner_gpg *g, const struct gpg_job *j, const int fd[GPG_JOB_FDS],
	struct err *err)
{
	struct stat st;
	size_t i;

	if (j->work == GPG_OPENS && !g->birth->opens)
		return err_set(err, ERR_INTERNAL, "this verb does not decrypt");
	if (dir_temp_root_path()[0] == '\0')
		return err_set(err, ERR_INTERNAL, "there is no folder for gpg's homes");
	for (i = 0; i < GPG_JOB_FDS; i++) {
		if (fstat(fd[i], &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)))
			return err_set(
				err, ERR_INTERNAL, "gpg is to use neither a file nor a pipe");
	}
	return gpg_init(err);
}

/* Its system is every program's, its own the homes and gpg itself, which may be a script. */
static int make_wall(struct runner_gpg *g, struct err *err)
{
	const char *const readable[] = {gpg_program(), NULL};

	if (!g->wall)
		g->wall = sandbox_wall_make(dir_temp_root_path(), readable, err);
	return g->wall ? 0 : ERR_OS;
}

/* What fails here is told when it is needed. */
void runner_gpg_prepare(struct runner_gpg *g)
{
	if (dir_temp_root_path()[0] != '\0' && gpg_init(NULL) == 0)
		(void)make_wall(g, NULL);
}

/* *socket: 0 where it needs none, or the system cannot wall a process in: then it reaches the agent
 * by its place (daemons_tell_home). */
static int connect_job(
	struct runner_agent *a, const struct gpg_job *j, int *socket, struct err *err)
{
	int rc;

	*socket = 0;
	if (j->work != GPG_OPENS && j->signer[0] == '\0')
		return 0;
	rc = runner_agent_relay(
		a, j->work == GPG_OPENS ? AGENT_TO_OPEN : AGENT_TO_SIGN, socket, err);
	if (rc == 0 && !sandbox_has_one_socket()) {
		close(*socket);
		*socket = 0;
	}
	return rc;
}

static int start_job(const struct runner_gpg *g, const struct gpg_job *j, const int fd[GPG_JOB_FDS],
	int socket, pid_t *pid, struct err *err)
{
	const struct gpg_place place = {.program = gpg_program(),
		.root = dir_temp_root_path(),
		.tty = g->birth->tty,
		.socket = socket > 0};
	const char **env = spawn_env("LC_ALL=C");
	struct gpg_args args = {.argv = NULL};
	int rc = env ? gpg_args_make(&args, j, &place, err) : err_set(err, ERR_OS, "out of memory");

	if (rc == 0) {
		const struct spawn s = {.argv = args.argv,
			.env = env,
			.in = fd[GPG_JOB_IN],
			.out = fd[GPG_JOB_OUT],
			.errout = -1,
			.keep = fd[GPG_JOB_STATUS],
			.socket = socket,
			.wall = g->wall};

		rc = spawn_start(&s, pid, err);
	}
	gpg_args_free(&args);
	free(env);
	return rc;
}

int runner_gpg_serve(struct runner_gpg *g, struct runner_agent *a, const struct buf *body,
	const int fd[GPG_JOB_FDS], int *attach, struct err *err)
{
	struct gpg_run *run = NULL;
	struct gpg_job job;
	struct rd rd;
	int socket = 0, end[2], rc;
	size_t i;

	rd_init(&rd, body->p, body->len);
	rc = gpg_job_read(&rd, &job, err);
	for (i = 0; i < GPG_RUNS_MAX && !run; i++)
		run = g->run[i].pid == 0 ? &g->run[i] : NULL;
	if (rc == 0 && !run)
		rc = err_set(err, ERR_INTERNAL, "gpg runs %d times already", GPG_RUNS_MAX);
	if (rc == 0)
		rc = check_job(g, &job, fd, err);
	if (rc == 0)
		rc = make_wall(g, err);
	if (rc == 0)
		rc = connect_job(a, &job, &socket, err);
	if (rc < 0)
		return rc;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end) < 0) {
		rc = err_set(err, ERR_OS, "no socket for gpg: %s", strerror(errno));
	} else if ((rc = start_job(g, &job, fd, socket, &run->pid, err)) < 0) {
		close(end[0]);
		close(end[1]);
	} else {
		run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
		run->end = end[0];
		*attach = end[1];
	}
	if (socket > 0)
		close(socket);
	return rc;
}

int runner_gpg_polls(const struct runner_gpg *g, struct pollfd *p)
{
	int wait = -1;
	size_t i;

	for (i = 0; i < GPG_RUNS_MAX; i++, p += 2) {
		const struct gpg_run *run = &g->run[i];

		p[0] = (struct pollfd){.fd = run->pid > 0 ? run->pidfd : -1, .events = POLLIN};
		p[1] = (struct pollfd){.fd = run->pid > 0 ? run->end : -1};
		if (run->pid > 0 && run->pidfd < 0)
			wait = NO_PIDFD_MS;
	}
	return wait;
}

/* Nobody waits for it any more: kills it. Otherwise only looks whether it has ended. */
static void look_at_run(struct gpg_run *run, bool kill_it)
{
	int status = 0;

	if (kill_it)
		kill(run->pid, SIGKILL);
	if (waitpid(run->pid, &status, kill_it ? 0 : WNOHANG) == 0)
		return;
	(void)send(run->end, &status, sizeof(status), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(run->end);
	if (run->pidfd >= 0)
		close(run->pidfd);
	run->pid = 0;
}

void runner_gpg_turn(struct runner_gpg *g, const struct pollfd *p)
{
	size_t i;

	for (i = 0; i < GPG_RUNS_MAX; i++, p += 2) {
		struct gpg_run *run = &g->run[i];

		if (run->pid > 0 && (run->pidfd < 0 || p[0].revents != 0 || p[1].revents != 0))
			look_at_run(run, p[1].revents != 0);
	}
}

void runner_gpg_end(struct runner_gpg *g)
{
	size_t i;

	for (i = 0; i < GPG_RUNS_MAX; i++) {
		if (g->run[i].pid > 0)
			look_at_run(&g->run[i], true);
	}
	sandbox_wall_free(g->wall);
	g->wall = NULL;
}
