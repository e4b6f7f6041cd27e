/* SPDX-License-Identifier: ISC */
/* sealpost-net's main loop: answers requests on a socket until it is closed. */
#ifndef SEALPOST_NETD_SERVE_H
#define SEALPOST_NETD_SERVE_H

#include "net/net.h"
#include "wire/lookup.h"

/* Simultaneous lookups; others wait. Large enough that a thousand addresses take at most two
 * deadlines, however many servers are dead. */
#define SERVE_LOOKUPS_MAX 512
#define SERVE_CHECKS_MAX 256 /* likewise, of domains */
#define SERVE_HELD_MAX 2048  /* questions that wait; more are not read */

struct serve_settings {
	struct net *net;
	uint32_t timeout_ms;    /* of one lookup, from its start */
	uint8_t methods;        /* permitted methods */
	const char *keyservers; /* see methods_settings */
	bool verbose;
	uint16_t smtp_port;  /* see checks_settings */
	const char *sandbox; /* reported with verbose */
	const char *broken;  /* why no questions can be sent, or NULL */
};

/* Serves until the peer closes the socket. 0, ERR_OS, or ERR_INTERNAL if the peer violates the
 * protocol. */
int serve(int sock, const struct serve_settings *s, struct err *err);

#endif
