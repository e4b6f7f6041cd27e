/* SPDX-License-Identifier: ISC */
/*
 * Splits, identifies and merges certificates without losing data. Pure; verifies no signatures (gpg
 * does that before a certificate is used).
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

#define SPLIT_CERT_MAX (8u << 20) /* bytes of one certificate */
#define SPLIT_ADDRESSES_MAX 64    /* of one certificate */

/*
 * Takes the next certificate of binary data. 1: it is *cert and *cert_len, borrowed; 0: the end;
 * -1: something else, or secret key material.
 */
int split_next(const uint8_t **p, size_t *len, const uint8_t **cert, size_t *cert_len);

/* The fingerprint of a certificate's primary key; -1 if its version is not known, ERR_OS. */
int split_fpr(const uint8_t *cert, size_t len, char *fpr);

/*
 * The distinct addresses in a certificate's User IDs, at most SPLIT_ADDRESSES_MAX, in their order.
 * Unverified: intake_read determines whether a User ID is valid. Returns their number.
 */
size_t split_addresses(const uint8_t *cert, size_t len, struct addr *out);

/*
 * Appends to out the union of two certificates with the same primary key: a unchanged, plus the
 * packets that only b has. Packets are compared by content. ERR_DATA: not the same key, or not a
 * certificate; ERR_OS.
 */
int split_merge(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, struct buf *out,
	struct err *err);

#endif
