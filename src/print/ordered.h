/* SPDX-License-Identifier: ISC */
/* Texts that are finished in any order and printed in theirs, each as soon as all before it are
 * there. */
#ifndef SEALPOST_ORDERED_H
#define SEALPOST_ORDERED_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define ORDERED_MEMORY_MAX                                                                         \
	(16u << 20) /* octets that wait in memory; the rest waits in a file without a name */

struct ordered_text {
	char *text; /* owned; NULL: in the file, or not there */
	off_t at;
	size_t len;
	int fd; /* where it goes; -1: not finished */
};

struct ordered {
	struct ordered_text *v; /* owned; n of them */
	size_t n, next;
	size_t held; /* octets in memory */
	int file;    /* -1: none yet */
	off_t end;
};

/* 0 or ERR_OS. ordered_free in both cases. */
int ordered_init(struct ordered *o, size_t n, struct err *err);
void ordered_free(struct ordered *o);

/*
 * Text i is finished: printed to fd in its turn. text is malloc'ed and now o's, on failure too.
 * ERR_IO: fd, or the file, cannot be written.
 */
int ordered_put(struct ordered *o, size_t i, int fd, char *text, size_t len, struct err *err);

#endif
