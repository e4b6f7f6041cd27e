/* SPDX-License-Identifier: ISC */
/*
 * Checks many ordinary certificates in one gpg run. gpg checks each separately and stores none, so
 * that data of one cannot become part of another. Anything unusual in the input or in gpg's output
 * is left to the caller to examine separately, in a home of its own. A positive result is final, a
 * negative one is not.
 */
#ifndef SEALPOST_PLAIN_H
#define SEALPOST_PLAIN_H

#include "base/buf.h"
#include "base/spawn.h"
#include "pgp/cert/filter.h"
#include "pgp/cert/intake.h"
#include "pgp/gpg/home.h"

#define PLAIN_MS 3000      /* of one run; counted against the time of each address */
#define PLAIN_CERTS_MAX 64 /* of one call */
#define PLAIN_OCTETS_MAX                                                                           \
	(32u << 10) /* bytes of one certificate: larger ones are examined separately */
#define PLAIN_TOGETHER_MAX (256u << 10) /* of one run */

struct plain {
	const struct filter_cert *from; /* borrowed; has a User ID and is not damaged */
	const struct addr *addr;        /* borrowed */
	bool wildcard_uid;
	bool good;        /* out: gpg finds it usable for the address, and cert is filled */
	struct cert cert; /* owned by the caller once good; cert_free */
};

/* A gpg with a home of its own that waits for what it is to look at; all zero: there is none. */
struct plain_gpg {
	struct gpg_home home;
	struct spawn_filter filter;
	bool waits;
};

/* Starts one in advance, unless there is one. Requires gpg_init. Where it cannot be started, none
 * waits, and whoever needs one tells why. */
void plain_gpg_start(struct plain_gpg *g);
/* Ends one that was not needed. */
void plain_gpg_end(struct plain_gpg *g);

/*
 * Judges them. Requires gpg_init. Certificates that share a key, primary or not, are not judged.
 * ready: used up, if one waits; may be NULL.
 */
void plain_read(struct plain *p, size_t n, struct plain_gpg *ready);

/*
 * Appends each packet with an unambiguous header (RFC 9580 section 4.2.1, five-byte length), so
 * that gpg sees the same packet boundaries as the filter. 0, or -1.
 */
int plain_framed(struct buf *out, const uint8_t *p, size_t len);

#endif
