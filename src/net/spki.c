/* SPDX-License-Identifier: ISC */
#include "net/spki.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

/* The key in a block; NULL if it is not one of these, or damaged. */
static EVP_PKEY *key_of_block(const char *name, const unsigned char *der, long len)
{
	EVP_PKEY *key = NULL;

	if (strcmp(name, PEM_STRING_PUBLIC) == 0) {
		key = d2i_PUBKEY(NULL, &der, len);
	} else if (strcmp(name, PEM_STRING_X509) == 0) {
		X509 *cert = d2i_X509(NULL, &der, len);

		key = cert ? X509_get_pubkey(cert) : NULL;
		X509_free(cert);
	} else if (strcmp(name, PEM_STRING_X509_REQ) == 0 ||
		   strcmp(name, PEM_STRING_X509_REQ_OLD) == 0) {
		X509_REQ *request = d2i_X509_REQ(NULL, &der, len);

		key = request ? X509_REQ_get_pubkey(request) : NULL;
		X509_REQ_free(request);
	}
	return key;
}

static int hash_key(EVP_PKEY *key, char *out)
{
	unsigned char *der = NULL, digest[EVP_MAX_MD_SIZE];
	unsigned n = 0, i;
	int len = i2d_PUBKEY(key, &der);
	int ok = len > 0 && EVP_Digest(der, (size_t)len, digest, &n, EVP_sha256(), NULL) == 1;

	for (i = 0; ok && i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	OPENSSL_free(der);
	return ok ? 0 : -1;
}

const char *spki_of_pem(const uint8_t *pem, size_t len, char *out)
{
	BIO *in = len <= INT_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
	const char *why = "it has no CERTIFICATE, PUBLIC KEY or CERTIFICATE REQUEST";
	unsigned char *der = NULL;
	char *name = NULL, *header = NULL;
	long der_len;
	EVP_PKEY *key = NULL;

	out[0] = '\0';
	while (in && !key && PEM_read_bio(in, &name, &header, &der, &der_len) == 1) {
		key = key_of_block(name, der, der_len);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	if (key)
		why = hash_key(key, out) == 0 ? NULL : "its key cannot be read";
	EVP_PKEY_free(key);
	BIO_free(in);
	ERR_clear_error();
	return why;
}
