/* SPDX-License-Identifier: ISC */
/* The user's agent without a runner between: for tests of what asks for it. */
#ifndef TESTS_DIRECT_AGENT_H
#define TESTS_DIRECT_AGENT_H

/* No test uses all of it. */
#pragma GCC diagnostic ignored "-Wunused-function"

#include <stdio.h>
#include <string.h>

#include "pgp/gpg/daemons.h"
#include "process/runner_priv.h"

/* arg: the path of its socket. */
static int direct_agent(
	void *arg, const struct agent_wish *wish, struct agent_reply *reply, struct err *err)
{
	(void)err;
	snprintf(reply->path, sizeof(reply->path), "%s", (const char *)arg);
	reply->state = agent_connect(reply->path, &reply->fd);
	if (wish->greeted && reply->state == AGENT_ANSWERS)
		reply->state = agent_greets(reply->fd);
	return 0;
}

static int direct_keys(void *arg, int *fd, struct err *err)
{
	(void)arg;
	return runner_agent_keys(fd, err);
}

/* path: borrowed. Good until the next call. */
static struct gpg_daemons *agent_at(char *path)
{
	static struct gpg_daemons d;

	daemons_end(&d);
	d = (struct gpg_daemons){.agent = direct_agent, .keys = direct_keys, .arg = path};
	return &d;
}

#endif
