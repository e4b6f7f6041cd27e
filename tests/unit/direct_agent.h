/* SPDX-License-Identifier: ISC */
/* The user's agent without a runner between: for tests of what asks for it. */
#ifndef TESTS_DIRECT_AGENT_H
#define TESTS_DIRECT_AGENT_H

/* No test uses all of it. */
#pragma GCC diagnostic ignored "-Wunused-function"

#include <stdio.h>
#include <string.h>

#include "base/sandbox.h"
#include "base/temp_dir.h"
#include "direct_gpg.h"
#include "pgp/gpg/agent.h"
#include "pgp/gpg/daemons.h"
#include "pgp/gpg/gpg_args.h"
#include "process/runner_priv.h"

/* arg: the path of its socket. */
static int direct_agent(
	void *arg, enum agent_wish wish, char path[FILE_PATH_MAX], int *fd, struct err *err)
{
	enum agent_state state;

	snprintf(path, FILE_PATH_MAX, "%s", (const char *)arg);
	state = agent_connect(path, fd, err);
	if (state == AGENT_ANSWERS && wish != AGENT_STARTS)
		state = agent_greets(*fd);
	if (state == AGENT_ANSWERS && wish != AGENT_LISTS)
		close(*fd);
	return agent_refuse(state, path, err);
}

/* Where its homes are. */
static void direct_root(void)
{
	static char root[FILE_PATH_MAX];

	if (dir_temp_root_path()[0] == '\0' && dir_temp_root(root, NULL) == 0)
		atexit(dir_temp_root_remove);
}

static int direct_gpg(
	void *arg, const struct gpg_job *job, const int fd[GPG_JOB_FDS], int *end, struct err *err)
{
	const bool keys = job->work == GPG_OPENS || job->signer[0] != '\0';
	struct gpg_place place = {
		.program = gpg_program(), .root = dir_temp_root_path(), .tty = ""};
	char path[FILE_PATH_MAX];
	struct gpg_args args;
	int socket = 0, rc = 0;

	if (!fd)
		return err_set(err, ERR_INTERNAL, "no gpg is ready");
	if (keys && sandbox_has_one_socket())
		rc = direct_agent(arg, AGENT_LISTS, path, &socket, err);
	place.socket = socket > 0;
	if (rc == 0)
		rc = gpg_args_make(&args, job, &place, err);
	if (rc < 0)
		return rc;
	rc = direct_program(args.argv, socket, fd, end, err);
	gpg_args_free(&args);
	if (socket > 0)
		close(socket);
	return rc;
}

static int direct_keys(void *arg, int *fd, struct err *err)
{
	(void)arg;
	return runner_agent_keys(fd, err);
}

static struct gpg_daemons direct_daemons(char *path)
{
	direct_root();
	return (struct gpg_daemons){
		.agent = direct_agent, .keys = direct_keys, .gpg = direct_gpg, .arg = path};
}

/* path: borrowed. Good until the next call. */
static struct gpg_daemons *agent_at(char *path)
{
	static struct gpg_daemons d;

	d = direct_daemons(path);
	return &d;
}

#endif
