/* SPDX-License-Identifier: ISC */
/*
 * The message as received. A regular file is re-read in place (memory does not grow with its size);
 * from a pipe or terminal the message is kept in memory up to a maximum, never on disk, and cleared
 * afterwards.
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

#define SOURCE_LINE 57 /* bytes of a line of base64 */

/* A piece of a source that consists of pieces of others. */
struct source_part {
	const struct source *src; /* borrowed */
	off_t from, size;         /* of src */
	bool base64;              /* encoded, in lines that end with LF */
};

struct source {
	int fd;                /* regular file, borrowed; -1: mem */
	off_t start;           /* of the message in the file (after an mbox From line) */
	off_t size;            /* bytes of the message */
	struct buf mem;        /* secret */
	struct timespec mtime; /* of the file when it was opened */
	off_t file_size;
	bool mbox;                      /* such a line was skipped */
	const struct source_part *part; /* not NULL: it consists of these, borrowed */
	size_t n_part;
};

struct source_opts {
	size_t max; /* bytes kept from a pipe; more is ERR_DATA */
	bool dots;  /* sendmail without -i: see source_open */
};

/*
 * Starts at fd's current offset. Skips a leading mbox "From " line. With dots, a line consisting of
 * a dot ends the message on a terminal (and reading stops there), and is dropped if it is the very
 * last line of a file or pipe; anywhere else it is text. ERR_DATA, ERR_IO; then there is nothing to
 * close.
 */
int source_open(struct source *s, int fd, const struct source_opts *opts, struct err *err);
/* Makes *s the concatenation of the parts. Nothing is copied: the parts and their sources must stay
 * unchanged for as long as s is used. */
void source_join(struct source *s, const struct source_part *part, size_t n);
/* Reads up to n bytes at off. Returns their number (0 at the end), or -1 (ERR_IO). */
ssize_t source_read(const struct source *s, off_t off, void *p, size_t n, struct err *err);
/* ERR_DATA if it began with an mbox line and another such line, behind an empty one, follows: read
 * as one mail, the others would be lost. */
int source_one_mail(const struct source *s, struct err *err);
/* 0 if the file has not changed since it was opened, else ERR_IO: the data read may be
 * inconsistent. */
int source_unchanged(const struct source *s, struct err *err);
void source_close(struct source *s); /* fd stays open; the caller owns it */

/* Reads the lines of a range of a source in bounded memory. A line ends with LF or CRLF; a lone CR
 * is content. */

#define LINES_BUFFER 65536 /* a line up to this length is returned in one piece */

struct lines {
	const struct source *src;
	off_t off; /* in src, of the next byte to be returned */
	off_t end; /* end of the range */
	size_t pos, n;
	size_t used; /* bytes of b that were written */
	bool begun;  /* the next piece continues a line */
	uint8_t b[LINES_BUFFER];
};

struct line { /* a line, or a piece of a very long one; borrowed until the next call */
	const uint8_t *p;
	size_t len;   /* without the line end */
	unsigned eol; /* 0: the line continues, or the range ends here; 1: LF; 2: CRLF */
	bool first;   /* the line starts here */
	bool last;    /* ... ends here, or the range does */
	off_t off;    /* of p in the source */
};

/* Starts reading [off, end). */
void lines_init(struct lines *r, const struct source *src, off_t off, off_t end);
/* 1: got one; 0: end; ERR_IO. */
int lines_next(struct lines *r, struct line *l, struct err *err);
/* Clears the buffer. */
void lines_end(struct lines *r);

#endif
