/* SPDX-License-Identifier: ISC */
/*
 * What a run of gpg gets of the user's surroundings. gpg itself needs none of it: pinentry does,
 * which the agent starts. gpg would look for a terminal at its own standard streams, which are
 * pipes; and load the user's locale, which takes it a tenth of the run.
 */
#ifndef SEALPOST_GPG_ENV_H
#define SEALPOST_GPG_ENV_H

#include <stddef.h>

#define GPG_TTY_MAX 128
#define GPG_PINENTRY_ARGS 6

/* Arguments that tell pinentry's terminal and locale, at most GPG_PINENTRY_ARGS into argv; their
 * number. tty: room for one. */
size_t gpg_pinentry_args(char tty[GPG_TTY_MAX], const char **argv);

#endif
