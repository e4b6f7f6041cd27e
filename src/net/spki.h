/* SPDX-License-Identifier: ISC */
/* The key in a PEM file, as TLSA records name it. */
#ifndef SEALPOST_NET_SPKI_H
#define SEALPOST_NET_SPKI_H

#include <stddef.h>
#include <stdint.h>

/*
 * SHA-256 of the SubjectPublicKeyInfo of the first CERTIFICATE, PUBLIC KEY or CERTIFICATE REQUEST
 * block, in lower-case hex; out has 65 bytes. NULL, or why not: a sentence. Whatever else the file
 * holds, a private key among it, is not looked at.
 */
const char *spki_of_pem(const uint8_t *pem, size_t len, char *out);

#endif
