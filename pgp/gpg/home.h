/* SPDX-License-Identifier: ISC */
/*
 * Home folders for gpg. gpg never runs in the user's home: each job gets a new private folder with
 * our gpg.conf, removed afterwards, so that the user's gpg.conf and keyring have no influence and
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
#include "wire/gpg_job.h"

struct gpg_home {
	char path[FILE_PATH_MAX]; /* "" when there is none */
};

/*
 * Finds gpg, without starting it; to be called once per process before anything else of pgp/.
 * ERR_CONFIG with a hint if it is missing. (gpg_check and gpg_home_context detect one that is too
 * old.)
 */
int gpg_init(struct err *err);

/* Checks that gpg is recent enough; asks it once per process, and may be called in advance. Errors
 * as gpg_home_context. */
int gpg_check(struct err *err);

/* Its path, after gpg_init. */
const char *gpg_program(void);

/* The user's own home, where gpg never runs: GNUPGHOME if absolute, else ~/.gnupg. path has
 * FILE_PATH_MAX bytes. 0 or -1. */
int gpg_user_home(char *path);

/*
 * A keyring file in the home, in the plain packet format: its name, and the lines of gpg.conf that
 * make gpg read only this one.
 */
#define GPG_RING "ring.gpg"
#define GPG_RING_CONF "no-default-keyring\nkeyring " GPG_RING "\n"

/* Creates a home with the common gpg.conf and the lines of extra (may be NULL, each ending in \n).
 */
int gpg_home_make(struct gpg_home *home, const char *extra, struct err *err);

/* Creates a home without a gpg.conf: for a struct gpg_job, whose settings are arguments. */
int gpg_home_make_bare(struct gpg_home *home, struct err *err);

/* Its name in the temporary folder, for a struct gpg_job; "" if that is too long. */
void gpg_home_name(const struct gpg_home *home, char name[GPG_JOB_HOME_MAX]);

/* Writes one file into the home. */
int gpg_home_put(const struct gpg_home *home, const char *name, const void *data, size_t len,
	struct err *err);

/*
 * Lets gpg in this home reach the user's agent at socket (by an Assuan redirect file, in the home
 * and in the folder below /run/user where gpg looks first). ERR_CONFIG: the path cannot be
 * expressed in such a file.
 */
int gpg_home_redirect_agent(const struct gpg_home *home, const char *socket, struct err *err);

/*
 * A context whose engine is gpg in this home: OpenPGP, no armour, offline, loopback never. It
 * belongs to the event loop of gpg_wait: start operations with gpgme_op_*_start and end them with
 * gpg_wait; list keys with gpg_list only (gpgme_op_keylist_next would wait forever). gpgme's
 * synchronous operations (gpgme_op_import...) work, but have no time-out. Only one home at a time
 * in a process: the context of another one is available once this one is removed (else
 * ERR_INTERNAL); until then GNUPGHOME is set to it. ERR_CONFIG: gpg does not run, or is too old.
 */
int gpg_home_context(const struct gpg_home *home, gpgme_ctx_t *ctx, struct err *err);

/* Removes it. Safe on one that was never created. */
void gpg_home_remove(struct gpg_home *home);

/*
 * Completes a started operation within timeout_ms (-1: no limit), or cancels it (ERR_TEMP). 0 if it
 * ended by itself: *result is the operation's own error. The caller keeps ctx. Only one operation
 * at a time in a process.
 */
int gpg_wait(gpgme_ctx_t ctx, int timeout_ms, gpgme_error_t *result, struct err *err);

struct gpg_keys {
	gpgme_key_t *v; /* owned */
	size_t n, cap;
	bool failed; /* no memory */
};

/*
 * Lists keys of the home's keyring with the modes given (GPGME_KEYLIST_MODE_LOCAL, ...): those with
 * these fingerprints (NULL-terminated), or all if fprs is NULL. No other patterns: gpg would
 * interpret them. ERR_TEMP, ERR_OS.
 */
int gpg_list(gpgme_ctx_t ctx, gpgme_keylist_mode_t mode, const char **fprs, int timeout_ms,
	struct gpg_keys *keys, struct err *err);
void gpg_keys_free(struct gpg_keys *keys);

/* All keys of a home, in memory. */
struct gpg_listing {
	gpgme_ctx_t ctx;
	struct gpg_keys keys;
};

/* Opens a context on a home and lists its keys (GPGME_KEYLIST_MODE_LOCAL), with errors as
 * gpg_home_context and gpg_list. The caller calls gpg_listing_end in any case; *l starts zeroed. */
int gpg_listing_begin(struct gpg_listing *l, const struct gpg_home *home, const char **fprs,
	int timeout_ms, struct err *err);
/* Frees it, and removes the home. */
void gpg_listing_end(struct gpg_listing *l, struct gpg_home *home);

/*
 * Appends the certificates of keys (NULL-terminated) to out, without signatures of others. gpg
 * silently omits missing ones. ERR_TEMP; ERR_OS: they do not fit into out.
 */
int gpg_export(
	gpgme_ctx_t ctx, gpgme_key_t *keys, int timeout_ms, struct buf *out, struct err *err);

#endif
