/* SPDX-License-Identifier: ISC */
/* Between runner.c (the asking side), runner_serve.c (the child), and runner_mta.c, runner_agent.c,
 * runner_gpg.c (some of its requests). */
#ifndef SEALPOST_RUNNER_PRIV_H
#define SEALPOST_RUNNER_PRIV_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "conf/conf.h"
#include "pgp/gpg/daemons.h"
#include "pgp/gpg/gpg_env.h"
#include "process/agent_relay.h"
#include "wire/gpg_job.h"
#include "wire/handoff.h"

/* struct err in a FRAME_ERR. The received code is not trusted: an unknown one becomes ERR_INTERNAL.
 */
void runner_err_write(struct wr *w, const struct err *e);
int runner_err_read(struct rd *r, struct err *e);

/* The part that deals with gpg's daemons. Begins zeroed. */
#define RELAYS_MAX 8 /* at a time */
#define RUNNER_AGENT_POLLS (2 * RELAYS_MAX)

struct runner_agent {
	char path[FILE_PATH_MAX];              /* of the socket of the agent; "": not known yet */
	int spare;                             /* a connection that nobody has used yet; 0: none */
	struct agent_relay *relay[RELAYS_MAX]; /* owned; NULL: none */
	bool broke;                            /* one of them, and nobody was told yet */
};

/* enum agent_wish: the path of the agent's socket into answer, and for AGENT_LISTS a relay into
 * *attach. */
int runner_agent_serve(struct runner_agent *a, const struct buf *body, struct wr *answer,
	int *attach, struct err *err);
/* A connection to the agent, which is started if need be, by way of a relay for whoever has the
 * other end of client, which is the relay's from now on, even if this fails. ERR_TEMP, ERR_CONFIG,
 * ERR_OS. */
int runner_agent_join(struct runner_agent *a, enum agent_use use, int client, struct err *err);
/* The same with a new socket, whose other end is *client. */
int runner_agent_relay(struct runner_agent *a, enum agent_use use, int *client, struct err *err);
/* Connects to an agent that runs where one usually does: it greets while others do something else.
 */
void runner_agent_prepare(struct runner_agent *a);
/* The public keys that keyboxd has, as a file in memory, into *attach. */
int runner_agent_keys(int *attach, struct err *err);
/* What to poll for: RUNNER_AGENT_POLLS entries; and what came of it. */
void runner_agent_polls(const struct runner_agent *a, struct pollfd *p);
void runner_agent_turn(struct runner_agent *a, const struct pollfd *p);
void runner_agent_end(struct runner_agent *a);

/* The part that runs gpg. Begins zeroed, but for what it is given at its fork. */
#define GPG_RUNS_MAX 8 /* at a time */
#define RUNNER_GPG_POLLS (2 * GPG_RUNS_MAX)

struct gpg_run {
	pid_t pid; /* 0: none */
	int pidfd; /* -1: the kernel has none */
	int end;   /* a socket: is told of the end of gpg, and ends it when it closes; -1: none yet
		    */
	/* Of one that is ready, and waits for its settings: */
	int settings; /* a pipe; 0: it has them */
	int client;   /* our end of its way to the agent */
	char home[GPG_JOB_HOME_MAX];
};

struct runner_gpg {
	bool opens;                /* given: gpg may decrypt through the agent, too */
	char tty[GPG_TTY_MAX];     /* given: of gpg_own_terminal, before it left that */
	struct sandbox_wall *wall; /* owned; NULL: not made yet */
	struct gpg_run run[GPG_RUNS_MAX];
};

/* Makes ready what the first job takes, while others do something else. */
void runner_gpg_prepare(struct runner_gpg *g);
/* Starts the one that is to be ready. Nobody is told if that fails: there is none ready then. */
void runner_gpg_make_ready(struct runner_gpg *g, const struct gpg_ready *ready);
/* struct gpg_job, with its GPG_JOB_FDS descriptors: starts gpg behind its wall; without (NULL): for
 * the one that is ready, ERR_INTERNAL if there is none, or not for that. *attach: the other end of
 * struct gpg_run's. */
int runner_gpg_serve(struct runner_gpg *g, struct runner_agent *a, const struct buf *body,
	const int *fd, int *attach, struct err *err);
/* As those of the agent's part; and for how long to poll, in ms. */
int runner_gpg_polls(const struct runner_gpg *g, struct pollfd *p);
void runner_gpg_turn(struct runner_gpg *g, const struct pollfd *p);
void runner_gpg_end(struct runner_gpg *g);

/* Serves until the socket closes. conf_err: why c could not be loaded, or code ERR_NONE. gpg and
 * agent are ended here. */
void runner_serve(int sock, const struct conf *c, struct runner_gpg *gpg,
	struct runner_agent *agent, const struct err *conf_err);

/* runner_find_net for a program in the folder self ("": not known), with compiled in the place of
 * the compiled LIBEXECDIR. */
int runner_look_for_net(const char *self, const char *compiled, char *path, struct err *err);

/* Checks {sender, recipients, descriptor} and runs the MTA. sock: receives FRAME_SIGNAL meanwhile,
 * or -1. Failure: it was not started. */
int runner_mta(const struct conf *c, const struct handoff *h, int fd, int sock,
	struct handoff_result *x, struct err *err);

#endif
