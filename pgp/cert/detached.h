/* SPDX-License-Identifier: ISC */
/* Detached signatures of received mail (RFC 3156 section 5), verified by gpg in a home of ours with
 * nothing but the certificates that are passed. */
#ifndef SEALPOST_DETACHED_H
#define SEALPOST_DETACHED_H

#include "base/buf.h"
#include "pgp/cert/signature.h"

#define DETACHED_MAX 65536 /* bytes of a signature */
#define DETACHED_MS 5000   /* for gpg */

struct detached {
	struct buf sig;     /* one packet; owned */
	struct signature s; /* borrows from sig */
};

/*
 * Reads the one signature that an armoured or binary text holds. 0, or -1: there is none or
 * several, it is damaged, or of a version that is not known.
 */
int detached_read(const uint8_t *p, size_t len, struct detached *out);
void detached_free(struct detached *d);

/*
 * Whether it is a valid signature of data by one of the certificates (filtered, binary, one after
 * another): 1, and the fingerprint of its primary key in fpr (CERT_FPR_MAX); 0: it is not, or the
 * key is revoked or expired. After gpg_init. ERR_TEMP: gpg took too long; ERR_OS, ERR_CREATE,
 * ERR_CONFIG.
 */
int detached_verify(const struct detached *d, const struct buf *data, const struct buf *certs,
	char *fpr, struct err *err);

#endif
