/* SPDX-License-Identifier: ISC */
/* Explains why an HTTPS request failed. Only for https.c. */
#ifndef SEALPOST_NET_HTTPS_WHY_H
#define SEALPOST_NET_HTTPS_WHY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct https_failure {
	CURLcode code;
	const char *stopped; /* why we aborted it; NULL if we did not */
	const char *detail;  /* libcurl's own words */
	bool verified;       /* the certificate is valid by the web PKI */
	bool dane_failed;    /* no TLSA record matched */
	int verify_error;    /* OpenSSL's, X509_V_OK if none */
	int os_errno;        /* of the connection, 0 if unknown */
	bool header;         /* part of a header was received */
	bool proxied;        /* by a proxy */
	int proxy_error;     /* the proxy's reply: CURLPX_*, 0 if none */
	uint32_t connect_ms; /* the time-out of the connection */
};

/* The certificate is trusted, but not for the host's name. */
bool https_wrong_name(const struct https_failure *f);

/* It was reached, but there was no agreement on TLS, or its certificate does not hold. */
bool https_tls_failed(const struct https_failure *f);

/* The host itself refuses connections. */
bool https_refused(const struct https_failure *f);

/* The proxy was not reached, or failed by itself rather than reporting a failed target. */
bool https_proxy_down(const struct https_failure *f);

/* out has HTTPS_REASON_MAX bytes. */
void https_why(const struct https_failure *f, char *out);

#endif
