/* SPDX-License-Identifier: ISC */
/* Describes a certificate's primary key for display. Pure. */
#ifndef SEALPOST_DESCRIBE_H
#define SEALPOST_DESCRIBE_H

#include <stddef.h>
#include <stdint.h>

#define CERT_ALGORITHM_MAX 24

/*
 * Its algorithm as gpg writes it ("ed25519", "rsa3072", "nistp256"), and its creation time in
 * seconds since 1970. "" and 0 if it cannot be read.
 */
void cert_describe(
	const uint8_t *data, size_t len, char algorithm[CERT_ALGORITHM_MAX], int64_t *created);

#endif
