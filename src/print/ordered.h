/* SPDX-License-Identifier: ISC */
/* Prints texts in order although they are completed in any order, each as soon as all before it are
 * printed. */
#ifndef SEALPOST_ORDERED_H
#define SEALPOST_ORDERED_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define ORDERED_MEMORY_MAX                                                                         \
	(16u << 20) /* bytes kept in memory; the rest is kept in an unnamed file */

struct ordered_text {
	char *text; /* owned; NULL: in the file, or not complete */
	off_t at;
	size_t len;
	int fd; /* output descriptor; -1: not complete */
};

struct ordered {
	struct ordered_text *v; /* owned; n of them */
	size_t n, next;
	size_t held; /* bytes in memory */
	int file;    /* -1: none yet */
	off_t end;
};

/* 0 or ERR_OS. ordered_free in both cases. */
int ordered_init(struct ordered *o, size_t n, struct err *err);
void ordered_free(struct ordered *o);

/*
 * Text i is complete: prints it to fd in its turn. Takes over text (malloc'ed), even on failure.
 * ERR_IO: fd, or the file, cannot be written.
 */
int ordered_put(struct ordered *o, size_t i, int fd, char *text, size_t len, struct err *err);

#endif
