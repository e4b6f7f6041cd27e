/* Lines of a stretch of a source, in bounded memory. A line ends with LF or CRLF; a lone CR is
 * content. */
#ifndef SEALPOST_LINES_H
#define SEALPOST_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mime/source.h"

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
