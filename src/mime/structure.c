/* SPDX-License-Identifier: ISC */
#include "mime/structure.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mime/charset.h"
#include "mime/mime.h"
#include "mime/source.h"

struct level { /* a multipart that is open */
	size_t part;
	bool opaque; /* its parts are not examined, only whether it has any */
	bool has_part;
	size_t len;
	char boundary[CTYPE_BOUNDARY_MAX + 1];
};

enum head_field { HEAD_OTHER, HEAD_TYPE, HEAD_CTE, HEAD_TYPE_AGAIN, HEAD_CTE_AGAIN };

struct scan {
	struct structure *s;
	struct level *level; /* STRUCTURE_DEPTH_MAX of them */
	size_t depth;
	size_t cur; /* the part that the current line belongs to */
	bool in_header;
	struct buf type, cte; /* raw values of the present part's fields */
	struct buf again;     /* value of a repeated field */
	bool have_type, have_cte;
	enum head_field field; /* the one that continuation lines belong to */
	size_t header_len;
	size_t types;    /* bytes of all types that are written anew */
	size_t line_len; /* of the present line, so far */
	unsigned prev_eol;
	bool last_blank; /* the present line's last octet is a blank */
	bool want_utf8;
	unsigned utf8_left;         /* continuation octets to come */
	uint8_t utf8_min, utf8_max; /* range of the next one */
};

/* Normalises a name: without case, hyphens and a plural s. */
static size_t bare_name(const char *p, size_t n, char *out, size_t size)
{
	size_t len = 0;

	for (; n > 0; p++, n--) {
		if (*p == '-' || *p == '"')
			continue;
		if (len + 1 == size)
			return 0;
		out[len++] = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	}
	if (len > 1 && out[len - 1] == 's')
		len--;
	out[len] = '\0';
	return len;
}

/* What some programs write for 7bit, 8bit and binary, which encode nothing; else CTE_OTHER. */
static enum part_cte odd_cte(const char *p, size_t n)
{
	char name[16];

	if (bare_name(p, n, name, sizeof(name)) == 0)
		return CTE_OTHER;
	if (strcmp(name, "7bit") == 0 || strcmp(name, "usascii") == 0)
		return CTE_7BIT;
	if (strcmp(name, "8bit") == 0 || strcmp(name, "utf8") == 0)
		return CTE_8BIT;
	return strcmp(name, "binary") == 0 ? CTE_BINARY : CTE_OTHER;
}

enum part_cte structure_cte(const char *value, bool *odd)
{
	static const struct {
		const char *name;
		enum part_cte cte;
	} known[] = {{"7bit", CTE_7BIT}, {"8bit", CTE_8BIT}, {"binary", CTE_BINARY},
		{"quoted-printable", CTE_QP}, {"base64", CTE_BASE64}};
	enum part_cte cte;
	size_t i, n;

	*odd = false;
	if (!value)
		return CTE_NONE;
	value += strspn(value, " \t\n");
	n = strcspn(value, " \t\n(;");
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (n == strlen(known[i].name) && strncasecmp(value, known[i].name, n) == 0)
			return known[i].cte;
	}
	if (n == 0)
		return CTE_NONE;
	cte = odd_cte(value, n);
	*odd = cte != CTE_OTHER;
	return cte;
}

static bool any_8bit(const uint8_t *p, size_t n)
{
	uint64_t w, all = 0;

	for (; n >= sizeof(w); n -= sizeof(w), p += sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		all |= w;
	}
	while (n > 0)
		all |= p[--n];
	return (all & 0x8080808080808080u) != 0;
}

static struct part *current_part(const struct scan *x)
{
	return &x->s->part[x->cur];
}

/* A new part, which begins at off. */
static int add_part(struct scan *x, enum part_kind kind, size_t parent, off_t off, struct err *err)
{
	struct structure *s = x->s;
	struct part *v;

	if (s->n == STRUCTURE_PARTS_MAX)
		return err_set(
			err, ERR_DATA, "the message has more than %d parts", STRUCTURE_PARTS_MAX);
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		v = reallocarray(s->part, s->room, sizeof(*v));
		if (!v)
			return err_set(err, ERR_OS, "out of memory");
		s->part = v;
	}
	s->part[s->n] = (struct part){.kind = kind,
		.head = off,
		.body = off,
		.end = off,
		.cte_start = off,
		.cte_end = off,
		.type_start = off,
		.type_end = off,
		.parent = parent};
	x->cur = s->n++;
	x->line_len = 0;
	x->prev_eol = 0;
	x->utf8_left = 0;
	x->want_utf8 = false;
	return 0;
}

/* The current part is a multipart: its preamble follows, or opaque content. */
static int open_multipart(struct scan *x, const struct ctype *ct, off_t body, struct err *err)
{
	struct level *l;
	int rc = 0;

	if (x->depth == STRUCTURE_DEPTH_MAX)
		return err_set(err, ERR_DATA, "the message's parts are nested more than %d deep",
			STRUCTURE_DEPTH_MAX);
	l = &x->level[x->depth++];
	*l = (struct level){.part = x->cur,
		.opaque = ctype_is(ct, "multipart", "signed"),
		.len = strlen(ct->boundary)};
	memcpy(l->boundary, ct->boundary, l->len + 1);
	current_part(x)->kind = l->opaque ? PART_OPAQUE : PART_MULTIPART;
	current_part(x)->digest = strcmp(ct->subtype, "digest") == 0;
	if (!l->opaque)
		rc = add_part(x, PART_JUNK, x->cur, body, err);
	x->want_utf8 = true;
	return rc;
}

/* A multipart without any part: its content is treated as text. */
static void take_for_text(struct part *p)
{
	p->kind = PART_LEAF;
	p->no_parts = p->text = true;
}

/*
 * Ends the innermost multipart, at its end or closing delimiter. Without any part, its preamble,
 * which is the current part, becomes its text.
 */
static void end_multipart(struct scan *x)
{
	const struct level *l = &x->level[--x->depth];
	struct part *p = &x->s->part[l->part];

	if (l->has_part)
		return;
	if (!l->opaque) {
		p->flaws = current_part(x)->flaws;
		p->end = current_part(x)->end;
		x->s->n = l->part + 1;
		x->cur = l->part;
	}
	take_for_text(p);
}

/* Records that a part's Content-Type is to be replaced by this text. */
static int replace_type(struct scan *x, struct part *p, const struct buf *text, struct err *err)
{
	x->types += text->len;
	if (x->types > STRUCTURE_TYPES_MAX)
		return err_set(err, ERR_DATA, "too many parts have an odd Content-Type");
	p->type = strdup(buf_str(text));
	return p->type ? 0 : err_set(err, ERR_OS, "out of memory");
}

/* Parses the type into ct, and records anything unusual. */
static int read_type(
	struct scan *x, struct part *p, const char *type, struct ctype *ct, struct err *err)
{
	struct buf fixed = BUF_INIT(2 * STRUCTURE_TYPES_MAX);
	char charset[CHARSET_NAME_MAX];
	int rc = ctype_read(type, ct, &fixed);

	if (rc == ERR_OS)
		err_set(err, ERR_OS, "out of memory");
	else if (rc < 0 && x->cur == 0)
		rc = err_set(err, ERR_DATA,
			"the field Content-Type cannot be read, or in more than one way");
	else if (rc < 0) /* carried as text */
		memcpy(ct->type, "multipart", 10);
	else if (ctype_param(rc == 1 ? buf_str(&fixed) : type, "charset", charset, sizeof(charset)))
		p->charset = charset_known(charset, strlen(charset));
	if (rc == 1)
		rc = replace_type(x, p, &fixed, err);
	buf_free(&fixed);
	return rc == -1 ? 0 : rc;
}

/* The header of the present part is complete, its body begins at body. type: NULL if there is none.
 */
static int classify(struct scan *x, const char *type, const char *cte, off_t body, struct err *err)
{
	struct part *p = current_part(x);
	bool digest = p->parent != x->cur && x->s->part[p->parent].digest;
	struct ctype ct;
	int rc;

	x->in_header = false;
	x->prev_eol = 0;
	p->body = p->end = body;
	p->cte = structure_cte(cte, &p->cte_odd);
	p->typed = type != NULL;
	x->want_utf8 = !type;
	if (!type)
		type = digest ? "message/rfc822" : "text/plain";
	rc = read_type(x, p, type, &ct, err);
	if (rc < 0)
		return rc;
	p->text = ctype_is(&ct, "text", NULL);
	p->guess = p->type && !p->charset && ctype_is(&ct, "text", "plain");
	p->pgp_version = ctype_is(&ct, "application", "pgp-encrypted");
	x->want_utf8 |= p->guess;
	if (ctype_is(&ct, "message", NULL)) {
		p->kind = PART_OPAQUE;
	} else if (ctype_is(&ct, "multipart", NULL) && ct.boundary[0] != '\0') {
		return open_multipart(x, &ct, body, err);
	} else if (ctype_is(&ct, "multipart", NULL)) {
		take_for_text(p);
		x->want_utf8 = true;
	}
	return 0;
}

/* Checks a complete repeated field: it must have the same value. */
static int end_repeated(struct scan *x, struct err *err)
{
	const bool type = x->field == HEAD_TYPE_AGAIN;

	if (!type && x->field != HEAD_CTE_AGAIN)
		return 0;
	x->field = HEAD_OTHER;
	if (!mime_same_text(buf_str(&x->again), buf_str(type ? &x->type : &x->cte)))
		return err_set(err, ERR_DATA, "a part of the message has two fields %s that differ",
			type ? "Content-Type" : "Content-Transfer-Encoding");
	current_part(x)->head_anew = true;
	return 0;
}

static int end_header(struct scan *x, off_t body, struct err *err)
{
	int rc = end_repeated(x, err);

	if (rc < 0)
		return rc;
	return classify(x, x->have_type ? buf_str(&x->type) : NULL,
		x->have_cte ? buf_str(&x->cte) : NULL, body, err);
}

static int begin_header(struct scan *x, size_t parent, off_t off, struct err *err)
{
	x->in_header = true;
	x->have_type = x->have_cte = false;
	x->field = HEAD_OTHER;
	x->header_len = 0;
	buf_reset(&x->type);
	buf_reset(&x->cte);
	return add_part(x, PART_LEAF, parent, off, err);
}

/* The buffer for the current field's value; NULL: it does not matter. */
static struct buf *value_of(struct scan *x)
{
	switch (x->field) {
	case HEAD_TYPE:
		return &x->type;
	case HEAD_CTE:
		return &x->cte;
	case HEAD_TYPE_AGAIN:
	case HEAD_CTE_AGAIN:
		return &x->again;
	case HEAD_OTHER:
		break;
	}
	return NULL;
}

static int begin_mime_field(
	struct scan *x, const struct line *l, size_t name, size_t colon, struct err *err)
{
	struct buf *b;
	int rc = end_repeated(x, err);

	if (rc < 0)
		return rc;
	x->field = HEAD_OTHER;
	if (name == 12 && strncasecmp((const char *)l->p, "Content-Type", name) == 0)
		x->field = x->have_type ? HEAD_TYPE_AGAIN : HEAD_TYPE;
	else if (name == 25 &&
		 strncasecmp((const char *)l->p, "Content-Transfer-Encoding", name) == 0)
		x->field = x->have_cte ? HEAD_CTE_AGAIN : HEAD_CTE;
	if (x->field == HEAD_TYPE)
		current_part(x)->type_start = l->off;
	else if (x->field == HEAD_CTE)
		current_part(x)->cte_start = l->off;
	x->have_type |= x->field == HEAD_TYPE;
	x->have_cte |= x->field == HEAD_CTE;
	b = value_of(x);
	if (!b)
		return 0;
	buf_reset(b);
	return buf_add(b, l->p + colon + 1, l->len - colon - 1);
}

static int continue_mime_field(struct scan *x, const struct line *l)
{
	struct buf *b = value_of(x);

	if (!b)
		return 0;
	return buf_addc(b, '\n') < 0 || buf_add(b, l->p, l->len) < 0 ? -1 : 0;
}

static void body_line(struct scan *x, const struct line *l);

static int header_line(struct scan *x, const struct line *l, struct err *err)
{
	size_t colon = 0, name;
	off_t next = l->off + (off_t)(l->len + l->eol);
	int rc;

	if (l->len == 0) {
		current_part(x)->blank = true;
		return end_header(x, next, err);
	}
	current_part(x)->head_anew |= any_8bit(l->p, l->len);
	x->header_len += l->len + l->eol;
	if (x->header_len > STRUCTURE_PART_HEADER_MAX || !l->first)
		return err_set(err, ERR_DATA, "the header of a part is larger than %d bytes",
			STRUCTURE_PART_HEADER_MAX);
	if (memchr(l->p, '\0', l->len) || memchr(l->p, '\r', l->len))
		return err_set(err, ERR_DATA, "the header of a part holds a NUL or a lone CR");
	if (mime_blank(l->p[0]) && x->header_len > l->len + l->eol) {
		rc = continue_mime_field(x, l);
	} else {
		name = mime_field_name(l->p, l->len, &colon);
		if (name == 0) { /* no field, no blank line: the body begins here */
			rc = end_header(x, l->off, err);
			if (rc == 0)
				body_line(x, l);
			return rc;
		}
		rc = begin_mime_field(x, l, name, colon, err);
	}
	if (x->field == HEAD_CTE)
		current_part(x)->cte_end = next;
	else if (x->field == HEAD_TYPE)
		current_part(x)->type_end = next;
	return rc == -1 ? err_set(err, ERR_OS, "out of memory") : rc;
}

/* Continues checking that the bytes are UTF-8 (RFC 3629); also detects a line end inside a
 * character. */
static bool utf8_go_on(struct scan *x, const uint8_t *p, size_t n)
{
	for (; n > 0; p++, n--) {
		if (x->utf8_left > 0) {
			if (*p < x->utf8_min || *p > x->utf8_max)
				return false;
			x->utf8_left--;
			x->utf8_min = 0x80;
			x->utf8_max = 0xbf;
		} else if (*p >= 0x80) {
			if (*p < 0xc2 || *p > 0xf4)
				return false;
			x->utf8_left = *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
			x->utf8_min = *p == 0xe0 ? 0xa0 : *p == 0xf0 ? 0x90 : 0x80;
			x->utf8_max = *p == 0xed ? 0x9f : *p == 0xf4 ? 0x8f : 0xbf;
		}
	}
	return true;
}

static void body_line(struct scan *x, const struct line *l)
{
	struct part *p = current_part(x);

	if (l->first)
		x->line_len = 0;
	x->line_len += l->len;
	if (any_8bit(l->p, l->len))
		p->flaws |= FLAW_8BIT;
	if (x->want_utf8 && (!utf8_go_on(x, l->p, l->len) || (l->eol && x->utf8_left > 0)))
		p->flaws |= FLAW_NOT_UTF8;
	if (memchr(l->p, '\0', l->len))
		p->flaws |= FLAW_NUL;
	if (memchr(l->p, '\r', l->len))
		p->flaws |= FLAW_CR;
	if (x->line_len > STRUCTURE_LINE_MAX)
		p->flaws |= FLAW_LONG;
	if (l->first && l->len >= 5 && memcmp(l->p, "From ", 5) == 0)
		p->flaws |= FLAW_FROM;
	if (l->len > 0 || l->first)
		x->last_blank = l->len > 0 && mime_blank(l->p[l->len - 1]);
	if (l->eol && x->last_blank)
		p->flaws |= FLAW_BLANK;
	p->end = l->off + (off_t)(l->len + l->eol);
	x->prev_eol = l->eol;
}

/* Ends the current part before the line at off. */
static int end_part(struct scan *x, off_t off, struct err *err)
{
	struct part *p;
	int rc = 0;

	if (x->in_header)
		rc = end_header(x, off, err);
	p = current_part(x);
	if (rc == 0 && x->prev_eol == 0 && x->last_blank && p->end > p->body)
		p->flaws |= FLAW_BLANK;
	if (rc == 0 && x->want_utf8 && x->utf8_left > 0)
		p->flaws |= FLAW_NOT_UTF8;
	x->last_blank = false;
	return rc;
}

/* The open multipart of which the line is a delimiter, innermost first: its level + 1, or 0. */
static size_t find_boundary(const struct scan *x, const struct line *l, bool *closes)
{
	size_t i, n;

	if (!l->first || l->len < 3 || l->p[0] != '-' || l->p[1] != '-')
		return 0;
	n = mime_rtrim(l->p, l->len) - 2;
	for (i = x->depth; i > 0; i--) {
		const struct level *v = &x->level[i - 1];

		if ((n != v->len && n != v->len + 2) || memcmp(l->p + 2, v->boundary, v->len) != 0)
			continue;
		*closes = n == v->len + 2;
		if (!*closes || memcmp(l->p + 2 + v->len, "--", 2) == 0)
			return i;
	}
	return 0;
}

static int boundary_line(
	struct scan *x, const struct line *l, size_t level, bool closes, struct err *err)
{
	off_t next = l->off + (off_t)(l->len + l->eol);
	struct level *v = &x->level[level - 1];
	size_t parent = v->part;
	unsigned eol = x->in_header ? 0 : x->prev_eol;
	int rc;

	if (level == x->depth && (v->opaque || (closes && !v->has_part))) {
		v->has_part |= !closes;
		if (closes)
			end_multipart(x);
		body_line(x, l);
		return 0;
	}
	rc = end_part(x, l->off, err);
	if (rc < 0)
		return rc;
	while (x->depth > level)
		end_multipart(x);
	current_part(x)->end -= eol; /* the line end before the boundary belongs to it */
	v->has_part = true;
	if (!closes)
		return begin_header(x, parent, next, err);
	end_multipart(x);
	return add_part(x, PART_JUNK, parent, next, err);
}

static int scan_lines(struct scan *x, struct lines *r, struct err *err)
{
	struct line l;
	bool closes = false;
	size_t level;
	int rc;

	while ((rc = lines_next(r, &l, err)) == 1) {
		level = find_boundary(x, &l, &closes);
		rc = 0;
		if (level > 0)
			rc = boundary_line(x, &l, level, closes, err);
		else if (x->in_header)
			rc = header_line(x, &l, err);
		else
			body_line(x, &l);
		if (rc < 0)
			return rc;
	}
	if (rc == 0)
		rc = end_part(x, r->off, err);
	while (rc == 0 && x->depth > 0)
		end_multipart(x);
	return rc;
}

/* Chooses the charset of text found in a multipart: the declared one, if it fits the content. */
static void choose_charset(struct part *p)
{
	const char *named = p->charset;

	if (!(p->flaws & FLAW_8BIT))
		p->charset = named ? named : "us-ascii";
	else if (!named || charset_is_7bit(named) || strncmp(named, "utf", 3) == 0)
		p->charset = p->flaws & FLAW_NOT_UTF8 ? "unknown-8bit" : "utf-8";
}

/* Whether it is sent unchanged: opaque, or in an unknown encoding. */
static bool goes_as_it_came(const struct part *p)
{
	return p->kind == PART_OPAQUE ||
	       (p->kind == PART_LEAF && !p->no_parts && p->cte == CTE_OTHER);
}

/* Whether its body is sent unchanged and is not 7-bit. */
static bool keeps_8bit(const struct part *p)
{
	return goes_as_it_came(p) && p->flaws & (FLAW_8BIT | FLAW_NUL);
}

/* Marks the multiparts that contain opaque content that is not 7-bit, each once. */
static void mark_8bit(struct structure *s)
{
	size_t i, up;

	for (i = 1; i < s->n; i++) {
		if (!keeps_8bit(&s->part[i]))
			continue;
		up = s->part[i].parent;
		while (!s->part[up].holds_8bit) {
			s->part[up].holds_8bit = true;
			up = s->part[up].parent;
		}
	}
}

int structure_scan(struct structure *s, const struct message *m, struct err *err)
{
	struct scan x = {.s = s,
		.type = BUF_INIT(STRUCTURE_PART_HEADER_MAX),
		.cte = BUF_INIT(STRUCTURE_PART_HEADER_MAX),
		.again = BUF_INIT(STRUCTURE_PART_HEADER_MAX)};
	const char *type = message_field(m, "Content-Type");
	struct lines r;
	int rc;

	size_t i;

	*s = (struct structure){NULL, 0, 0};
	x.level = calloc(STRUCTURE_DEPTH_MAX, sizeof(*x.level));
	if (!x.level)
		return err_set(err, ERR_OS, "out of memory");
	lines_init(&r, m->src, m->body, m->src->size);
	rc = add_part(&x, PART_LEAF, 0, m->body, err);
	if (rc == 0)
		rc = classify(
			&x, type, message_field(m, "Content-Transfer-Encoding"), m->body, err);
	if (rc == 0)
		rc = scan_lines(&x, &r, err);
	lines_end(&r);
	buf_free(&x.type);
	buf_free(&x.cte);
	buf_free(&x.again);
	free(x.level);
	for (i = 0; i < s->n && rc == 0; i++) {
		if (s->part[i].no_parts || s->part[i].guess)
			choose_charset(&s->part[i]);
	}
	if (rc == 0)
		mark_8bit(s);
	else
		structure_free(s);
	return rc;
}

bool structure_is_7bit(const struct structure *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct part *p = &s->part[i];

		if (p->holds_8bit ||
			(goes_as_it_came(p) &&
				p->flaws & (FLAW_8BIT | FLAW_NUL | FLAW_CR | FLAW_LONG)))
			return false;
	}
	return true;
}

void structure_free(struct structure *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->part[i].type);
	free(s->part);
	*s = (struct structure){NULL, 0, 0};
}

const char *structure_implied_type(const struct part *part)
{
	if (!(part->flaws & FLAW_8BIT))
		return "text/plain; charset=us-ascii";
	return part->flaws & FLAW_NOT_UTF8 ? "text/plain; charset=unknown-8bit"
					   : "text/plain; charset=utf-8";
}
