/* SPDX-License-Identifier: ISC */
/*
 * The runner's request to run gpg with the user's agent: arguments from a struct gpg_job, behind a
 * wall of its own, its only way to the agent a relay. The descriptors are passed on, never read or
 * written here.
 */
#include "process/runner_priv.h"

#include <errno.h>
#include <fcntl.h>
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

#define SETTINGS_MAX 65536 /* a pipe holds as much */
#define NO_PIDFD_MS 20     /* between looks at a child, where the kernel has none */

/* Of any job, what only the runner can know. */
static int check_files(const int fd[GPG_JOB_FDS], struct err *err)
{
	struct stat st;
	size_t i;

	if (dir_temp_root_path()[0] == '\0')
		return err_set(err, ERR_INTERNAL, "there is no folder for gpg's homes");
	for (i = 0; i < GPG_JOB_FDS; i++) {
		if (fstat(fd[i], &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)))
			return err_set(
				err, ERR_INTERNAL, "gpg is to use neither a file nor a pipe");
	}
	return gpg_init(err);
}

static int check_job(const struct runner_gpg *g, const struct gpg_job *j, const int fd[GPG_JOB_FDS],
	struct err *err)
{
	if (j->work == GPG_OPENS && !g->opens)
		return err_set(err, ERR_INTERNAL, "this verb does not decrypt");
	return check_files(fd, err);
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

static int start_with_args(const struct runner_gpg *g, const struct gpg_args *args,
	const int fd[GPG_JOB_FDS], int socket, int settings, pid_t *pid, struct err *err)
{
	const char **env = spawn_env("LC_ALL=C");
	int rc = env ? 0 : err_set(err, ERR_OS, "out of memory");

	if (rc == 0) {
		const struct spawn s = {.argv = args->argv,
			.env = env,
			.in = fd[GPG_JOB_IN],
			.out = fd[GPG_JOB_OUT],
			.errout = -1,
			.keep = fd[GPG_JOB_STATUS],
			.socket = socket,
			.settings = settings,
			.wall = g->wall};

		rc = spawn_start(&s, pid, err);
	}
	free(env);
	return rc;
}

static struct gpg_place place_of(const struct runner_gpg *g, bool socket)
{
	return (struct gpg_place){.program = gpg_program(),
		.root = dir_temp_root_path(),
		.tty = g->tty,
		.socket = socket};
}

static int start_job(const struct runner_gpg *g, const struct gpg_job *j, const int fd[GPG_JOB_FDS],
	int socket, pid_t *pid, struct err *err)
{
	const struct gpg_place place = place_of(g, socket > 0);
	struct gpg_args args;
	int rc = gpg_args_make(&args, j, &place, err);

	if (rc == 0) {
		rc = start_with_args(g, &args, fd, socket, 0, pid, err);
		gpg_args_free(&args);
	}
	return rc;
}

static struct gpg_run *free_run(struct runner_gpg *g)
{
	size_t i;

	for (i = 0; i < GPG_RUNS_MAX; i++) {
		if (g->run[i].pid == 0)
			return &g->run[i];
	}
	return NULL;
}

static void watch_run(struct gpg_run *run, int end)
{
	run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	run->end = end;
}

static int run_job(struct runner_gpg *g, struct runner_agent *a, const struct gpg_job *j,
	const int fd[GPG_JOB_FDS], int end, struct err *err)
{
	struct gpg_run *run = free_run(g);
	int socket = 0, rc = 0;

	if (!run)
		rc = err_set(err, ERR_INTERNAL, "gpg runs %d times already", GPG_RUNS_MAX);
	if (rc == 0)
		rc = check_job(g, j, fd, err);
	if (rc == 0)
		rc = make_wall(g, err);
	if (rc == 0)
		rc = connect_job(a, j, &socket, err);
	if (rc == 0)
		rc = start_job(g, j, fd, socket, &run->pid, err);
	if (rc == 0)
		watch_run(run, end);
	if (socket > 0)
		close(socket);
	return rc;
}

/* Nobody waits for it any more: kills it. Otherwise only looks whether it has ended. */
static void look_at_run(struct gpg_run *run, bool kill_it)
{
	int status = SIGKILL; /* where it cannot be learnt: no success */

	if (kill_it)
		kill(run->pid, SIGKILL);
	if (waitpid(run->pid, &status, kill_it ? 0 : WNOHANG) == 0)
		return;
	if (run->end >= 0) {
		(void)send(run->end, &status, sizeof(status), MSG_NOSIGNAL | MSG_DONTWAIT);
		close(run->end);
	}
	if (run->pidfd >= 0)
		close(run->pidfd);
	if (run->settings > 0) {
		close(run->settings);
		if (run->client >= 0)
			close(run->client);
	}
	*run = (struct gpg_run){.pid = 0};
}

/* gpg in the home, whose other ends are the run's. */
static int start_ready(struct runner_gpg *g, struct gpg_run *run, const int fd[GPG_JOB_FDS],
	int client, int settings, struct err *err)
{
	const struct gpg_place place = place_of(g, true);
	struct gpg_args args;
	int rc = make_wall(g, err);

	if (rc == 0)
		rc = gpg_args_make_ready(&args, run->home, &place, err);
	if (rc == 0) {
		rc = start_with_args(g, &args, fd, client, settings, &run->pid, err);
		gpg_args_free(&args);
	}
	return rc;
}

void runner_gpg_make_ready(struct runner_gpg *g, const struct gpg_ready *ready)
{
	struct gpg_run *run = &g->run[0];
	int client[2], settings[2] = {-1, -1};

	gpg_home_name(&ready->home, run->home);
	if (!sandbox_has_one_socket() || access("/dev/fd", X_OK) < 0 ||
		check_files(ready->theirs, NULL) < 0 ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, client) < 0)
		return;
	if (pipe2(settings, O_CLOEXEC | O_NONBLOCK) == 0 && fcntl(settings[0], F_SETFL, 0) == 0 &&
		start_ready(g, run, ready->theirs, client[0], settings[0], NULL) == 0) {
		watch_run(run, -1);
		run->settings = settings[1];
		run->client = client[1];
	} else {
		close(client[1]);
		if (settings[1] >= 0)
			close(settings[1]);
	}
	close(client[0]);
	if (settings[0] >= 0)
		close(settings[0]);
}

static struct gpg_run *find_ready(struct runner_gpg *g, const struct gpg_job *j)
{
	size_t i;

	for (i = 0; i < GPG_RUNS_MAX; i++) {
		if (g->run[i].pid > 0 && g->run[i].settings > 0 &&
			strcmp(g->run[i].home, j->home) == 0)
			return &g->run[i];
	}
	return NULL;
}

/* Its settings, all at once: what a pipe does not hold is nothing for it. It begins when the pipe
 * is closed, and so only if it has all of them. */
static int tell_settings(
	const struct runner_gpg *g, struct gpg_run *run, const struct gpg_job *j, struct err *err)
{
	const struct gpg_place place = place_of(g, true);
	struct buf text = BUF_INIT(SETTINGS_MAX);
	int rc = gpg_args_lines(&text, j, &place, err);

	if (rc == 0 && write(run->settings, text.p, text.len) != (ssize_t)text.len)
		rc = err_set(err, ERR_INTERNAL, "gpg does not take its settings");
	buf_free(&text);
	return rc;
}

static int run_ready(struct runner_gpg *g, struct runner_agent *a, const struct gpg_job *j, int end,
	struct err *err)
{
	struct gpg_run *run = find_ready(g, j);
	int rc;

	if (!run || j->work != GPG_SEALS || j->signer[0] == '\0')
		return err_set(err, ERR_INTERNAL, "no gpg is ready for that");
	rc = runner_agent_join(a, AGENT_TO_SIGN, run->client, err);
	run->client = -1;
	if (rc == 0)
		rc = tell_settings(g, run, j, err);
	if (rc < 0) {
		look_at_run(run, true);
		return rc;
	}
	close(run->settings);
	run->settings = 0;
	run->end = end;
	return 0;
}

int runner_gpg_serve(struct runner_gpg *g, struct runner_agent *a, const struct buf *body,
	const int *fd, int *attach, struct err *err)
{
	struct gpg_job job;
	struct rd rd;
	int end[2], rc;

	rd_init(&rd, body->p, body->len);
	rc = gpg_job_read(&rd, &job, err);
	if (rc < 0)
		return rc;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end) < 0) {
		gpg_job_free(&job);
		return err_set(err, ERR_OS, "no socket for gpg: %s", strerror(errno));
	}
	rc = fd ? run_job(g, a, &job, fd, end[0], err) : run_ready(g, a, &job, end[0], err);
	gpg_job_free(&job);
	if (rc == 0) {
		*attach = end[1];
	} else {
		close(end[0]);
		close(end[1]);
	}
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
