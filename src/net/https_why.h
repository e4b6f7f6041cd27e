/* SPDX-License-Identifier: ISC */
/* Why an HTTPS request failed, in a sentence's part. Only for https.c. */
#ifndef SEALPOST_NET_HTTPS_WHY_H
#define SEALPOST_NET_HTTPS_WHY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct https_failure {
	CURLcode code;
	const char *stopped; /* stopped by us: why; NULL if not */
	const char *detail;  /* libcurl's own words */
	bool verified;       /* the web PKI was content with the certificate */
	bool dane_failed;    /* the TLSA records were not */
	int verify_error;    /* OpenSSL's, X509_V_OK if none */
	int os_errno;        /* of the connection, 0 if unknown */
	bool header;         /* something of one has come */
	bool proxied;        /* by a proxy */
	int proxy_error;     /* what it answered: CURLPX_*, 0 if nothing */
	uint32_t connect_ms; /* how long was waited for the connection */
};

/* The certificate is a trusted one, but not for the host's name. */
bool https_wrong_name(const struct https_failure *f);

/* The proxy was not reached, or did not say that something behind it failed. */
bool https_proxy_down(const struct https_failure *f);

/* out has HTTPS_REASON_MAX bytes. */
void https_why(const struct https_failure *f, char *out);

#endif
