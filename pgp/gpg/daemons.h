/* SPDX-License-Identifier: ISC */
/*
 * The user's gpg-agent and keyboxd, which we can only reach through somebody outside of our
 * sandbox: no socket can be made or connected inside. He also runs each gpg that signs or decrypts.
 */
#ifndef SEALPOST_DAEMONS_H
#define SEALPOST_DAEMONS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/file.h"
#include "pgp/gpg/home.h"
#include "wire/gpg_job.h"

/* What is wanted of the agent. */
enum agent_wish {
	AGENT_STARTS,  /* that it runs: it is started where it does not */
	AGENT_LISTENS, /* that it answers, if it runs */
	AGENT_LISTS,   /* a connection on which it tells what keys it has, and does nothing else */
};

/* A gpg that is started before its job is known, but that it will sign and seal: gpg_child.h. */
struct gpg_ready {
	struct gpg_home home;                       /* path "": there is none */
	int ours[GPG_JOB_FDS], theirs[GPG_JOB_FDS]; /* ends of what it reads and writes */
	bool small;                                 /* its output is a file in memory, not a pipe */
};

struct gpg_daemons {
	/* path: of the agent's socket. *fd: a connection for AGENT_LISTS, whose greeting is not
	 * read yet; else -1. ERR_TEMP, with a hint: it is silent, or gone. ERR_CONFIG: it cannot be
	 * started. */
	int (*agent)(void *arg, enum agent_wish wish, char path[FILE_PATH_MAX], int *fd,
		struct err *err);
	/* A file with all public keys that keyboxd has (which it may start), as packets, as gpg
	 * exports them for a backup; read from its beginning. ERR_TEMP. */
	int (*keys)(void *arg, int *fd, struct err *err);
	/*
	 * Starts gpg for the job. fd: as GPG_JOB_IN and so on; they stay the caller's. *end: has to
	 * read the status (as of waitpid, an int) once gpg has ended; closing it ends gpg. As
	 * agent, where there is a signer or it opens; ERR_CONFIG: there is no gpg; ERR_OS. fd NULL:
	 * the one that is ready is to do it; ERR_INTERNAL: there is none.
	 */
	int (*gpg)(void *arg, const struct gpg_job *job, const int fd[GPG_JOB_FDS], int *end,
		struct err *err);
	void *arg;
	struct gpg_ready ready;   /* home.path "": there is none, or it was taken */
	char path[FILE_PATH_MAX]; /* of the agent's socket, once it has answered; else "" */
};

/* Makes sure that the agent is there, and starts it where none runs. Errors as agent above. */
int daemons_find_agent(struct gpg_daemons *d, struct err *err);

/* Whether it answers, without starting it. */
bool daemons_agent_listens(struct gpg_daemons *d);

/*
 * How gpg in this home reaches the agent to list its keys: *socket for struct spawn, which the
 * caller closes; or 0, where the system cannot wall a process in, and gpg is told the agent's
 * place. Errors as agent above.
 */
int daemons_connect_home(
	struct gpg_daemons *d, const struct gpg_home *home, int *socket, struct err *err);

/* Tells gpg in this home, whose job needs the agent, its place, where the system cannot wall a
 * process in. Errors as above. */
int daemons_tell_home(struct gpg_daemons *d, const struct gpg_home *home, struct err *err);

/* As agent_count_keys, after daemons_find_agent. */
int daemons_count_keys(struct gpg_daemons *d, size_t *n, struct err *err);

/* Puts all public keys that keyboxd has into the home, as GPG_RING. */
int daemons_put_keys(struct gpg_daemons *d, const struct gpg_home *home, struct err *err);

#endif
