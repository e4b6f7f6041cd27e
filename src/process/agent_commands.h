/* SPDX-License-Identifier: ISC */
/*
 * What gpg may say to the user's agent (Assuan): what listing keys needs, signing, or decrypting,
 * as it is to do. Nothing exports, deletes, makes or changes a key, changes a passphrase or presets
 * one, or talks to a card. pinentry is told about the environment only what the runner's own
 * environment has, so that no other display, bus or input method can be substituted. Pure.
 */
#ifndef SEALPOST_AGENT_COMMANDS_H
#define SEALPOST_AGENT_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#define AGENT_COMMAND_MAX 1000 /* bytes without the end of the line, says libassuan's manual */

/* What somebody may have of the agent. */
enum agent_use {
	AGENT_TO_LIST = 1, /* which keys it has */
	AGENT_TO_SIGN = 2, /* that too, and signatures */
	AGENT_TO_OPEN = 4, /* the first too, and what was encrypted */
};

/*
 * Whether the line, without its end, may go to the agent. env: getenv. Each line is judged on its
 * own: the agent itself rejects what does not fit its state.
 */
bool agent_command_passes(
	const char *line, size_t len, enum agent_use use, char *(*env)(const char *name));

/* The answer to a line that may not pass, instead of the agent's; ends with \n. gpg goes on after
 * an unknown option that only newer agents have. */
const char *agent_command_refusal(const char *line, size_t len);

/* Splits a byte stream, read in arbitrary pieces, into lines. Begins zeroed. */
struct agent_lines {
	char in[AGENT_COMMAND_MAX + 1];
	size_t have, taken;
};

/* Where to read to next, and how much; 0 when a line is too long. After agent_lines_next gave 0. */
size_t agent_lines_room(struct agent_lines *l, char **to);
/* The next line with its \n, borrowed until agent_lines_room; its length, or 0: read more. */
size_t agent_lines_next(struct agent_lines *l, const char **line);

#endif
