/* SPDX-License-Identifier: ISC */
/* A group of DNS questions. Questions not answered in time are answered with an error. */
#ifndef SEALPOST_NET_ASKS_H
#define SEALPOST_NET_ASKS_H

#include "net/net.h"

struct ask;

struct asks {
	struct net *net;
	const struct net_watch *watch; /* or NULL */
	struct ask *first;
	char over[DNS_NOTE_MAX]; /* why no more questions are sent, or "" */
};

/*
 * Sends a question; done is called exactly once, possibly immediately, unless asks_cancel is called
 * first. A question that cannot be sent is answered with an error.
 */
void asks_put(struct asks *a, const char *name, uint16_t type, dns_done *done, void *arg);
bool asks_open(const struct asks *a);
/* Time-out: answers all open and later questions with an error; until asks_resume. */
void asks_expire(struct asks *a, const char *why);
void asks_resume(struct asks *a);
/* Cancels all questions. */
void asks_cancel(struct asks *a);

#endif
