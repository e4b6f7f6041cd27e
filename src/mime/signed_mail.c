/* SPDX-License-Identifier: ISC */
#include "mime/signed_mail.h"

#include <stdlib.h>
#include <string.h>

#include "mime/ctype.h"

/* Where the reading is. */
enum signed_place { BEFORE_FIRST, IN_DATA, SIG_HEADER, IN_SIG, BEHIND };

struct signed_reader {
	const char *boundary;
	enum signed_place place;
	bool open; /* the last line of the data was given without its end */
	struct buf *data, *sig;
};

/* 1: a delimiter; 2: the last one; 0: neither. */
static int delimiter_kind(const struct signed_reader *r, const struct line *l)
{
	size_t n = strlen(r->boundary), len = l->len;

	if (!l->first || !l->last || len < n + 2 || memcmp(l->p, "--", 2) != 0 ||
		memcmp(l->p + 2, r->boundary, n) != 0)
		return 0;
	while (len > n + 2 && (l->p[len - 1] == ' ' || l->p[len - 1] == '\t'))
		len--;
	if (len == n + 2)
		return 1;
	return len == n + 4 && memcmp(l->p + n + 2, "--", 2) == 0 ? 2 : 0;
}

static int at_delimiter(struct signed_reader *r, int kind)
{
	switch (r->place) {
	case BEFORE_FIRST:
		r->place = IN_DATA;
		return kind == 1 ? 0 : -1;
	case IN_DATA:
		r->place = SIG_HEADER;
		return kind == 1 ? 0 : -1;
	case SIG_HEADER:
	case IN_SIG:
		r->place = BEHIND;
		return kind == 2 ? 0 : -1; /* there are two parts */
	case BEHIND:
		break;
	}
	return 0;
}

static int add_signed_line(struct signed_reader *r, const struct line *l)
{
	int rc = 0;

	if (r->place == SIG_HEADER && l->first && l->last && l->len == 0)
		r->place = IN_SIG;
	if (r->place == IN_SIG) {
		rc = buf_add(r->sig, l->p, l->len);
		if (rc == 0 && l->last)
			rc = buf_addc(r->sig, '\n');
	} else if (r->place == IN_DATA) {
		/* The line end before the delimiter is the delimiter's. */
		if (r->open)
			rc = buf_adds(r->data, "\r\n");
		if (rc == 0)
			rc = buf_add(r->data, l->p, l->len);
		r->open = l->last;
	}
	return rc;
}

static int read_signed(struct signed_reader *r, const struct message *m, struct err *err)
{
	struct lines *lines = malloc(sizeof(*lines));
	struct line l;
	int kind, rc = 1;

	if (!lines)
		return err_set(err, ERR_OS, "out of memory");
	lines_init(lines, m->src, m->body, m->src->size);
	while (rc == 1 && (rc = lines_next(lines, &l, err)) == 1) {
		kind = delimiter_kind(r, &l);
		if (kind > 0 && at_delimiter(r, kind) < 0)
			rc = err_set(err, ERR_DATA, "it is not signed as RFC 3156 has it");
		else if (kind == 0 && add_signed_line(r, &l) < 0)
			rc = err_set(err, ERR_DATA, "what is signed is too large");
	}
	lines_end(lines);
	free(lines);
	if (rc == 0 && r->place != BEHIND)
		rc = err_set(err, ERR_DATA, "it is not signed as RFC 3156 has it");
	return rc < 0 ? rc : 1;
}

int signed_mail(const struct message *m, struct buf *data, struct buf *sig, struct err *err)
{
	const char *field = message_field(m, "Content-Type");
	struct signed_reader r = {.data = data, .sig = sig};
	struct ctype ct;

	if (!field || ctype_parse(field, &ct) < 0 || !ctype_is(&ct, "multipart", "signed") ||
		strcmp(ct.protocol, "application/pgp-signature") != 0 || ct.boundary[0] == '\0')
		return 0;
	r.boundary = ct.boundary;
	return read_signed(&r, m, err);
}
