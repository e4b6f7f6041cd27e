/* SPDX-License-Identifier: ISC */
/* The only place that starts programs: by argv, never through a shell; exec's errno is returned to
 * the caller.
 */
#ifndef SEALPOST_SPAWN_H
#define SEALPOST_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define SPAWN_IN_BESIDE_SOCKET 4
#define SPAWN_SETTINGS 5

struct spawn {
	const char *const
		*argv; /* argv[0] is searched in PATH unless it contains a slash; NULL-terminated */
	const char *const *env; /* NULL: inherited */
	int in, out, errout;    /* descriptors for 0, 1, 2; -1: /dev/null */
	int keep;               /* an extra descriptor, passed to the child as 3; -1: none */
	const char *dir;        /* working folder; NULL: unchanged */
	/* A connected socket that is all the program may talk to, 0: none. It becomes 0 and passes
	 * for any socket that the program makes (sandbox_one_socket); in becomes
	 * SPAWN_IN_BESIDE_SOCKET. */
	int socket;
	int settings; /* one more, passed to the child as SPAWN_SETTINGS; 0: none */
	const struct sandbox_wall *wall; /* is entered before the program starts; NULL: none */
	bool stays; /* keeps running when this process ends; otherwise it is killed then (or when
		       the thread that started it ends) */
};

/*
 * Finds the program argv[0]: name itself if it contains a slash, else in the absolute folders of
 * PATH. path has FILE_PATH_MAX bytes. 0, or the errno that running it would give.
 */
int spawn_find(const char *name, char *path);

/* This process's environment with NAME=VALUE added or replaced. Freed with one free(); NULL if
 * memory is short. */
const char **spawn_env(const char *assignment);

/*
 * Starts it. All other descriptors are closed in the child (fd_close_range), signal mask and
 * dispositions are reset, except that TERM, INT and HUP stay ignored if they are (signals_ignore).
 * ERR_OS; ERR_CONFIG if the program cannot be executed (msg has errno's text).
 */
int spawn_start(const struct spawn *s, pid_t *pid, struct err *err);

/* Waits for the child for at most timeout_ms (-1: no limit), then kills it with SIGKILL and returns
 * ERR_TEMP. *status as from waitpid. */
int spawn_wait(pid_t pid, int timeout_ms, int *status, struct err *err);

/* Lets the caller send the child signals while it runs. */
struct spawn_watch {
	int fd;                 /* readable: next is asked */
	int (*next)(void *arg); /* returns the signal; 0: none; -1: stop watching fd */
	void *arg;
	int kill_ms; /* SIGKILL is sent this long after the first signal */
};

struct spawn_limit {
	int timeout_ms; /* -1: none */
	int term_ms; /* SIGTERM is sent after the time-out, and SIGKILL this much later; 0: SIGKILL
			at once */
	const struct spawn_watch *watch; /* NULL: nobody */
	bool words; /* what it writes is for a person, and decides nothing: no failure if some of it
		       cannot be read */
};

/*
 * Like spawn_wait, but also collects the child's output from the read ends fd (-1: none; they
 * become non-blocking and remain the caller's) into to, each up to its maximum; the rest is read
 * and discarded. Returns when the child ends, even if another process still holds the write ends.
 * ERR_TEMP: it was to be stopped; *status is set all the same, unless it could not be killed.
 * ERR_OS: its status cannot be told, or its output could not be read whole.
 */
int spawn_collect(pid_t pid, const int fd[2], struct buf *const to[2],
	const struct spawn_limit *limit, int *status, struct err *err);

/* Like spawn_capture, but argv reads these bytes as its input, from memory. */
int spawn_filter(const char *const *argv, const void *in, size_t len, int timeout_ms,
	struct buf *out, int *status, struct err *err);

/*
 * The same in two steps, so that several can run at once: each that was started is to be ended.
 * Output beyond SPAWN_FILTER_PIPE waits until it is. in is copied. timeout_ms is counted from the
 * call of spawn_filter_end.
 */
#define SPAWN_FILTER_PIPE (1 << 20)
struct spawn_filter {
	int socket; /* as struct spawn's, to begin with */
	pid_t pid;
	int fd;
	int in; /* of one that waits for its input; else -1 */
};
int spawn_filter_start(struct spawn_filter *f, const char *const *argv, const void *in, size_t len,
	struct err *err);
/*
 * Like spawn_filter_start, but in is NULL: argv runs already, and its input comes later, by
 * spawn_filter_give. One that fails, or gets none, is to be ended by spawn_filter_drop, which stops
 * it. spawn_filter_give never waits: ERR_OS if len is more than a pipe holds here, or argv ended.
 */
int spawn_filter_give(struct spawn_filter *f, const void *in, size_t len, struct err *err);
void spawn_filter_drop(struct spawn_filter *f);
int spawn_filter_end(
	struct spawn_filter *f, int timeout_ms, struct buf *out, int *status, struct err *err);

/* Runs argv with /dev/null as input and collects its stdout (at most out->max) and, if errbuf is
 * not NULL, its stderr. 0 if it ran and ended by itself; *status as from waitpid. */
int spawn_capture(const char *const *argv, int timeout_ms, struct buf *out, struct buf *errbuf,
	int *status, struct err *err);

#endif
