/* SPDX-License-Identifier: ISC */
/*
 * Judges many of the user's own certificates before publishing, hundreds in one gpg run, which
 * stores none. Does not protect against certificates crafted by others: readers verify what is
 * published themselves.
 */
#ifndef SEALPOST_SURVEY_H
#define SEALPOST_SURVEY_H

#include "pgp/cert/filter.h"
#include "pgp/cert/intake.h"

#define SURVEY_CERTS_MAX 1024         /* of one call */
#define SURVEY_OCTETS_MAX (16u << 20) /* bytes of all of them */

struct survey {
	const struct addr *addr; /* borrowed; whose User ID is judged */
	const uint8_t *data;     /* borrowed; a certificate as filter_certs leaves it */
	size_t len;
	const char *fpr; /* borrowed; upper case */
	struct cert
		cert; /* out: fpr, use, why, uid, created, expires, enc_keyid; data stays NULL */
};

/*
 * Judges them. One that gpg cannot read is CERT_UNSUPPORTED. Requires gpg_init. ERR_TEMP, ERR_OS,
 * ERR_CREATE, ERR_CONFIG: gpg could not be run.
 */
int survey_certs(struct survey *v, size_t n, struct err *err);

#endif
