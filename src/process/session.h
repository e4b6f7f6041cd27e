/* SPDX-License-Identifier: ISC */
/*
 * What lookup, send and filter do first, in this order: make a temporary folder, fork the runner,
 * read the configuration, make the state folders, go into the sandbox, open the store. Nothing of
 * the mail or the network is read before it is done.
 */
#ifndef SEALPOST_SESSION_H
#define SEALPOST_SESSION_H

#include "process/app.h"
#include "process/runner.h"

struct session {
	struct runner runner;
	struct gpg_daemons daemons; /* by way of the runner */
	struct store *store;
};

struct session_opts {
	bool runner;              /* the network, the agent or the MTA will be needed */
	bool opens;               /* mail is to be decrypted with the user's key */
	bool readonly;            /* the store is only read, and not made */
	const char *const *reads; /* files and folders that are read besides, NULL-ended; or NULL */
	const char *writes;       /* a folder that is written to besides; or NULL, "" */
	/* A file of the state folder whose first line is one more path that is read; or NULL. */
	const char *reads_named_in;
};

/* On failure everything is closed again. */
int session_open(
	struct session *s, struct app *app, const struct session_opts *opts, struct err *err);
void session_close(struct session *s);

/* The path that a file of the state folder names in its first line. false: it names none. */
bool session_named_path(const struct conf *c, const char *name, char path[FILE_PATH_MAX]);

#endif
