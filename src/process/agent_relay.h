/* SPDX-License-Identifier: ISC */
/*
 * The runner's relay between one gpg and the user's agent: passes on what agent_commands.h lets
 * through, line by line, and what the agent answers. Never blocks on either of them.
 */
#ifndef SEALPOST_AGENT_RELAY_H
#define SEALPOST_AGENT_RELAY_H

#include <poll.h>
#include <stdbool.h>

#include "base/err.h"
#include "process/agent_commands.h"

#define RELAY_CHUNK 4096

struct agent_relay {
	int client, agent; /* owned */
	enum agent_use use;
	struct agent_lines lines;
	bool said_bye;
	char held[RELAY_CHUNK]; /* from the agent, not accepted by the client yet */
	size_t n_held;
};

/*
 * A new one, freed by agent_relay_end. agent: a connection, before or after its greeting; client:
 * our end of a socket to the client. The relay owns both from now on, even if this fails. NULL:
 * ERR_OS.
 */
struct agent_relay *agent_relay_begin(int agent, int client, enum agent_use use, struct err *err);

/* What to poll for: two entries, whose descriptors may be -1. */
void agent_relay_wait_for(const struct agent_relay *r, struct pollfd p[2]);

enum relay_state {
	RELAY_GOES_ON,
	RELAY_DONE,  /* the client has ended */
	RELAY_BROKE, /* what the client was told is not all that the agent had to say */
};

/* Passes on what is possible after the poll. Unless it goes on, the relay is to be ended. */
enum relay_state agent_relay_turn(struct agent_relay *r, const struct pollfd p[2]);

void agent_relay_end(struct agent_relay *r); /* NULL: nothing */

#endif
