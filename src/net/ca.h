/*
 * The certificate authorities of the web PKI. A bundle holds some 150 of them, and OpenSSL takes 30
 * ms to decode all; here it is only indexed, and a certificate is decoded when a chain asks for it.
 */
#ifndef SEALPOST_NET_CA_H
#define SEALPOST_NET_CA_H

#include <openssl/x509_vfy.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CA_FILE_MAX (8u << 20)
#define CA_CERTS_MAX 4096

/*
 * Reads a PEM bundle. ERR_CONFIG: it cannot be read, holds no certificate, or holds a damaged one.
 * The caller frees the store with X509_STORE_free; what it needs of the bundle goes with it.
 */
int ca_open(const char *path, X509_STORE **out, struct err *err);

/* The encoded subject of a DER certificate, a view into it; NULL when it is not built like one.
 * Pure. */
const uint8_t *ca_subject(const uint8_t *der, size_t len, size_t *subject_len);

#endif
