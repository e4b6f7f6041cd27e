/* SPDX-License-Identifier: ISC */
/* Deadlines of one event loop. A timer lies in its owner's struct; it fires once, from timers_run.
 */
#ifndef SEALPOST_NET_TIMER_H
#define SEALPOST_NET_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct timer {
	int64_t due; /* ms, as clock_ms */
	void (*fire)(void *arg);
	void *arg;
	bool on;
	struct timer *prev, *next;
};

struct timers {
	struct timer *first;
};

/* Starts t, or moves it when it is running. */
void timer_set(
	struct timers *all, struct timer *t, int64_t due, void (*fire)(void *arg), void *arg);
void timer_stop(struct timers *all, struct timer *t);

/* Milliseconds to the next one, 0 if one is due, at most most. */
int timers_wait(const struct timers *all, int64_t now, int most);
/* Fires those that are due. A timer may start and stop any timer, itself included. */
void timers_run(struct timers *all, int64_t now);

#endif
