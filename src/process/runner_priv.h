/* SPDX-License-Identifier: ISC */
/* Between runner.c (the asking side), runner_serve.c (the child), runner_mta.c and runner_agent.c
 * (some of its requests). */
#ifndef SEALPOST_RUNNER_PRIV_H
#define SEALPOST_RUNNER_PRIV_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/file.h"
#include "conf/conf.h"
#include "process/agent_relay.h"
#include "wire/handoff.h"

/* struct err in a FRAME_ERR. The received code is not trusted: an unknown one becomes ERR_INTERNAL.
 */
void runner_err_write(struct wr *w, const struct err *e);
int runner_err_read(struct rd *r, struct err *e);

/* Serves until the socket closes. opens: gpg may decrypt through the agent, too. conf_err: why c
 * could not be loaded, or code ERR_NONE. */
void runner_serve(int sock, const struct conf *c, bool opens, const struct err *conf_err);

/* The part that deals with gpg's daemons. Begins zeroed, but for opens. */
#define RELAYS_MAX 8 /* at a time: one gpg signs after another */

struct runner_agent {
	bool opens;
	char path[FILE_PATH_MAX]; /* of the socket of the agent that was started; "": not yet */
	struct agent_relay *relay[RELAYS_MAX]; /* owned; NULL: none */
};

/* struct agent_wish: a connection to the user's agent by way of a relay, into *attach if it
 * answers; its state and its socket's path into answer. */
int runner_agent_serve(struct runner_agent *a, const struct buf *body, struct wr *answer,
	int *attach, struct err *err);
/* The public keys that keyboxd has, as a file in memory, into *attach. */
int runner_agent_keys(int *attach, struct err *err);
/* Relays until sock is readable or at its end. */
void runner_agent_wait(struct runner_agent *a, int sock);
void runner_agent_end(struct runner_agent *a);

/* runner_find_net for a program in the folder self ("": not known), with compiled in the place of
 * the compiled LIBEXECDIR. */
int runner_look_for_net(const char *self, const char *compiled, char *path, struct err *err);

/* Checks {sender, recipients, descriptor} and runs the MTA. sock: receives FRAME_SIGNAL meanwhile,
 * or -1. Failure: it was not started. */
int runner_mta(const struct conf *c, const struct handoff *h, int fd, int sock,
	struct handoff_result *x, struct err *err);

#endif
