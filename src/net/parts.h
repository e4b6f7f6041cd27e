/* SPDX-License-Identifier: ISC */
/*
 * Work in several asynchronous parts with a single completion callback: called when all parts have
 * ended, and never before the caller has finished starting them, even if every part ends
 * immediately.
 */
#ifndef SEALPOST_NET_PARTS_H
#define SEALPOST_NET_PARTS_H

#include <stddef.h>

#include "net/timer.h"

struct parts {
	struct timers *timers; /* borrowed */
	size_t open;           /* number of running parts */
	bool held, over;
	struct timer kick; /* defers the callback to the event loop */
	void (*end)(void *arg);
	void *arg;
};

/* Begins, in held state. end is called once, unless parts_cancel is called first; it may free
 * everything, including p. */
void parts_begin(struct parts *p, struct timers *timers, void (*end)(void *arg), void *arg);
/* All initial parts are started: end may now be called, from the event loop. */
void parts_begun(struct parts *p);

/* Count n more parts as started; one part as ended (which may call end). */
void parts_add(struct parts *p, size_t n);
void parts_done(struct parts *p);

/* Between the two, end is not called; it may be called by parts_release. */
void parts_hold(struct parts *p);
void parts_release(struct parts *p);

/* Cancels: end will not be called. */
void parts_cancel(struct parts *p);

#endif
