/* SPDX-License-Identifier: ISC */
/* TLS to a mail server: records all results, refuses nothing. Only for smtp.c. */
#ifndef SEALPOST_NET_SMTP_TLS_H
#define SEALPOST_NET_SMTP_TLS_H

#include <openssl/ssl.h>

#include "net/smtp.h"
#include "net/trust.h"

/* Verification results of the certificate, by the web PKI and by the TLSA records. */
struct smtp_verify {
	struct trust *trust;
	char host[DNS_NAME_MAX + 1];
	bool dane;             /* there are records */
	int dane_error;        /* X509_V_OK: one matches */
	int pkix_error;        /* X509_V_OK: trusted, for the host's name */
	STACK_OF(X509) *chain; /* owned; of the web PKI, if there is one */
};

/* A client on fd. v must outlive it. NULL without memory, or where OpenSSL cannot do it. */
SSL *smtp_tls_new(int fd, const struct smtp_request *q, struct smtp_verify *v);
/* After the handshake. */
void smtp_tls_take(
	SSL *ssl, const struct smtp_verify *v, const struct ct_logs *logs, struct smtp_result *r);

#endif
