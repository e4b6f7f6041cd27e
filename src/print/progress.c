/* SPDX-License-Identifier: ISC */
#include "print/progress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define FIRST_MS 1000
#define AGAIN_MS 500

static void wait_ms(struct progress *p, long ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	while (!p->stop && pthread_cond_timedwait(&p->wake, &p->lock, &t) == 0)
		;
}

static void *draw_progress(void *arg)
{
	struct progress *p = arg;
	char line[96];
	int n;

	(void)pthread_mutex_lock(&p->lock);
	for (wait_ms(p, FIRST_MS); !p->stop; wait_ms(p, AGAIN_MS)) {
		n = snprintf(line, sizeof(line), "\rsealpost: %s: %zu of %zu", p->verb, p->done,
			p->total);
		p->shown = fd_write_all(STDERR_FILENO, line, (size_t)n) == 0;
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

static bool can_go_back(void)
{
	const char *term = getenv("TERM");

	return term && term[0] != '\0' && strcmp(term, "dumb") != 0 && isatty(STDERR_FILENO);
}

void progress_start(struct progress *p, const char *verb, size_t total)
{
	pthread_condattr_t attr;
	sigset_t all, old;

	memset(p, 0, sizeof(*p));
	p->verb = verb;
	p->total = total;
	if (total == 0 || log_level() != LOG_WARN || !can_go_back())
		return;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	/* Signals are the main thread's. */
	sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	p->running = pthread_create(&p->thread, NULL, draw_progress, p) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* With the lock held. */
static void clear_line(struct progress *p)
{
	static const char blank[] = "\r                                                    \r";

	if (p->shown)
		(void)fd_write_all(STDERR_FILENO, blank, sizeof(blank) - 1);
	p->shown = false;
}

void progress_clear(struct progress *p, size_t done)
{
	if (!p->running)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->done = done;
	clear_line(p);
	(void)pthread_mutex_unlock(&p->lock);
}

void progress_stop(struct progress *p)
{
	if (!p->running)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->stop = true;
	clear_line(p);
	(void)pthread_cond_signal(&p->wake);
	(void)pthread_mutex_unlock(&p->lock);
	(void)pthread_join(p->thread, NULL);
	(void)pthread_cond_destroy(&p->wake);
	(void)pthread_mutex_destroy(&p->lock);
	p->running = false;
}
