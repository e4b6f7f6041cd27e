/* SPDX-License-Identifier: ISC */
/*
 * The part of the user's environment passed to gpg. Only pinentry, started by the agent, needs it.
 * gpg would look for a terminal on its standard streams, which are pipes, and load the user's
 * locale, which costs a tenth of the run.
 */
#ifndef SEALPOST_GPG_ENV_H
#define SEALPOST_GPG_ENV_H

#include <stddef.h>

#define GPG_TTY_MAX 128
#define GPG_PINENTRY_ARGS 6

/* The name of the terminal that is our standard output; "" if it is none. */
void gpg_own_terminal(char tty[GPG_TTY_MAX]);

/* Writes the arguments for pinentry's terminal and locale to argv, at most GPG_PINENTRY_ARGS;
 * returns their number. tty: of gpg_own_terminal, for where GPG_TTY names none; borrowed. */
size_t gpg_pinentry_args(const char *tty, const char **argv);

#endif
