/* SPDX-License-Identifier: ISC */
/* Checks whether the user's gpg-agent responds. gpg itself waits forever for one that hangs. */
#ifndef SEALPOST_AGENT_H
#define SEALPOST_AGENT_H

#include <stddef.h>

#include "base/err.h"

#define AGENT_GREETS_MS 5000 /* time limit for its greeting, which needs no work */

enum agent_state {
	AGENT_FAILED, /* this machine has no socket, descriptor or memory: nothing is known of it */
	AGENT_GONE,   /* nobody listens there; possibly a stale socket */
	AGENT_SILENT, /* no greeting: stopped, or stuck */
	AGENT_ANSWERS,
};

/*
 * Connects to the agent's socket. path may also be a file that redirects to the socket, as in
 * libassuan's assuan_sock_connect. AGENT_ANSWERS: *fd is the connection, blocking and
 * close-on-exec; whether it does more than connect is for agent_greets. AGENT_FAILED: err is set
 * (ERR_OS).
 */
enum agent_state agent_connect(const char *path, int *fd, struct err *err);

/* Waits for its greeting (Assuan: a line that begins with "OK"), which stays to be read. */
enum agent_state agent_greets(int fd);

/*
 * How many secret keys it has (KEYINFO --list), those on cards among them, into *n; at least one
 * if it does not tell (as by its extra socket, forwarded by ssh). fd: of agent_connect. If it does
 * not answer, *n is 0.
 */
enum agent_state agent_count_keys(int fd, size_t *n);

/* Sets ERR_TEMP, with a hint, for an agent that is silent. */
int agent_silent(const char *socket, struct err *err);
/* 0 if it answers; else what its state means: ERR_TEMP, with a hint; ERR_OS, which agent_connect
 * has set. */
int agent_refuse(enum agent_state state, const char *socket, struct err *err);

#endif
