/* SPDX-License-Identifier: ISC */
/*
 * The Shared OpenPGP Certificate Directory, used by sq and others: one file for each certificate,
 * BASE/aa/bb..., the fingerprint in lower case. Its content is untrusted input.
 */
#ifndef SEALPOST_CERTD_H
#define SEALPOST_CERTD_H

#include "base/buf.h"
#include "base/err.h"
#include "pgp/cert/intake.h"
#include "pgp/cert/split.h"

#define CERTD_LOCK_MS 10000 /* how long to wait for another writer */

struct certd {
	int fd;           /* the folder */
	int lock;         /* -1: only read */
	const char *path; /* borrowed, for messages */
};

/*
 * Opens it. write: creates it if missing, and locks it (others may read meanwhile). ERR_CREATE,
 * ERR_IO, ERR_TEMP (locked by another process for too long). On failure there is nothing to close.
 */
int certd_open(struct certd *d, const char *path, bool write, struct err *err);
void certd_close(struct certd *d);

/* Appends the certificate with this fingerprint (upper case) to out. 1; 0: there is none; ERR_IO;
 * ERR_DATA: the file is not that certificate. Symlinks are not followed. */
int certd_get(const struct certd *d, const char *fpr, struct buf *out, struct err *err);

/*
 * Merges a certificate into the directory: existing packets are all kept, new ones added; the file
 * is replaced atomically. 1: written; 0: nothing new. ERR_DATA: not a certificate with that
 * fingerprint, or the existing file is damaged (and left unchanged). ERR_IO.
 */
int certd_put(struct certd *d, const char *fpr, const uint8_t *cert, size_t len, struct err *err);

/*
 * Calls cb for each certificate; a non-zero result stops and is returned. Other files are skipped.
 * bad (may be NULL) is called with the path and reason for files that cannot be read or do not
 * match their name.
 */
int certd_each(const struct certd *d,
	int (*cb)(const char *fpr, const uint8_t *cert, size_t len, void *arg),
	void (*bad)(const char *name, const char *why, void *arg), void *arg, struct err *err);

#endif
