/* SPDX-License-Identifier: ISC */
/* Facts about a server's certificate, and its certificate transparency (RFC 6962). Uses OpenSSL. */
#ifndef SEALPOST_NET_CERT_H
#define SEALPOST_NET_CERT_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CERT_SUBJECT_MAX 1024
#define CERT_ISSUER_MAX 512
#define CERT_SCTS_MAX 200 /* looked at */

struct ct_logs;

struct cert_seen {
	bool seen;
	bool wildcard;                  /* one of its names is a wildcard */
	char subject[CERT_SUBJECT_MAX]; /* its DNS names, separated by blanks; else its common name
					 */
	char issuer[CERT_ISSUER_MAX];   /* "O=..., CN=..." */
	int64_t not_before, not_after;  /* seconds since 1970 */
	char spki[65];                  /* SHA-256, lower-case hex */
	/* Number of SCTs, by the way they were delivered (section 3.3). */
	unsigned sct_x509, sct_tls, sct_ocsp;
	bool verified; /* against a list of logs: */
	unsigned sct_valid, sct_invalid, sct_unknown_log;
};

/* Whether one of its DNS names is that host, not by a wildcard; the common name is ignored. */
bool cert_names(X509 *cert, const char *host);

/* Enables requesting SCTs in all three ways in a handshake, without requiring any. */
void cert_ask_scts(SSL_CTX *ctx);

/*
 * Describes the peer of a finished handshake. With logs (may be NULL) the signatures of its SCTs
 * are verified, too, which takes the issuer from chain, leaf first (may be NULL).
 */
void cert_see(SSL *ssl, STACK_OF(X509) *chain, const struct ct_logs *logs, struct cert_seen *out);

#endif
