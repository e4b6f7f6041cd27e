/* SPDX-License-Identifier: ISC */
/*
 * The user's gpg-agent and keyboxd, which we, and each gpg of ours, can only reach through somebody
 * outside of our sandbox: no socket can be made or connected inside.
 */
#ifndef SEALPOST_DAEMONS_H
#define SEALPOST_DAEMONS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/file.h"
#include "pgp/gpg/agent.h"
#include "pgp/gpg/home.h"

struct agent_reply {
	enum agent_state state;
	char path[FILE_PATH_MAX]; /* of its socket; "" if it has none, or none is known */
	int fd;                   /* AGENT_ANSWERS: connected; its greeting is not read yet */
};

/* How the agent is to be asked for. */
struct agent_wish {
	bool launch;  /* start it if it is not there */
	bool greeted; /* wait for its greeting: one that is ending takes connections, too */
	bool opens;   /* to decrypt, where that is permitted; else only to sign */
};

struct gpg_daemons {
	/* A connection to the agent. ERR_TEMP, ERR_CONFIG: it cannot be started. */
	int (*agent)(void *arg, const struct agent_wish *wish, struct agent_reply *reply,
		struct err *err);
	/* A file with all public keys that keyboxd has (which it may start), as packets, as gpg
	 * exports them for a backup; read from its beginning. ERR_TEMP. */
	int (*keys)(void *arg, int *fd, struct err *err);
	void *arg;

	/* Their own: */
	char path[FILE_PATH_MAX]; /* of the agent's socket, once it has answered; else "" */
	int ready;                /* a connection to it that is not used yet; 0: none */
};

/* Makes sure that the agent answers, and starts it where none runs. ERR_TEMP, with a hint: it is
 * silent, or gone; as agent above. */
int daemons_find_agent(struct gpg_daemons *d, struct err *err);

/* Whether it answers, without starting it. */
bool daemons_agent_listens(struct gpg_daemons *d);

/*
 * A connection to the agent, the caller's. ERR_TEMP, with a hint, as daemons_find_agent.
 */
int daemons_connect(struct gpg_daemons *d, bool opens, int *fd, struct err *err);

/*
 * How gpg in this home reaches the agent: *socket for gpg_child's, which the caller closes; or 0,
 * where the system cannot wall a process in, and gpg is told the agent's place. As above.
 */
int daemons_connect_home(struct gpg_daemons *d, const struct gpg_home *home, bool opens,
	int *socket, struct err *err);

/* As agent_count_keys, after daemons_find_agent. */
int daemons_count_keys(struct gpg_daemons *d, size_t *n, struct err *err);

/* Puts all public keys that keyboxd has into the home, as GPG_RING. */
int daemons_put_keys(struct gpg_daemons *d, const struct gpg_home *home, struct err *err);

void daemons_end(struct gpg_daemons *d);

#endif
