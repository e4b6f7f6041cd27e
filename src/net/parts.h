/* SPDX-License-Identifier: ISC */
/*
 * Work in several parts, the end of which is told once: when all parts have ended, and never before
 * the caller has the work in hand, even where every part ends as soon as it begins.
 */
#ifndef SEALPOST_NET_PARTS_H
#define SEALPOST_NET_PARTS_H

#include <stddef.h>

#include "net/timer.h"

struct parts {
	struct timers *timers; /* borrowed */
	size_t open;           /* parts that have not ended */
	bool held, over;
	struct timer kick; /* tells from the loop what ended at once */
	void (*end)(void *arg);
	void *arg;
};

/* The work begins, held. end is called once, unless parts_cancel comes before; it may free all, p
 * included. */
void parts_begin(struct parts *p, struct timers *timers, void (*end)(void *arg), void *arg);
/* All that begins at once has begun: end may come, from the loop. */
void parts_begun(struct parts *p);

/* n more parts have begun; one has ended (which may call end). */
void parts_add(struct parts *p, size_t n);
void parts_done(struct parts *p);

/* Between the two, parts may end one after the other, and end waits. It may come from
 * parts_release. */
void parts_hold(struct parts *p);
void parts_release(struct parts *p);

/* Forgets all: end does not come any more. */
void parts_cancel(struct parts *p);

#endif
