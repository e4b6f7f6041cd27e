/* SPDX-License-Identifier: ISC */
/* Whether the user's gpg-agent is there. gpg itself waits for one that is silent without an end. */
#ifndef SEALPOST_AGENT_H
#define SEALPOST_AGENT_H

#include <stddef.h>

#include "base/err.h"

#define AGENT_GREETS_MS 5000 /* it greets before it does any work */

enum agent_state {
	AGENT_GONE,   /* nobody listens there: it may have left its socket behind */
	AGENT_SILENT, /* it does not greet: stopped, or stuck */
	AGENT_ANSWERS,
};

/*
 * Connects to the agent's socket and waits for its greeting (Assuan: a line that begins with "OK").
 * socket may also be a file that redirects to the socket, as in libassuan's assuan_sock_connect:
 * that is taken for one that answers.
 */
enum agent_state agent_look(const char *socket);

/*
 * How many secret keys it has (KEYINFO --list), those on cards among them, into *n; at least one
 * if it does not tell (as by its extra socket, forwarded by ssh). Otherwise as agent_look; 0 keys
 * of a file that redirects.
 */
enum agent_state agent_count_keys(const char *socket, size_t *n);

/* ERR_TEMP, with a hint, for an agent that is silent, or gone. */
int agent_silent(const char *socket, struct err *err);
int agent_gone(const char *socket, struct err *err);

#endif
