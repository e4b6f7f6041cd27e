/* SPDX-License-Identifier: ISC */
/* One line on a terminal that says how far it is: only after a second, and gone at the end. */
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
 * Does nothing where stderr is no terminal, or one that cannot go back in a line (TERM=dumb), or
 * with -q or -v. Without a thread there is no line.
 */
void progress_start(struct progress *p, const char *verb, size_t total);
/* Before anything else is printed; the line comes back by itself. */
void progress_clear(struct progress *p, size_t done);
void progress_stop(struct progress *p);

#endif
