/* SPDX-License-Identifier: ISC */
/* "pins export" and "pins import": pins from machine to machine, and to and from other programs. */
#ifndef SEALPOST_PINS_MOVE_H
#define SEALPOST_PINS_MOVE_H

#include "process/app.h"
#include "process/runner.h"

/*
 * argv[0] is the subcommand. The exit status; everything is printed. app->conf is loaded.
 */
int pins_export(struct app *app, int argc, char **argv);
int pins_import(struct app *app, int argc, char **argv);

/* Both handle untrusted input with gpg: in the sandbox, with a runner that cleans up. */
struct move {
	struct runner runner;
	struct store *store;
};

/* folder: one more to write to; given: a file or folder to read; NULL: none. On failure everything
 * is closed again. */
int move_open(struct move *m, struct app *app, bool readonly, const char *folder, const char *given,
	struct err *err);
void move_close(struct move *m);

#endif
