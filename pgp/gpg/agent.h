/* Whether the user's gpg-agent is there. gpg itself waits for one that is silent without an end. */
#ifndef SEALPOST_AGENT_H
#define SEALPOST_AGENT_H

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

/* ERR_TEMP, with a hint, for an agent that is silent. */
int agent_silent(const char *socket, struct err *err);

#endif
