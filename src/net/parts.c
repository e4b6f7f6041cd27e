/* SPDX-License-Identifier: ISC */
#include "net/parts.h"

/* The callback may free p. */
static void end_if_done(struct parts *p)
{
	if (p->open > 0 || p->held || p->over)
		return;
	parts_cancel(p);
	p->end(p->arg);
}

static void on_kick(void *arg)
{
	end_if_done(arg);
}

void parts_begin(struct parts *p, struct timers *timers, void (*end)(void *arg), void *arg)
{
	*p = (struct parts){.timers = timers, .held = true, .end = end, .arg = arg};
}

void parts_begun(struct parts *p)
{
	p->held = false;
	timer_set(p->timers, &p->kick, clock_ms(), on_kick, p);
}

void parts_add(struct parts *p, size_t n)
{
	p->open += n;
}

void parts_done(struct parts *p)
{
	p->open--;
	end_if_done(p);
}

void parts_hold(struct parts *p)
{
	p->held = true;
}

void parts_release(struct parts *p)
{
	p->held = false;
	end_if_done(p);
}

void parts_cancel(struct parts *p)
{
	p->over = true;
	timer_stop(p->timers, &p->kick);
}
