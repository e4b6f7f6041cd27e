/* SPDX-License-Identifier: ISC */
/*
 * The start of lookup, send, filter and others, in this order: create a temporary folder, fork the
 * runner, which starts the gpg that is to sign and seal and tells it how later, read the
 * configuration, create the state folders, enter the sandbox, open the store. No input from mail or
 * network is read before that.
 */
#ifndef SEALPOST_SESSION_H
#define SEALPOST_SESSION_H

#include "process/app.h"
#include "process/runner.h"

struct session {
	struct runner runner;
	struct gpg_daemons daemons; /* by way of the runner */
	struct store *store;
	struct cache *cache; /* NULL: none, or not opened yet */
	bool readonly;       /* the store is */
};

struct session_opts {
	bool runner;              /* the network, the agent or the MTA will be needed */
	bool opens;               /* mail is to be decrypted with the user's key */
	bool seals;               /* the mail on standard input is likely to be signed and sealed */
	bool readonly;            /* the store is only read, and not created */
	bool may_be_readonly;     /* likewise if the state folder cannot be written to */
	const char *const *reads; /* more files and folders to read, NULL-ended; or NULL */
	const char *writes;       /* one more folder to write to; or NULL, "" */
	/* A file of the state folder whose first line is one more path to read; or NULL. */
	const char *reads_named_in;
};

/* On failure everything is closed again. */
int session_open(
	struct session *s, struct app *app, const struct session_opts *opts, struct err *err);
void session_close(struct session *s);

/* cache.db, opened on first use; NULL if there is none. */
struct cache *session_cache(struct session *s, const struct conf *c);

/* The path that a file of the state folder names in its first line. false: it names none. */
bool session_named_path(const struct conf *c, const char *name, char path[FILE_PATH_MAX]);

#endif
