/* SPDX-License-Identifier: ISC */
/* Between one gpg and the user's agent stands a process of its own, which passes on what
 * agent_commands.h lets through, and can do nothing else. */
#ifndef SEALPOST_AGENT_RELAY_H
#define SEALPOST_AGENT_RELAY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Starts it. agent: a connection, which has greeted or will; the caller closes its own copy.
 * *client: the other end, close-on-exec. It ends when either side closes its end, and is then to be
 * waited for; or with the thread that started it. ERR_OS.
 */
int agent_relay_start(int agent, bool opens, int *client, pid_t *pid, struct err *err);

/* What it does, until either side has closed its end, or breaks the rules of lines. */
void agent_relay_run(int client, int agent, bool opens);

#endif
