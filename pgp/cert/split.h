/* SPDX-License-Identifier: ISC */
/*
 * Certificates as octets: taken apart, named and put together again without losing anything. Pure;
 * nothing here verifies a signature (gpg does that when a certificate is to be used).
 */
#ifndef SEALPOST_SPLIT_H
#define SEALPOST_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "pgp/cert/intake.h"

#define SPLIT_CERT_MAX (8u << 20) /* octets of one certificate */
#define SPLIT_ADDRESSES_MAX 64    /* of one certificate */

/*
 * The next certificate of binary octets; steps over it. 1: *cert and *cert_len are it, borrowed; 0:
 * the end; -1: something else stands there, or secret key material.
 */
int split_next(const uint8_t **p, size_t *len, const uint8_t **cert, size_t *cert_len);

/* The fingerprint of a certificate's primary key; -1 when its version has no known rule. */
int split_fpr(const uint8_t *cert, size_t len, char *fpr);

/*
 * The different addresses that a certificate's User IDs claim, at most SPLIT_ADDRESSES_MAX, in
 * their order. Claims only: whether a User ID is valid is for intake_read. Returns their number.
 */
size_t split_addresses(const uint8_t *cert, size_t len, struct addr *out);

/*
 * Appends to out the certificate that holds every packet of both, which have the same primary key:
 * all of a as it is, and of b what a has not. Packets are compared by their content. ERR_DATA: not
 * the same key, or not a certificate; ERR_OS.
 */
int split_merge(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, struct buf *out,
	struct err *err);

#endif
