/*
 * The message as it came. From a regular file it is re-read where it lies (memory does not grow
 * with it); from a pipe or terminal it is held in memory up to a maximum, never on disk, and
 * cleared after.
 */
#ifndef SEALPOST_SOURCE_H
#define SEALPOST_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"

struct source {
	int fd;                /* regular file, borrowed; -1: mem */
	off_t start;           /* of the message in the file (after an mbox From line) */
	off_t size;            /* octets of the message */
	struct buf mem;        /* secret */
	struct timespec mtime; /* of the file when it was opened */
	off_t file_size;
};

struct source_opts {
	size_t max; /* octets held from a pipe; more is ERR_DATA */
	bool dots;  /* sendmail without -i: see source_open */
};

/*
 * Begins at fd's current offset. Drops a leading mbox "From " line. With dots, a line that holds
 * only a dot ends the message on a terminal (and reading stops there), and is left out where it is
 * the very last line of a file or pipe; anywhere else it is text. ERR_DATA, ERR_IO; nothing is left
 * to close then.
 */
int source_open(struct source *s, int fd, const struct source_opts *opts, struct err *err);
/* Reads up to n octets at off. Returns their number (0 at the end), or -1 (ERR_IO). */
ssize_t source_read(const struct source *s, off_t off, void *p, size_t n, struct err *err);
/* 0 while the file is as it was when it was opened, else ERR_IO: what was read of it may not fit
 * together. */
int source_unchanged(const struct source *s, struct err *err);
void source_close(struct source *s); /* fd stays open: it is the caller's */

#endif
