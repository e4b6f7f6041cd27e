/* SPDX-License-Identifier: ISC */
#include "mime/source.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/file.h"
#include "mime/mime.h"

/* Finds a line consisting of a dot in terminal input, across reads. */
struct dot {
	enum { DOT_LINE_START, DOT_DOT, DOT_CR, DOT_OTHER } state;
	off_t at; /* of the dot that may end the message */
};

/* The end of the message within the n bytes at offset off, or -1 if it continues. */
static off_t dot_find(struct dot *d, const uint8_t *p, size_t n, off_t off)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (d->state == DOT_OTHER) { /* nearly always: go to the next line */
			const uint8_t *lf = memchr(p + i, '\n', n - i);

			if (!lf)
				return -1;
			i = (size_t)(lf - p);
			d->state = DOT_LINE_START;
		} else if (d->state == DOT_LINE_START) {
			d->state = p[i] == '.'    ? DOT_DOT
				   : p[i] == '\n' ? DOT_LINE_START
						  : DOT_OTHER;
			d->at = off + (off_t)i;
		} else if (p[i] == '\n') {
			return d->at;
		} else {
			d->state = d->state == DOT_DOT && p[i] == '\r' ? DOT_CR : DOT_OTHER;
		}
	}
	return -1;
}

#define LINE_TEXT (SOURCE_LINE / 3 * 4 + 1) /* of a whole line of base64, its LF included */
#define READ_LINES 256

/* How much it gives out. */
static off_t part_length(const struct source_part *p)
{
	off_t rest = p->size % SOURCE_LINE;

	if (!p->base64)
		return p->size;
	return p->size / SOURCE_LINE * LINE_TEXT + (rest > 0 ? (rest + 2) / 3 * 4 + 1 : 0);
}

void source_join(struct source *s, const struct source_part *part, size_t n)
{
	size_t i;

	*s = (struct source){.fd = -1, .part = part, .n_part = n};
	for (i = 0; i < n; i++)
		s->size += part_length(&part[i]);
}

/* Whoever writes the file may have ended by then. */
static int source_changed(const char *how, struct err *err)
{
	err_set(err, ERR_IO, "the message %s while it was read", how);
	err_hint(err, "nothing was sent; send it again");
	return ERR_IO;
}

/* All n octets, which are there. */
static int read_fully(const struct source *s, off_t off, uint8_t *p, size_t n, struct err *err)
{
	ssize_t got;

	for (; n > 0; n -= (size_t)got, p += got, off += got) {
		got = source_read(s, off, p, n, err);
		if (got <= 0)
			return got < 0 ? ERR_IO : source_changed("became shorter", err);
	}
	return 0;
}

/* Some of what a part gives out in base64, from off on: at least one octet. */
static ssize_t read_base64(
	const struct source_part *p, off_t off, void *out, size_t n, struct err *err)
{
	uint8_t raw[READ_LINES * SOURCE_LINE];
	char text[READ_LINES * LINE_TEXT];
	off_t at = off / LINE_TEXT * SOURCE_LINE;
	size_t skip = (size_t)(off % LINE_TEXT), len = 0, i, take;
	size_t have = p->size - at < (off_t)sizeof(raw) ? (size_t)(p->size - at) : sizeof(raw);
	ssize_t rc;

	if (have > ((n + skip) / LINE_TEXT + 1) * SOURCE_LINE)
		have = ((n + skip) / LINE_TEXT + 1) * SOURCE_LINE;
	rc = read_fully(p->src, p->from + at, raw, have, err);
	for (i = 0; rc == 0 && i < have; i += take) {
		take = have - i < SOURCE_LINE ? have - i : SOURCE_LINE;
		len += base64_line(text + len, raw + i, take);
		text[len++] = '\n';
	}
	if (rc == 0) {
		rc = (ssize_t)(n < len - skip ? n : len - skip);
		memcpy(out, text + skip, (size_t)rc);
	}
	explicit_bzero(raw, sizeof(raw));
	explicit_bzero(text, sizeof(text));
	return rc < 0 ? -1 : rc;
}

/* Of the part that holds off. */
static ssize_t read_source_part(
	const struct source *s, off_t off, void *p, size_t n, struct err *err)
{
	const struct source_part *part = s->part;
	off_t length;

	for (; off >= (length = part_length(part)); part++)
		off -= length;
	if ((off_t)n > length - off)
		n = (size_t)(length - off);
	return part->base64 ? read_base64(part, off, p, n, err)
			    : source_read(part->src, part->from + off, p, n, err);
}

ssize_t source_read(const struct source *s, off_t off, void *p, size_t n, struct err *err)
{
	ssize_t got;

	if (off < 0 || off >= s->size)
		return 0;
	if ((off_t)n > s->size - off)
		n = (size_t)(s->size - off);
	if (s->part)
		return read_source_part(s, off, p, n, err);
	if (s->fd < 0) {
		memcpy(p, s->mem.p + s->start + off, n);
		return (ssize_t)n;
	}
	do
		got = pread(s->fd, p, n, s->start + off);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		err_set(err, ERR_IO, "the message cannot be read: %s", strerror(errno));
	if (got == 0)
		got = source_changed("became shorter", err);
	return got < 0 ? -1 : got;
}

static int beyond_max(size_t max, struct err *err)
{
	int rc = err_too_large(err, ERR_DATA, "the message is larger than %zu bytes", max);

	if (rc == ERR_DATA)
		err_hint(err, "raise max-message in the configuration, or have standard input be a "
			      "file: of these none is too large");
	return rc;
}

/* Reads to the end, or to the line with the dot (dot_ends). */
static int read_all(struct source *s, int fd, bool dot_ends, struct err *err)
{
	struct dot dot = {.state = DOT_LINE_START};
	uint8_t chunk[16384];
	off_t end = -1;
	ssize_t n;
	int rc = 0;

	do {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && fd_again(fd, POLLIN))
			continue;
		if (n < 0)
			rc = err_set(
				err, ERR_IO, "the message cannot be read: %s", strerror(errno));
		else if (dot_ends && n > 0)
			end = dot_find(&dot, chunk, (size_t)n, (off_t)s->mem.len);
		if (n > 0 && buf_add(&s->mem, chunk, (size_t)n) < 0)
			rc = beyond_max(s->mem.max, err);
	} while (rc == 0 && n != 0 && end < 0);
	explicit_bzero(chunk, sizeof(chunk));
	s->size = end < 0 ? (off_t)s->mem.len : end;
	return rc;
}

/* Drops the last line if it consists of a dot, with any line end or none. */
static int drop_last_dot(struct source *s, struct err *err)
{
	char tail[4]; /* LF, dot, CR, LF */
	off_t from = s->size > (off_t)sizeof(tail) ? s->size - (off_t)sizeof(tail) : 0;
	ssize_t n = source_read(s, from, tail, sizeof(tail), err);
	size_t at = n > 0 ? (size_t)n : 0;

	if (n < 0)
		return ERR_IO;
	if (at > 0 && tail[at - 1] == '\n')
		at--;
	if (at > 0 && tail[at - 1] == '\r')
		at--;
	if (at > 0 && tail[at - 1] == '.' && (at > 1 ? tail[at - 2] == '\n' : from == 0))
		s->size = from + (off_t)at - 1;
	explicit_bzero(tail, sizeof(tail));
	return 0;
}

static int open_mail_file(struct source *s, int fd, const struct stat *st, struct err *err)
{
	s->start = lseek(fd, 0, SEEK_CUR);
	if (s->start < 0)
		return err_set(err, ERR_IO, "the message cannot be read: %s", strerror(errno));
	s->fd = fd;
	s->mtime = st->st_mtim;
	s->file_size = st->st_size;
	s->size = st->st_size > s->start ? st->st_size - s->start : 0;
	return 0;
}

/* Skips the separator line of an mbox file. "From :" is a field (RFC 5322 section 4.5.8).
 */
static int drop_mbox_line(struct source *s, struct err *err)
{
	struct lines r;
	struct line l;
	off_t skip = 0;
	size_t colon;
	int rc;

	lines_init(&r, s, 0, s->size);
	rc = lines_next(&r, &l, err);
	if (rc == 1 && l.len >= 5 && memcmp(l.p, "From ", 5) == 0 &&
		mime_field_name(l.p, l.len, &colon) == 0) {
		while (rc == 1 && l.eol == 0)
			rc = lines_next(&r, &l, err);
		skip = r.off;
	}
	lines_end(&r);
	s->start += skip;
	s->size -= skip;
	s->mbox = skip > 0;
	return rc < 0 ? rc : 0;
}

int source_one_mail(const struct source *s, struct err *err)
{
	bool empty = false;
	struct lines r;
	struct line l;
	int rc = 1;

	if (!s->mbox)
		return 0;
	lines_init(&r, s, 0, s->size);
	while (rc == 1 && (rc = lines_next(&r, &l, err)) == 1) {
		if (empty && l.first && mime_mbox_line(l.p, l.len))
			rc = err_set(err, ERR_DATA,
				"is an mbox of several mails: give it as a Maildir, or mail by "
				"mail");
		empty = l.first && l.len == 0;
	}
	lines_end(&r);
	return rc;
}

int source_open(struct source *s, int fd, const struct source_opts *opts, struct err *err)
{
	struct stat st;
	int rc;

	*s = (struct source){.fd = -1, .mem = BUF_INIT_SECRET(opts->max)};
	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_IO, "the message cannot be read: %s", strerror(errno));
	rc = S_ISREG(st.st_mode) ? open_mail_file(s, fd, &st, err)
				 : read_all(s, fd, opts->dots && isatty(fd), err);
	if (rc == 0 && opts->dots)
		rc = drop_last_dot(s, err);
	if (rc == 0)
		rc = drop_mbox_line(s, err);
	if (rc < 0)
		source_close(s);
	return rc;
}

int source_unchanged(const struct source *s, struct err *err)
{
	struct stat st;
	size_t i;
	int rc = 0;

	for (i = 0; i < s->n_part && rc == 0; i++)
		rc = source_unchanged(s->part[i].src, err);
	if (s->fd < 0)
		return rc;
	if (fstat(s->fd, &st) < 0)
		return err_set(err, ERR_IO, "the message cannot be read: %s", strerror(errno));
	if (st.st_size != s->file_size || st.st_mtim.tv_sec != s->mtime.tv_sec ||
		st.st_mtim.tv_nsec != s->mtime.tv_nsec)
		return source_changed("was changed", err);
	return 0;
}

void source_close(struct source *s)
{
	buf_free(&s->mem);
	s->fd = -1;
	s->size = 0;
}

void lines_init(struct lines *r, const struct source *src, off_t off, off_t end)
{
	r->src = src;
	r->off = off;
	r->end = end < src->size ? end : src->size;
	r->pos = r->n = r->used = 0;
	r->begun = false;
}

void lines_end(struct lines *r)
{
	explicit_bzero(r->b, r->used);
	r->pos = r->n = r->used = 0;
}

/* Fills the buffer after the remaining data. 1: more was read; 0: end of the range. */
static int fill_lines(struct lines *r, struct err *err)
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
	if (r->used < r->n)
		r->used = r->n;
	return got > 0;
}

/* Returns the next len bytes of content and the line end after them. */
static int give_line(struct lines *r, struct line *l, size_t len, unsigned eol)
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
		rc = fill_lines(r, err);
		if (rc < 0)
			return rc;
		if (rc == 0 && n == 0)
			return 0;
		if (rc == 0)
			return give_line(r, l, n, 0);
	}
	if (!lf) /* a CR at the end may belong to the line end */
		return give_line(r, l, r->b[r->n - 1] == '\r' ? n - 1 : n, 0);
	n = (size_t)(lf - (r->b + r->pos));
	if (n > 0 && lf[-1] == '\r')
		return give_line(r, l, n - 1, 2);
	return give_line(r, l, n, 1);
}
