/* SPDX-License-Identifier: ISC */
/* A program in the place of gpg, without a runner between. */
#ifndef TESTS_DIRECT_GPG_H
#define TESTS_DIRECT_GPG_H

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/spawn.h"
#include "wire/gpg_job.h"

struct direct_run {
	pid_t pid;
	int end;
};

/* As the runner looks after one. */
static void *direct_look_after(void *arg)
{
	struct direct_run *run = arg;
	struct pollfd p = {.fd = run->end};
	int status;

	while (waitpid(run->pid, &status, WNOHANG) == 0) {
		if (poll(&p, 1, 1) == 1)
			kill(run->pid, SIGKILL);
	}
	(void)send(run->end, &status, sizeof(status), MSG_NOSIGNAL);
	close(run->end);
	free(run);
	return NULL;
}

static int direct_program(
	const char *const *argv, int socket, const int fd[GPG_JOB_FDS], int *end, struct err *err)
{
	struct direct_run *run = calloc(1, sizeof(*run));
	const struct spawn s = {.argv = argv,
		.in = fd[GPG_JOB_IN],
		.out = fd[GPG_JOB_OUT],
		.errout = -1,
		.keep = fd[GPG_JOB_STATUS],
		.socket = socket};
	pthread_t thread;
	int pair[2], rc = spawn_start(&s, &run->pid, err);

	if (rc < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		free(run);
		return rc < 0 ? rc : ERR_OS;
	}
	run->end = pair[0];
	*end = pair[1];
	if (pthread_create(&thread, NULL, direct_look_after, run) != 0)
		abort();
	pthread_detach(thread);
	return 0;
}

#endif
