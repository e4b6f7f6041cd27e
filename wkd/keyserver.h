/* SPDX-License-Identifier: ISC */
/*
 * A key server that verifies addresses (Verifying Keyserver, VKS interface, "by-email"): one HTTPS
 * GET to that host. No redirect is followed, as it would tell the address to another host. The body
 * is not examined.
 */
#ifndef SEALPOST_WKD_KEYSERVER_H
#define SEALPOST_WKD_KEYSERVER_H

#include "net/net.h"
#include "wire/lookup.h"
#include "wkd/evidence.h"

struct keyserver;

struct keyserver_request {
	const char *host;        /* all borrowed until it is done or freed */
	const struct addr *addr; /* that is asked about */
	struct method_result *result;
	struct evidence *evidence;
	const struct net_watch *watch;
	void (*done)(void *arg); /* called once, from the event loop; it is to be freed then */
	void *arg;
};

/* Begins. It may have ended at once: see keyserver_ended; then done is not called. NULL without
 * memory. */
struct keyserver *keyserver_start(struct net *net, const struct keyserver_request *q);
bool keyserver_ended(const struct keyserver *k);
/* Time-out; within says when. It has ended then, and done is not called. */
void keyserver_expire(struct keyserver *k, const char *within);
/* NULL is permitted. */
void keyserver_free(struct keyserver *k);

#endif
