/* SPDX-License-Identifier: ISC */
/*
 * Errors: a code and one complete sentence. Libraries fill a struct err once, where it failed, and
 * return its code; only src/ prints. The codes are negated sysexits(3), so that the exit status of
 * a failure is -code.
 */
#ifndef SEALPOST_ERR_H
#define SEALPOST_ERR_H

enum err_code {
	ERR_NONE = 0,
	ERR_USAGE = -64,    /* command line */
	ERR_DATA = -65,     /* message or input cannot be parsed */
	ERR_NOHOST = -68,   /* the domain takes no mail */
	ERR_POLICY = -69,   /* policy refuses */
	ERR_INTERNAL = -70, /* a check of our own failed; never send after it */
	ERR_OS = -71,       /* fork, pipe, memory... */
	ERR_CREATE = -73,   /* cannot create state */
	ERR_IO = -74,       /* read or write failed */
	ERR_TEMP = -75,     /* cannot tell now; try again */
	ERR_CONFLICT = -77, /* differs from the pin */
	ERR_CONFIG = -78,   /* configuration or installation */
};

#define ERR_MSG_MAX 1024
#define ERR_HINT_MAX 512

struct err {
	enum err_code code;
	char msg[ERR_MSG_MAX];   /* lower case, object first, reason second, no full stop */
	char hint[ERR_HINT_MAX]; /* the next command or setting, or "" */
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		.code = ERR_NONE                                                                   \
	}

/*
 * Sets err (may be NULL) and returns code. The message is cut at ERR_MSG_MAX. An earlier hint is
 * cleared.
 */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds the next thing to do to an error that has been set. */
void err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The exit status for a code: 0 for ERR_NONE, else 64 to 78. */
int err_exit(enum err_code code);

#endif
