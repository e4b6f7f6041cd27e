/* SPDX-License-Identifier: ISC */
/*
 * The Shared OpenPGP Certificate Directory, which sq and others read and write: one file for each
 * certificate, BASE/aa/bb..., the fingerprint in lower case. What lies there is other programs'
 * word, checked like anything else from outside.
 */
#ifndef SEALPOST_CERTD_H
#define SEALPOST_CERTD_H

#include "base/buf.h"
#include "base/err.h"
#include "pgp/cert/intake.h"
#include "pgp/cert/split.h"

#define CERTD_LOCK_MS 10000 /* how long another writer is waited for */

struct certd {
	int fd;           /* the folder */
	int lock;         /* -1: only read */
	const char *path; /* borrowed, for messages */
};

/*
 * Opens it. write: makes it if missing, and takes its lock (others may read meanwhile). ERR_CREATE,
 * ERR_IO, ERR_TEMP (locked by another for too long). Failure leaves nothing to close.
 */
int certd_open(struct certd *d, const char *path, bool write, struct err *err);
void certd_close(struct certd *d);

/* Appends the certificate with this fingerprint (upper case) to out. 1; 0: there is none; ERR_IO;
 * ERR_DATA: what lies there is not that certificate. Symlinks are not followed. */
int certd_get(const struct certd *d, const char *fpr, struct buf *out, struct err *err);

/*
 * Adds a certificate: what is there is kept, down to the last packet, and what is new is put to it;
 * the file is replaced whole. 1: written; 0: nothing was new. ERR_DATA: not a certificate with that
 * fingerprint, or what lies there is damaged (and left as it is). ERR_IO.
 */
int certd_put(struct certd *d, const char *fpr, const uint8_t *cert, size_t len, struct err *err);

/*
 * Each certificate; cb returns non-zero to stop with it. Other files are passed over. Those that
 * cannot be read or are not what their name says: bad gets their path and the reason (may be NULL).
 */
int certd_each(const struct certd *d,
	int (*cb)(const char *fpr, const uint8_t *cert, size_t len, void *arg),
	void (*bad)(const char *name, const char *why, void *arg), void *arg, struct err *err);

#endif
