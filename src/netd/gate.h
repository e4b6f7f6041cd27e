/* SPDX-License-Identifier: ISC */
/*
 * Lets requests begin: a few at once, more once it is known whether anybody answers for their
 * domain. One question tells that; so dead domains take neither the places of others, nor, by
 * all that would be asked about them, what the resolver has room for.
 */
#ifndef SEALPOST_NETD_GATE_H
#define SEALPOST_NETD_GATE_H

#include "base/buf.h"
#include "net/net.h"
#include "wire/frame.h"

struct gate_settings {
	uint32_t timeout_ms; /* for an answer about a domain */
	/* Begins a request; body is valid during the call. What is asked about a domain for which
	 * nobody answers is refused by dns_ask. */
	void (*begin)(void *arg, enum frame_kind kind, const struct buf *body);
	/* Whether another may begin now. crowd: it is one of many. */
	bool (*room)(const void *arg, enum frame_kind kind, bool crowd);
	void *arg;
};

struct gate;

/* s is copied; net is borrowed. NULL without memory. */
struct gate *gate_new(struct net *net, const struct gate_settings *s);
/* Requests that have not begun never do. */
void gate_free(struct gate *g);

/*
 * Takes a request over, and body's content in any case. domain: about which it is; NULL: it may
 * begin at once. weight: how much it asks for, in lookups. ERR_OS: no memory.
 */
int gate_put(struct gate *g, enum frame_kind kind, struct buf *body, const char *domain,
	unsigned weight, struct err *err);
/* Lets begin what may; running: the weight of all that has begun and not ended. To be called after
 * each event, and while there are requests that have not begun also where none comes: each waits
 * for its time. */
void gate_turn(struct gate *g, size_t running);
/* The number of requests that have not begun. */
size_t gate_held(const struct gate *g);

#endif
