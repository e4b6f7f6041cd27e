/* SPDX-License-Identifier: ISC */
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

/* Lines of a stretch of a source, in bounded memory. A line ends with LF or CRLF; a lone CR is
 * content. */

#define LINES_BUFFER 65536 /* a line up to this long comes in one piece */

struct lines {
	const struct source *src;
	off_t off; /* in src, of the next octet to be given out */
	off_t end; /* where the stretch ends */
	size_t pos, n;
	bool begun; /* the next piece goes on with a line */
	uint8_t b[LINES_BUFFER];
};

struct line { /* a line, or a piece of a very long one; borrowed until the next call */
	const uint8_t *p;
	size_t len;   /* without the line end */
	unsigned eol; /* 0: the line goes on, or the stretch ends here; 1: LF; 2: CRLF */
	bool first;   /* the line begins here */
	bool last;    /* ... ends here, or the stretch does */
	off_t off;    /* of p in the source */
};

/* Gives out [off, end). */
void lines_init(struct lines *r, const struct source *src, off_t off, off_t end);
/* 1: got one; 0: end; ERR_IO. */
int lines_next(struct lines *r, struct line *l, struct err *err);
/* Clears what was held. */
void lines_end(struct lines *r);

#endif
