#include "mime/lines.h"

#include <string.h>

void lines_init(struct lines *r, const struct source *src, off_t off, off_t end)
{
	r->src = src;
	r->off = off;
	r->end = end < src->size ? end : src->size;
	r->pos = r->n = 0;
	r->begun = false;
}

void lines_end(struct lines *r)
{
	explicit_bzero(r->b, sizeof(r->b));
	r->pos = r->n = 0;
}

/* Fills the buffer behind what is still there. 1: more came; 0: the stretch has no more. */
static int fill(struct lines *r, struct err *err)
{
	off_t at = r->off + (off_t)(r->n - r->pos), left = r->end - at;
	size_t room;
	ssize_t got;

	memmove(r->b, r->b + r->pos, r->n - r->pos);
	r->n -= r->pos;
	r->pos = 0;
	room = sizeof(r->b) - r->n;
	if ((off_t)room > left)
		room = left > 0 ? (size_t)left : 0;
	if (room == 0)
		return 0;
	got = source_read(r->src, at, r->b + r->n, room, err);
	if (got < 0)
		return ERR_IO;
	r->n += (size_t)got;
	return got > 0;
}

/* Gives out the next len octets of content and the line end behind them. */
static int give(struct lines *r, struct line *l, size_t len, unsigned eol)
{
	l->p = r->b + r->pos;
	l->len = len;
	l->eol = eol;
	l->first = !r->begun;
	l->off = r->off;
	r->begun = eol == 0;
	r->pos += len + eol;
	r->off += (off_t)(len + eol);
	l->last = eol > 0 || r->off >= r->end;
	return 1;
}

int lines_next(struct lines *r, struct line *l, struct err *err)
{
	const uint8_t *lf = NULL;
	size_t seen = 0, n;
	int rc;

	for (;;) {
		n = r->n - r->pos;
		if (n > seen)
			lf = memchr(r->b + r->pos + seen, '\n', n - seen);
		if (lf || n == sizeof(r->b))
			break;
		seen = n;
		rc = fill(r, err);
		if (rc < 0)
			return rc;
		if (rc == 0 && n == 0)
			return 0;
		if (rc == 0)
			return give(r, l, n, 0);
	}
	if (!lf) /* a CR at the end may belong to the line end */
		return give(r, l, r->b[r->n - 1] == '\r' ? n - 1 : n, 0);
	n = (size_t)(lf - (r->b + r->pos));
	if (n > 0 && lf[-1] == '\r')
		return give(r, l, n - 1, 2);
	return give(r, l, n, 1);
}
