/* SPDX-License-Identifier: ISC */
#include "net/timer.h"

#include <stddef.h>

void timer_stop(struct timers *all, struct timer *t)
{
	if (!t->on)
		return;
	if (t->prev)
		t->prev->next = t->next;
	else
		all->first = t->next;
	if (t->next)
		t->next->prev = t->prev;
	t->prev = t->next = NULL;
	t->on = false;
}

void timer_set(struct timers *all, struct timer *t, int64_t due, void (*fire)(void *arg), void *arg)
{
	timer_stop(all, t);
	t->due = due;
	t->fire = fire;
	t->arg = arg;
	t->prev = NULL;
	t->next = all->first;
	if (t->next)
		t->next->prev = t;
	all->first = t;
	t->on = true;
}

int timers_wait(const struct timers *all, int64_t now, int most)
{
	const struct timer *t;

	for (t = all->first; t; t = t->next) {
		if (t->due <= now)
			return 0;
		if (t->due - now < most)
			most = (int)(t->due - now);
	}
	return most;
}

void timers_run(struct timers *all, int64_t now)
{
	struct timer *t = all->first;

	while (t) {
		if (t->due > now) {
			t = t->next;
			continue;
		}
		timer_stop(all, t);
		t->fire(t->arg);
		/* What it pointed to may be gone. */
		t = all->first;
	}
}
