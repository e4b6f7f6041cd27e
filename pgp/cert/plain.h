/* SPDX-License-Identifier: ISC */
/*
 * Certificates that are plainly in order, many of them in one run of gpg. gpg checks each by itself
 * and stores none, so that what one of them holds cannot become part of another; and whatever is
 * not as it should be with any of them, in what gpg is given or in what it says, is for the caller
 * to look at by itself, in a home of its own. What is taken from here is good, but what is not is
 * not yet bad.
 */
#ifndef SEALPOST_PLAIN_H
#define SEALPOST_PLAIN_H

#include "base/buf.h"
#include "pgp/cert/filter.h"
#include "pgp/cert/intake.h"

#define PLAIN_MS 3000                   /* of one run; out of the time of each address */
#define PLAIN_CERTS_MAX 64              /* of one call */
#define PLAIN_OCTETS_MAX (32u << 10)    /* of one certificate: others take their time alone */
#define PLAIN_TOGETHER_MAX (256u << 10) /* of one run */

struct plain {
	const struct filter_cert *from; /* borrowed; has a User ID and is not damaged */
	const struct addr *addr;        /* borrowed */
	bool wildcard_uid;
	bool good;        /* out: gpg finds it usable for the address, and cert is filled */
	struct cert cert; /* owned by the caller once good; cert_free */
};

/*
 * Judges them. gpg_init must have been called. No two of them may share a key, primary or not: such
 * are not judged.
 */
void plain_read(struct plain *p, size_t n);

/*
 * Appends each packet with a header of the one form that leaves no choice (RFC 9580 section 4.2.1,
 * five octets of length), so that gpg sees packets begin and end where the filter saw it. 0, or -1.
 */
int plain_framed(struct buf *out, const uint8_t *p, size_t len);

#endif
