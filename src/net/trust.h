/* SPDX-License-Identifier: ISC */
/*
 * The certificate authorities of the web PKI: the system's, or those of one file. OpenSSL needs 15
 * ms to decode the system's 150, so they are looked up individually in the folder of hashed names,
 * and the bundle is only read if that fails.
 */
#ifndef SEALPOST_NET_TRUST_H
#define SEALPOST_NET_TRUST_H

#include <openssl/x509_vfy.h>

#include "base/err.h"

struct trust;

/*
 * ca_file: a PEM bundle, read at once; its authorities are the only ones. "" or NULL: the system's.
 * ERR_CONFIG: the bundle cannot be read; ca_file holds no certificate, or something damaged.
 * Freed with trust_free.
 */
int trust_open(const char *ca_file, struct trust **out, struct err *err);
/* The same with the given folder and bundle instead of the system's. */
int trust_open_system(const char *folder, const char *bundle, struct trust **out, struct err *err);
void trust_free(struct trust *t);

/* Borrowed. */
X509_STORE *trust_store(const struct trust *t);

/* As X509_verify_cert, for a context with trust_store: result, error and chain are in ctx. Leaves
 * OpenSSL's queue of errors as it was. */
int trust_verify(struct trust *t, X509_STORE_CTX *ctx);

/* Why the system's bundle could not be read when needed; NULL if it could. Borrowed. */
const char *trust_broken(const struct trust *t);

#endif
