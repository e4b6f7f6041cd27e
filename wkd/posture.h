/* SPDX-License-Identifier: ISC */
/* What a domain publishes keys with, as its owner wants to see it: both methods of the Web Key
 * Directory, and OPENPGPKEY. */
#ifndef SEALPOST_WKD_POSTURE_H
#define SEALPOST_WKD_POSTURE_H

#include "net/net.h"
#include "wire/check.h"

struct posture;

/*
 * Begins; fills in the reply's part about keys, and calls done once, from the event loop. request,
 * reply and watch are borrowed until then, or until it is freed. NULL without memory.
 */
struct posture *posture_start(struct net *net, const struct net_watch *watch,
	const struct check_request *request, struct check_reply *reply, void (*done)(void *arg),
	void *arg);
/* Time is over: what is not known by now cannot be told. done is called, if it was not. */
void posture_expire(struct posture *p, const char *why);
/* NULL is fine. */
void posture_free(struct posture *p);

#endif
