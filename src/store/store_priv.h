/* SPDX-License-Identifier: ISC */
/* Shared by the files of src/store/ that use pins.db. */
#ifndef SEALPOST_STORE_PRIV_H
#define SEALPOST_STORE_PRIV_H

#include "store/db.h"
#include "store/store.h"

struct store {
	struct db db; /* db.h is NULL: read-only, and no file yet */
};

/*
 * Checks the path of pins.db or cache.db: the folder must belong to this user and not be accessible
 * to others, the file must be a regular one of this user (mode 0600; created if make is set). real
 * receives the path without symlinks (FILE_PATH_MAX bytes). 1: it exists; 0: it does not.
 * ERR_CONFIG, ERR_CREATE, ERR_IO.
 */
int store_file(const char *dir, const char *name, bool make, char *real, struct err *err);

/* Add a log line or an observation within the caller's transaction. evidence NULL: that of the
 * address's pin. */
int log_add(struct store *s, int64_t now, const char *address, const char *event, const char *fpr,
	const char *what, struct err *err);
int observation_add(struct store *s, int64_t now, const char *address, const char *fpr, bool held,
	const char *method, const char *evidence, struct err *err);

/*
 * What is set aside, inside of the caller's transaction. aside_pin: the address's present pin, if
 * it has another fingerprint than fpr. aside_settle: after a pin has been written; a rejected one
 * is remembered as such, one that is the pin again is no former one, and only so many former ones
 * are kept.
 */
int aside_pin(struct store *s, int64_t now, const char *address, const char *fpr, struct err *err);
int aside_settle(struct store *s, int64_t now, const char *address, struct err *err);

/* ERR_IO: a row has contents that sealpost does not write. */
int store_damaged(struct store *s, const char *what, struct err *err);

#endif
