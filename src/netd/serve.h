/* SPDX-License-Identifier: ISC */
/* sealpost-net's loop: questions come in on a socket, replies go out, until it is closed. */
#ifndef SEALPOST_NETD_SERVE_H
#define SEALPOST_NETD_SERVE_H

#include "net/net.h"
#include "wire/lookup.h"

/* At once; the rest waits for its turn. So many that a thousand addresses take two deadlines at
 * most, whoever is dead. */
#define SERVE_LOOKUPS_MAX 512
/* Of these may be young, see methods.h: more would be a flood for the resolver. */
#define SERVE_YOUNG_MAX 50

struct serve_settings {
	struct net *net;
	uint32_t timeout_ms; /* of one lookup, from the moment its turn comes */
	uint8_t methods;     /* that may be asked */
	bool verbose;
	uint16_t smtp_port;  /* see checks_settings */
	const char *sandbox; /* told with verbose */
	const char *broken;  /* why nothing can be asked, or NULL */
};

/* Serves until the other end closes the socket. 0, or ERR_OS, ERR_INTERNAL when it said something
 * strange. */
int serve(int sock, const struct serve_settings *s, struct err *err);

#endif
