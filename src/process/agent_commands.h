/* SPDX-License-Identifier: ISC */
/*
 * What gpg may say to the user's agent (Assuan): what signing needs, and decrypting where that is
 * wanted. Nothing exports, deletes, makes or changes a key, changes a passphrase or presets one, or
 * talks to a card. What pinentry is told of the surroundings is what the runner itself has in its
 * environment, so that nobody else's display, bus or input method can be put in its place. Pure.
 */
#ifndef SEALPOST_AGENT_COMMANDS_H
#define SEALPOST_AGENT_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#define AGENT_COMMAND_MAX 1000 /* bytes without the end of the line, says libassuan's manual */

/*
 * Whether the line, without its end, may go to the agent. opens: for decrypting too. env: getenv.
 * Each line is judged for itself: the agent takes what does not fit its state for an error.
 */
bool agent_command_passes(const char *line, size_t len, bool opens, char *(*env)(const char *name));

/* The answer in place of the agent's to a line that may not; ends with \n. gpg goes on after an
 * unknown option that only newer agents have. */
const char *agent_command_refusal(const char *line, size_t len);

/* Lines out of what was read, cut where it was cut by chance. Begins zeroed. */
struct agent_lines {
	char in[AGENT_COMMAND_MAX + 1];
	size_t have, taken;
};

/* Where to read to next, and how much; 0 when a line is too long. After agent_lines_next gave 0. */
size_t agent_lines_room(struct agent_lines *l, char **to);
/* The next line with its \n, borrowed until agent_lines_room; its length, or 0: read more. */
size_t agent_lines_next(struct agent_lines *l, const char **line);

#endif
