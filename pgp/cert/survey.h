/* SPDX-License-Identifier: ISC */
/*
 * What gpg says of many certificates of one's own, which are to be published: one run for hundreds
 * of them. gpg stores none. Nothing here protects against a certificate that somebody else made:
 * readers verify what is published themselves.
 */
#ifndef SEALPOST_SURVEY_H
#define SEALPOST_SURVEY_H

#include "pgp/cert/filter.h"
#include "pgp/cert/intake.h"

#define SURVEY_CERTS_MAX 1024         /* of one call */
#define SURVEY_OCTETS_MAX (16u << 20) /* of all of them */

struct survey {
	const struct addr *addr; /* borrowed; whose User ID is judged */
	const uint8_t *data;     /* borrowed; a certificate as filter_certs leaves it */
	size_t len;
	const char *fpr; /* borrowed; upper case */
	struct cert
		cert; /* out: fpr, use, why, uid, created, expires, enc_keyid; data stays NULL */
};

/*
 * Judges them. One that gpg cannot read is CERT_UNSUPPORTED. gpg_init must have been called.
 * ERR_TEMP, ERR_OS, ERR_CREATE, ERR_CONFIG: gpg could not be asked.
 */
int survey_certs(struct survey *v, size_t n, struct err *err);

#endif
