/* SPDX-License-Identifier: ISC */
/* Checks whether the user's gpg-agent responds. gpg itself waits forever for one that hangs. */
#ifndef SEALPOST_AGENT_H
#define SEALPOST_AGENT_H

#include <stddef.h>

#include "base/err.h"

#define AGENT_GREETS_MS 5000 /* time limit for its greeting, which needs no work */

enum agent_state {
	AGENT_GONE,   /* nobody listens there; possibly a stale socket */
	AGENT_SILENT, /* no greeting: stopped, or stuck */
	AGENT_ANSWERS,
};

/*
 * Connects to the agent's socket and waits for its greeting (Assuan: a line that begins with "OK").
 * socket may also be a redirect file, as in libassuan's assuan_sock_connect, which is assumed to
 * work.
 */
enum agent_state agent_look(const char *socket);

/*
 * Sets *n to the number of its secret keys (KEYINFO --list), including those on cards; at least one
 * if it does not tell (as on its extra socket, forwarded by ssh). Otherwise as agent_look; 0 keys
 * for a redirect file.
 */
enum agent_state agent_count_keys(const char *socket, size_t *n);

/* Sets ERR_TEMP, with a hint, for an agent that is silent or gone. */
int agent_silent(const char *socket, struct err *err);
int agent_gone(const char *socket, struct err *err);

#endif
