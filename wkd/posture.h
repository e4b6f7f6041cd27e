/* SPDX-License-Identifier: ISC */
/* How a domain publishes keys, from its owner's point of view: both methods of the Web Key
 * Directory, and OPENPGPKEY. */
#ifndef SEALPOST_WKD_POSTURE_H
#define SEALPOST_WKD_POSTURE_H

#include "net/net.h"
#include "wire/check.h"

struct posture;

/*
 * Starts; fills in the reply's part about keys, and calls done once, from the event loop. request,
 * reply and watch are borrowed until then, or until it is freed. NULL if memory is short.
 */
struct posture *posture_start(struct net *net, const struct net_watch *watch,
	const struct check_request *request, struct check_reply *reply, void (*done)(void *arg),
	void *arg);
/* Time-out: anything not known by now becomes unknown. done is called, unless it was. */
void posture_expire(struct posture *p, const char *why);
/* NULL is permitted. */
void posture_free(struct posture *p);

#endif
