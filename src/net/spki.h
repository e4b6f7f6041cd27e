/* SPDX-License-Identifier: ISC */
/* The hash of the key in a PEM file, as in TLSA records. */
#ifndef SEALPOST_NET_SPKI_H
#define SEALPOST_NET_SPKI_H

#include <stddef.h>
#include <stdint.h>

/*
 * SHA-256 of the SubjectPublicKeyInfo of the first CERTIFICATE, PUBLIC KEY or CERTIFICATE REQUEST
 * block, in lower-case hex; out has 65 bytes. Returns NULL, or an error message. Other content of
 * the file, such as a private key, is not parsed.
 */
const char *spki_of_pem(const uint8_t *pem, size_t len, char *out);

#endif
