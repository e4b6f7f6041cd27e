/* SPDX-License-Identifier: ISC */
/*
 * One HTTPS request at a time, many at once: GET or HEAD, to addresses that the caller has
 * resolved. The only user of libcurl. Nothing is resolved, followed, stored or sent along here: no
 * redirects, credentials, cookies; no coding is asked for (see coding.h); and no proxy but the one
 * that the settings name, through which everything then goes.
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
#define HTTPS_HEAD_MAX 65536 /* octets of all header fields of one answer */
#define HTTPS_REASON_MAX 256
#define HTTPS_CONTENT_TYPE_MAX 256
#define HTTPS_FDS_MAX 4

struct tlsa_set;
struct cert_seen;
struct ct_logs;

struct https_request {
	const char *url;         /* https, port 443, host a lower-case name */
	const char *host;        /* the one in the URL */
	const struct net_ip *ip; /* with a proxy: not needed, and not used */
	size_t n_ip;
	const struct tlsa_set *tlsa; /* must match, too; NULL or empty: none */
	size_t max_body;
	bool head;                /* HEAD instead of GET */
	bool look;                /* tell of the server's certificate and its SCTs */
	const struct ct_logs *ct; /* for that: logs to verify them with, or NULL */
};

/* Borrowed, valid during the callback; but body may be taken out of it. */
struct https_result {
	const char *url;
	int status;           /* of a complete header from an authenticated server; 0: none came */
	bool complete;        /* with status 200: the body has come whole */
	enum tls_auth tls;    /* how the server was authenticated */
	char ip[IP_TEXT_MAX]; /* "" if none was connected to, or by a proxy */
	char spki[65]; /* SHA-256 of the server's SubjectPublicKeyInfo, lower-case hex, or "" */
	const char *location;         /* of the only Location field, or "" */
	const char *content_type;     /* "" if there is none */
	bool cors;                    /* Access-Control-Allow-Origin: * */
	bool locations;               /* there were several */
	struct buf *body;             /* of status 200 only; none of HEAD */
	const struct cert_seen *cert; /* if it was to be looked at and was seen; else NULL */
	bool named;                   /* the certificate names the host itself, not by a wildcard */
	bool tlsa_mismatch;           /* failed, because no TLSA record matches */
	bool wrong_name; /* failed, and for nothing else but that the certificate is for another
			    name */
	bool proxy_down; /* failed: the proxy itself cannot be used */
	char reason[HTTPS_REASON_MAX]; /* what went wrong, "" if nothing did */
	uint32_t ms;
};

struct https;
struct https_get;
typedef void https_done(void *arg, struct https_result *r);

/*
 * Loads the libraries; to be called before the sandbox closes. ca_file: see trust_open, which
 * https_prepare or the first request calls. connect_ms is for connection and TLS together. proxy:
 * see endpoint_proxy; it is asked for hosts by name. NULL or "": none. ERR_OS.
 */
int https_open(const char *ca_file, uint32_t connect_ms, const char *proxy, struct https **out,
	struct err *err);
void https_close(struct https *h);

/* Does beforehand what the first request needs, while something else is being waited for. Errors
 * come with the request. */
void https_prepare(struct https *h);

/* Starts a request. done is called once, from https_process, never from here. ERR_CONFIG: see
 * trust_open; ERR_TEMP. */
int https_get(struct https *h, const struct https_request *q, https_done *done, void *arg,
	struct https_get **out, struct err *err);
/* Forgets a request; its callback will not be called. NULL is fine. */
void https_cancel(struct https_get *g);

/* What is known of a request that is under way, borrowed until the next call; without a body, with
 * a reason. */
const struct https_result *https_so_far(struct https_get *g, const char *reason);

/* Waits at most timeout_ms until a request can go on or one of fd (n at most HTTPS_FDS_MAX) is
 * ready; sets revents. */
void https_wait(struct https *h, struct pollfd *fd, size_t n, int timeout_ms);
void https_process(struct https *h);

/*
 * Where a redirect leads: location, which may be relative, seen from base. Refused (ERR_TEMP, with
 * the reason): anything but https, user information, a port other than 443, a host that is not a
 * domain name. url has HTTPS_URL_MAX bytes, host ADDR_DOMAIN_MAX + 1; both are normalised, without
 * fragment.
 */
int https_redirect(const char *base, const char *location, char *url, char *host, struct err *err);

#endif
