/* SPDX-License-Identifier: ISC */
/* Several questions that belong together. What is not answered in time is answered by us: that it
 * could not be told. */
#ifndef SEALPOST_NET_ASKS_H
#define SEALPOST_NET_ASKS_H

#include "net/net.h"

struct ask;

struct asks {
	struct net *net;
	const struct net_watch *watch; /* or NULL */
	struct ask *first;
	char over[DNS_NOTE_MAX]; /* why nothing is asked any more, or "" */
};

/*
 * Asks; done is called exactly once, perhaps at once, unless asks_cancel comes before. A question
 * that cannot be asked is answered with an error.
 */
void asks_put(struct asks *a, const char *name, uint16_t type, dns_done *done, void *arg);
bool asks_open(const struct asks *a);
/* Time is over: all that is open, and all that is asked from now on, is answered with an error. */
void asks_expire(struct asks *a, const char *why);
/* Forgets all. */
void asks_cancel(struct asks *a);

#endif
