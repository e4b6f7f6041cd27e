/* SPDX-License-Identifier: ISC */
/* The keyring of the user's own gpg, which gpg in a home of ours reads and never writes. */
#ifndef SEALPOST_USER_RING_H
#define SEALPOST_USER_RING_H

#include <stdbool.h>

#include "base/err.h"
#include "base/file.h"
#include "pgp/gpg/daemons.h"

struct user_ring {
	char home[FILE_PATH_MAX]; /* gpg_user_home */
	char path[FILE_PATH_MAX]; /* the file; keyboxd's database, which need not be there */
	bool keyboxd;             /* only keyboxd can read it */
};

/*
 * Chooses as gpg does: keyboxd if it is configured, else pubring.kbx, else pubring.gpg. 1: it is
 * *r; 0: there is none. Where that cannot be told it fails, so that keys that are there are never
 * taken for none: ERR_CONFIG, ERR_OS, ERR_IO, ERR_DATA; ERR_TEMP: it is damaged.
 */
int user_ring_find(struct user_ring *r, struct err *err);

/*
 * A home for gpg, with these lines in its gpg.conf, that reads this keyring and no other; keys in
 * keyboxd are copied by way of daemons. ERR_CONFIG: the keyring cannot be read, or its name cannot
 * be said in gpg.conf; else as gpg_home_make and daemons_put_keys. The caller removes the home
 * whatever comes of it.
 */
int user_ring_open(const struct user_ring *r, const char *conf, struct gpg_daemons *daemons,
	struct gpg_home *home, struct err *err);

/*
 * Fails with ERR_TEMP if gpg, in a home of user_ring_open, cannot read all of the keyring: what it
 * cannot read ends its lists, and GPGME does not tell how gpg ended. The agent has no part in it.
 */
int user_ring_check(
	const struct user_ring *r, const struct gpg_home *home, int timeout_ms, struct err *err);

#endif
