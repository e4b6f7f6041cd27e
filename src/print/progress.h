/* SPDX-License-Identifier: ISC */
/* A progress line on a terminal, shown after a second and removed at the end. */
#ifndef SEALPOST_PROGRESS_H
#define SEALPOST_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct progress {
	const char *verb; /* borrowed */
	bool running;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	size_t done, total;
	bool shown, stop;
};

/*
 * Does nothing if stderr is not a terminal, or one that cannot rewrite a line (TERM=dumb), or with
 * -q or -v, or if no thread can be started.
 */
void progress_start(struct progress *p, const char *verb, size_t total);
/* To be called before printing anything else; the line reappears by itself. */
void progress_clear(struct progress *p, size_t done);
void progress_stop(struct progress *p);

#endif
