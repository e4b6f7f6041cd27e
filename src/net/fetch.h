/* SPDX-License-Identifier: ISC */
/* Fetches a document by HTTPS, following redirects; every host is resolved and validated by us. */
#ifndef SEALPOST_NET_FETCH_H
#define SEALPOST_NET_FETCH_H

#include "net/host.h"

#define FETCH_HOPS_MAX 5

enum fetch_status {
	FETCH_OK,     /* 200, complete */
	FETCH_GONE,   /* 404 or 410, from an authenticated server */
	FETCH_FAILED, /* all else */
};

/* What proves that a host is the intended one, in addition to a valid certificate. */
enum fetch_proof {
	PROOF_NONE,   /* nothing: the certificate may be for a wildcard */
	PROOF_NAME,   /* the certificate has its name, not by a wildcard */
	PROOF_DNSSEC, /* its address, or a TLSA record that matches, is Secure */
};

/* Borrowed, valid during the callback; the callback may take over body. */
struct fetch_result {
	enum fetch_status status;
	enum tls_auth tls;               /* the weakest of all hops */
	const char *url;                 /* the last one asked */
	const char *asked;               /* the first */
	enum fetch_proof first, weakest; /* of the first hop, and the weakest of all */
	struct buf *body;                /* of FETCH_OK */
	bool wrong_name; /* failed only because the first host's certificate is for another name */
	char reason[HOST_REASON_MAX];    /* "HOST: ..." unless FETCH_OK */
	const struct https_result *http; /* the last answer; NULL if none was asked for */
};

struct fetch;
typedef void fetch_done(void *arg, struct fetch_result *r);

struct fetch_request {
	const char *url; /* as for https_get */
	const char *host;
	const struct host_answer *at; /* of that host, found */
	unsigned hops;                /* permitted redirects, at most FETCH_HOPS_MAX */
	size_t max_body;
	bool head; /* HEAD instead of GET */
	bool look; /* as for https_get */
};

/* Starts it. done is called once, from the event loop. ERR_CONFIG, ERR_TEMP, with a message that
 * names the host. */
int fetch_start(struct net *net, const struct fetch_request *q, const struct net_watch *watch,
	fetch_done *done, void *arg, struct fetch **out, struct err *err);
/* NULL is permitted. */
void fetch_cancel(struct fetch *f);
/* Reports the questions and the request without an answer to the watch. */
void fetch_tell_open(struct fetch *f, const char *note);
/* The pending step, "HOST: no answer". */
const char *fetch_waiting(const struct fetch *f);
/* The current URL. */
const char *fetch_url(const struct fetch *f);

#endif
