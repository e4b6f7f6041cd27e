/* SPDX-License-Identifier: ISC */
/* A document by HTTPS, through redirects, every host on the way resolved and validated by us. */
#ifndef SEALPOST_NET_FETCH_H
#define SEALPOST_NET_FETCH_H

#include "net/host.h"

#define FETCH_HOPS_MAX 5

enum fetch_status {
	FETCH_OK,     /* 200, complete */
	FETCH_GONE,   /* 404 or 410, from an authenticated server */
	FETCH_FAILED, /* all else */
};

/* What vouches that a host is the one that was meant, beside its certificate's being valid. */
enum fetch_proof {
	PROOF_NONE,   /* nothing: the certificate may be a wildcard's */
	PROOF_NAME,   /* the certificate names it, without a wildcard */
	PROOF_DNSSEC, /* its address, or a TLSA record that matches, is Secure */
};

/* Borrowed, valid during the callback; but body may be taken out of it. */
struct fetch_result {
	enum fetch_status status;
	enum tls_auth tls;               /* the weakest of all hops */
	const char *url;                 /* the last one asked */
	const char *asked;               /* the first */
	enum fetch_proof first, weakest; /* of the first hop, and of all */
	struct buf *body;                /* of FETCH_OK */
	bool wrong_name; /* failed: the first host's certificate is for another name, and nothing
			    else is wrong */
	char reason[HOST_REASON_MAX];    /* "HOST: ..." unless FETCH_OK */
	const struct https_result *http; /* the last answer; NULL if none was asked for */
};

struct fetch;
typedef void fetch_done(void *arg, struct fetch_result *r);

struct fetch_request {
	const char *url; /* as for https_get */
	const char *host;
	const struct host_answer *at; /* of that host, found */
	unsigned hops;                /* redirects that may be followed, at most FETCH_HOPS_MAX */
	size_t max_body;
	bool head; /* HEAD instead of GET */
	bool look; /* as for https_get */
};

/* Starts it. done is called once, from the event loop. ERR_CONFIG, ERR_TEMP, with a sentence that
 * names the host. */
int fetch_start(struct net *net, const struct fetch_request *q, const struct net_watch *watch,
	fetch_done *done, void *arg, struct fetch **out, struct err *err);
/* NULL is fine. */
void fetch_cancel(struct fetch *f);
/* Tells the watch of the questions and the request that have no answer yet. */
void fetch_tell_open(struct fetch *f, const char *note);
/* What is being waited for, "HOST: no answer". */
const char *fetch_waiting(const struct fetch *f);
/* The URL being asked. */
const char *fetch_url(const struct fetch *f);

#endif
