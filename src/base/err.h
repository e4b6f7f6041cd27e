/* SPDX-License-Identifier: ISC */
/*
 * Errors: a code and one complete sentence. Functions fill a struct err once, at the point of
 * failure, and return its code; only the programs in src/ print it. The codes are negated
 * sysexits(3), so that the exit status of a failure is -code.
 */
#ifndef SEALPOST_ERR_H
#define SEALPOST_ERR_H

#include <stdbool.h>

enum err_code {
	ERR_NONE = 0,
	ERR_USAGE = -64,    /* command line */
	ERR_DATA = -65,     /* message or input cannot be parsed */
	ERR_NOHOST = -68,   /* the domain accepts no mail */
	ERR_POLICY = -69,   /* policy refuses */
	ERR_INTERNAL = -70, /* an internal consistency check failed; nothing may be sent after it */
	ERR_OS = -71,       /* fork, pipe, memory... */
	ERR_CREATE = -73,   /* cannot create state */
	ERR_IO = -74,       /* read or write failed */
	ERR_TEMP = -75,     /* temporary failure; try again */
	ERR_CONFLICT = -77, /* differs from the pin */
	ERR_CONFIG = -78,   /* configuration or installation */
};

#define ERR_MSG_MAX 1024
#define ERR_HINT_MAX 512

struct err {
	enum err_code code;
	char msg[ERR_MSG_MAX];   /* lower case, object first, reason second, no full stop */
	char hint[ERR_HINT_MAX]; /* the command or setting that helps, or "" */
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		.code = ERR_NONE                                                                   \
	}

/*
 * Sets err (may be NULL) and returns code. Truncates the message at ERR_MSG_MAX and clears any
 * earlier hint.
 */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds a hint (what to do next) to an error that has been set. */
void err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Whether a system call's errno speaks of the path that was named: it is not there, or not to be
 * used so. Any other one says that the machine failed, and nothing of the path.
 */
bool errno_is_of_path(int e);

/*
 * The code for a system call's errno: lasting if it speaks of the path; else ERR_OS or ERR_IO, so
 * that what was to be opened or run is not blamed.
 */
enum err_code err_of_errno(int e, enum err_code lasting);

/* If the error number says that a disk is full, the hint says so; err may be NULL. */
void err_hint_space(struct err *err, int e);

/* Sets err (may be NULL) to "PATH: ERRNO'S TEXT", with that hint, and returns err_of_errno(errno,
 * lasting). */
int err_path(struct err *err, enum err_code lasting, const char *path);

/* For a buffer that did not grow: "out of memory" and ERR_OS if errno says so, else as err_set. */
int err_too_large(struct err *err, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* For what is left out where it is too large, or damaged: 0, whatever rc says; but "out of memory"
 * and ERR_OS if rc is an error and errno says so. */
int err_left_out(int rc, struct err *err);

/* The exit status for a code: 0 for ERR_NONE, else 64 to 78. */
int err_exit(enum err_code code);

#endif
