/* SPDX-License-Identifier: ISC */
/*
 * Asynchronous HTTPS requests, GET or HEAD, to addresses resolved by the caller. The only user of
 * libcurl. Does not resolve names, follow redirects, or use credentials or cookies; requests no
 * content coding (see coding.h); uses no proxy except the configured one, and then for everything.
 */
#ifndef SEALPOST_NET_HTTPS_H
#define SEALPOST_NET_HTTPS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/ip.h"
#include "wire/lookup.h" /* enum tls_auth */

#define HTTPS_URL_MAX 2048
#define HTTPS_HEAD_MAX 65536 /* bytes of all header fields of one answer */
#define HTTPS_REASON_MAX 256
#define HTTPS_CONTENT_TYPE_MAX 256
#define HTTPS_FDS_MAX 4

struct tlsa_set;
struct cert_seen;
struct ct_logs;

struct https_request {
	const char *url;         /* https, port 443, host a lower-case name */
	const char *host;        /* the one in the URL */
	const struct net_ip *ip; /* not used with a proxy */
	size_t n_ip;
	const struct tlsa_set *tlsa; /* must match as well; NULL or empty: none */
	size_t max_body;
	bool head;                /* HEAD instead of GET */
	bool look;                /* report the server's certificate and its SCTs */
	const struct ct_logs *ct; /* logs to verify the SCTs with, or NULL */
};

/* Borrowed, valid during the callback; but body may be taken out of it. */
struct https_result {
	const char *url;
	int status;           /* of a complete header from an authenticated server; 0: none */
	bool complete;        /* with status 200: the body is complete */
	enum tls_auth tls;    /* how the server was authenticated */
	char ip[IP_TEXT_MAX]; /* "" if not connected, or with a proxy */
	char spki[65]; /* SHA-256 of the server's SubjectPublicKeyInfo, lower-case hex, or "" */
	const char *location;          /* of the only Location field, or "" */
	const char *content_type;      /* "" if there is none */
	bool cors;                     /* Access-Control-Allow-Origin: * */
	bool locations;                /* there were several, or one that is too long */
	struct buf *body;              /* for status 200 only; not for HEAD */
	const struct cert_seen *cert;  /* if requested by look and received; else NULL */
	bool named;                    /* the certificate has the host's name, not by a wildcard */
	bool tls_failed;               /* failed: no TLS with an authenticated server came about */
	bool tlsa_mismatch;            /* failed because no TLSA record matches */
	bool wrong_name;               /* failed only because the certificate is for another name */
	bool refused;                  /* failed: the host refuses connections */
	bool proxy_down;               /* failed: the proxy itself is not usable */
	char reason[HTTPS_REASON_MAX]; /* the error, "" if none */
	uint32_t ms;
};

struct https;
struct https_get;
typedef void https_done(void *arg, struct https_result *r);

/*
 * To be called before entering the sandbox. ca_file: see trust_open, which https_prepare or the
 * first request calls. connect_ms is for connection and TLS together. proxy:
 * see endpoint_proxy; it resolves host names. NULL or "": none. ERR_OS.
 */
int https_open(const char *ca_file, uint32_t connect_ms, const char *proxy, struct https **out,
	struct err *err);
void https_close(struct https *h);

/* Loads the libraries and prepares for the first request, while waiting for something else. ERR_OS;
 * any other error is reported only with the request, which reports this one too. */
int https_prepare(struct https *h, struct err *err);

/* Whether a request failed because the CA certificates could not be read. */
bool https_untrusting(const struct https *h);

/* Starts a request. done is called once, from https_process, never from here. ERR_CONFIG: see
 * trust_open; ERR_TEMP. */
int https_get(struct https *h, const struct https_request *q, https_done *done, void *arg,
	struct https_get **out, struct err *err);
/* Cancels a request; its callback will not be called. NULL is permitted. */
void https_cancel(struct https_get *g);

/* The state of a pending request, borrowed until the next call; without a body, with a reason. */
const struct https_result *https_so_far(struct https_get *g, const char *reason);

/* Waits at most timeout_ms until a request can make progress or one of fd (n at most HTTPS_FDS_MAX)
 * is ready; sets revents. */
void https_wait(struct https *h, struct pollfd *fd, size_t n, int timeout_ms);
void https_process(struct https *h);

/*
 * Resolves a redirect: location, which may be relative to base. Refused (ERR_TEMP, with the
 * reason): anything except https, user information, a port other than 443, a host that is not a
 * domain name. url has HTTPS_URL_MAX bytes, host ADDR_DOMAIN_MAX + 1; both are normalised, without
 * fragment.
 */
int https_redirect(const char *base, const char *location, char *url, char *host, struct err *err);

#endif
