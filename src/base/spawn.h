/* SPDX-License-Identifier: ISC */
/* The only place that starts programs: argv, never a shell; exec's errno comes back to the caller.
 */
#ifndef SEALPOST_SPAWN_H
#define SEALPOST_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

struct spawn {
	const char *const
		*argv; /* argv[0] is searched in PATH unless it holds a slash; NULL-ended */
	const char *const *env; /* NULL: inherited */
	int in, out, errout;    /* descriptors for 0, 1, 2; -1: /dev/null */
	int keep;               /* one more descriptor, given to the child as number 3; -1: none */
	const char *dir;        /* working folder; NULL: unchanged */
	bool stays; /* when this process ends, by whatever; else it is killed then (as when the
		       thread ends that started it) */
};

/*
 * Finds what argv[0] names: itself if it holds a slash, else in the absolute folders of PATH. path
 * has FILE_PATH_MAX bytes. 0, or the errno that running it would give.
 */
int spawn_find(const char *name, char *path);

/* Our environment, with this NAME=VALUE in the place of what NAME was. Freed with one free(); NULL:
 * no memory. */
const char **spawn_env(const char *assignment);

/*
 * Starts it. All other descriptors are closed in the child (fd_close_range), signal mask and
 * dispositions are reset, but TERM, INT and HUP stay ignored where we ignore them (signals_ignore).
 * ERR_OS; ERR_CONFIG when the program cannot be executed (errno's text in msg).
 */
int spawn_start(const struct spawn *s, pid_t *pid, struct err *err);

/* Waits, at most timeout_ms (-1: for ever), then kills it with SIGKILL and says so (ERR_TEMP).
 * *status as from waitpid. */
int spawn_wait(pid_t pid, int timeout_ms, int *status, struct err *err);

/* Somebody may want the child to get a signal while it runs. */
struct spawn_watch {
	int fd;                 /* readable: next is asked */
	int (*next)(void *arg); /* the signal; 0: none; -1: fd is to be looked at no more */
	void *arg;
	int kill_ms; /* so long after the first one, SIGKILL */
};

struct spawn_limit {
	int timeout_ms; /* -1: none */
	int term_ms;    /* after it SIGTERM, and SIGKILL so much later; 0: SIGKILL at once */
	const struct spawn_watch *watch; /* NULL: nobody */
};

/*
 * As spawn_wait, and meanwhile takes what the child writes to the read ends fd (-1: none; they
 * become non-blocking, and stay the caller's) into to, each up to its maximum; the rest is read and
 * dropped. Ends with the child itself, whoever else still holds the other ends. ERR_TEMP: it was
 * stopped; *status is set all the same.
 */
int spawn_collect(pid_t pid, const int fd[2], struct buf *const to[2],
	const struct spawn_limit *limit, int *status, struct err *err);

/* Runs argv with these octets as its input, kept in memory, and takes its stdout, at most out->max;
 * as spawn_capture. */
int spawn_filter(const char *const *argv, const void *in, size_t len, int timeout_ms,
	struct buf *out, int *status, struct err *err);

/* Runs argv with /dev/null as input and takes its stdout (at most out->max) and, if errbuf is not
 * NULL, its stderr. 0 when it ran and ended by itself; *status as from waitpid. */
int spawn_capture(const char *const *argv, int timeout_ms, struct buf *out, struct buf *errbuf,
	int *status, struct err *err);

#endif
