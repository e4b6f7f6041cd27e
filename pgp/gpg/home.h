/* SPDX-License-Identifier: ISC */
/*
 * gpg's homes. gpg never runs in the user's home: each job gets a fresh private folder with a
 * gpg.conf of ours, removed afterwards, so that the user's gpg.conf and keyring play no part and
 * are not changed, and no agent, keyboxd or dirmngr is ever started from it.
 */
#ifndef SEALPOST_HOME_H
#define SEALPOST_HOME_H

#include <gpgme.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/file.h"
#include "pgp/gpg/wait.h"

struct gpg_home {
	char path[FILE_PATH_MAX]; /* "" when there is none */
	bool foreign;             /* the user's own: nothing is put into it, it is not removed */
};

/*
 * Once per process before anything else of pgp/: finds gpg. Starts nothing. ERR_CONFIG with a hint
 * when it is missing. (One that is too old is found out by gpg_check and gpg_home_context.)
 */
int gpg_init(struct err *err);

/*
 * Asks gpg for its version, as the first context has to, at a moment when there is time to spare.
 * Its failure shows when a context is made.
 */
void gpg_warm_up(void);

/* Whether gpg is recent enough; asks it once per process, as gpg_warm_up does. As gpg_home_context.
 */
int gpg_check(struct err *err);

/* Its path, after gpg_init. */
const char *gpg_program(void);

/* The user's own home, where gpg never runs: GNUPGHOME if absolute, else ~/.gnupg. path has
 * FILE_PATH_MAX bytes. 0 or -1. */
int gpg_user_home(char *path);

/*
 * A keyring of the home's own, in the format that is packets and nothing else: its name, and the
 * lines of gpg.conf that have gpg read it and no other.
 */
#define GPG_RING "ring.gpg"
#define GPG_RING_CONF "no-default-keyring\nkeyring " GPG_RING "\n"

/* Makes a home with the common gpg.conf and the lines of extra (may be NULL, each ending in \n). */
int gpg_home_make(struct gpg_home *home, const char *extra, struct err *err);

/* Writes one file into the home. */
int gpg_home_put(const struct gpg_home *home, const char *name, const void *data, size_t len,
	struct err *err);

/*
 * Lets gpg in this home reach the user's agent at socket (an Assuan socket redirect file, in the
 * home and in the folder below /run/user that gpg would rather look in). ERR_CONFIG: the path
 * cannot be written so.
 */
int gpg_home_redirect_agent(const struct gpg_home *home, const char *socket, struct err *err);

/*
 * A context whose engine is gpg in this home: OpenPGP, no armour, offline, loopback never. It
 * belongs to the event loop of gpg_wait: start operations with gpgme_op_*_start and end them with
 * gpg_wait; list keys with gpg_list only (gpgme_op_keylist_next would wait for ever). gpgme's own
 * operations that wait by themselves (gpgme_op_import...) work, but have no deadline. One home at a
 * time in a process: another one's context can be had when this one was removed (else
 * ERR_INTERNAL), and until then GNUPGHOME names it. ERR_CONFIG: gpg does not run, or is too old.
 */
int gpg_home_context(const struct gpg_home *home, gpgme_ctx_t *ctx, struct err *err);

/* Removes it. Safe on one that was never made. */
void gpg_home_remove(struct gpg_home *home);

/*
 * Runs a started operation to its end within timeout_ms (-1: for ever); cancels it then (ERR_TEMP).
 * 0 when it ended by itself: *result is the operation's own error. Owner of ctx stays the caller.
 * One operation at a time in a process.
 */
int gpg_wait(gpgme_ctx_t ctx, int timeout_ms, gpgme_error_t *result, struct err *err);

struct gpg_keys {
	gpgme_key_t *v; /* owned */
	size_t n, cap;
	bool failed; /* no memory */
};

/*
 * Lists all keys of the home's keyring (secret: those the agent has a secret key of) with the modes
 * given (GPGME_KEYLIST_MODE_LOCAL, ...). No patterns: gpg would interpret them. ERR_TEMP, ERR_OS.
 */
int gpg_list(gpgme_ctx_t ctx, gpgme_keylist_mode_t mode, bool secret, int timeout_ms,
	struct gpg_keys *keys, struct err *err);
void gpg_keys_free(struct gpg_keys *keys);

/* All keys of a home, while they are looked at. */
struct gpg_listing {
	gpgme_ctx_t ctx;
	struct gpg_keys keys;
};

/* Opens a context on a home and lists its keys (GPGME_KEYLIST_MODE_LOCAL), as gpg_home_context and
 * gpg_list. Ended by gpg_listing_end in any case; *l begins zeroed. */
int gpg_listing_begin(struct gpg_listing *l, const struct gpg_home *home, bool secret,
	int timeout_ms, struct err *err);
/* Frees it, and removes the home. */
void gpg_listing_end(struct gpg_listing *l, struct gpg_home *home);

/*
 * Appends the certificates of keys (NULL-ended) to out, without the signatures of others. Any of
 * them may be missing there and gpg says nothing. ERR_TEMP; ERR_OS: they do not fit into out.
 */
int gpg_export(
	gpgme_ctx_t ctx, gpgme_key_t *keys, int timeout_ms, struct buf *out, struct err *err);

#endif
