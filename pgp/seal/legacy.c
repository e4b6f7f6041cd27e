/* SPDX-License-Identifier: ISC */
#include "pgp/seal/legacy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "mime/mime.h"
#include "mime/words.h"

#define TEXT_MAX 65536 /* octets of the lines, in UTF-8 */
#define ENCODED_MAX (16 * TEXT_MAX)
#define CHARSET_MAX 64
#define BASE64_LINE 76 /* RFC 2045 section 6.8 */

/* A part's own header. */
struct head {
	struct buf type, disposition;
	off_t type_start, type_end;
};

/* A field as it is read, in UTF-8 and on one line, appended as a line of the text. One that is no
 * text, or too long to be read, is not shown. */
static int add_line(struct buf *lines, const struct out_field *f)
{
	struct buf text = BUF_INIT_SECRET(TEXT_MAX / 64);
	int rc = words_decode(f->value, &text);

	if (rc == 0 && text.len > 0 && lines->len < TEXT_MAX / 2)
		rc = buf_addf(lines, "%s: %s\n", f->name, buf_str(&text));
	buf_free(&text);
	return rc == ERR_DATA ? 0 : rc;
}

/* Whether readers of protected-headers="v1" would not show what is hidden: they restore Subject. */
static bool needed(const struct outgoing *h)
{
	size_t i;

	for (i = 0; i < h->n && h->legacy == LEGACY_AUTO; i++) {
		if (h->v[i].own && hcp_user_facing(h->v[i].name))
			return true;
	}
	return h->legacy == LEGACY_YES;
}

int legacy_begin(struct legacy *l, const struct message *m, const struct structure *s,
	const struct outgoing *h, struct err *err)
{
	size_t i;
	int rc = 0;

	*l = (struct legacy){.m = m, .s = s, .h = h, .text = BUF_INIT_SECRET(TEXT_MAX)};
	if (h->mark != HP_CIPHER || !needed(h))
		return 0;
	for (i = 0; i < h->n && rc == 0; i++) {
		const struct out_field *f = &h->v[i];

		if (hcp_user_facing(f->name) && f->outer && strcmp(f->outer, f->value) != 0)
			rc = add_line(&l->text, f);
	}
	return rc < 0 ? err_set(err, ERR_OS, "out of memory") : 0;
}

static void head_free(struct head *h)
{
	buf_free(&h->type);
	buf_free(&h->disposition);
}

static int put_line(struct buf *b, const struct line *l, size_t from)
{
	return buf_add(b, l->p + from, l->len - from);
}

/* Reads a part's fields from the message; structure_scan has checked that they are some. */
static int read_head(const struct legacy *l, const struct part *part, struct lines *r,
	struct head *h, struct err *err)
{
	struct buf *b = NULL;
	struct line line;
	size_t colon, n;
	bool full = false;
	int rc = 0;

	lines_init(r, l->m->src, part->head, part->body);
	while (!full && (rc = lines_next(r, &line, err)) == 1 && line.len > 0) {
		if (!mime_blank(line.p[0])) {
			n = mime_field_name(line.p, line.len, &colon);
			b = n == 12 && strncasecmp((const char *)line.p, "Content-Type", n) == 0
				    ? &h->type
			    : n == 19 && strncasecmp((const char *)line.p, "Content-Disposition",
						 n) == 0
				    ? &h->disposition
				    : NULL;
			if (b == &h->type)
				h->type_start = line.off;
			full = b && put_line(b, &line, colon + 1) < 0;
		} else {
			full = b && (buf_addc(b, '\n') < 0 || put_line(b, &line, 0) < 0);
		}
		if (b == &h->type)
			h->type_end = line.off + (off_t)(line.len + line.eol);
	}
	lines_end(r);
	if (full)
		return err_set(err, ERR_OS, "out of memory");
	return rc < 0 ? rc : 0;
}

/* The message's own field, as it will be inside. */
static int add_field(const struct legacy *l, const char *name, struct buf *b, struct err *err)
{
	size_t i;

	for (i = 0; i < l->h->n; i++) {
		if (strcasecmp(l->h->v[i].name, name) == 0 && buf_adds(b, l->h->v[i].value) < 0)
			return err_set(err, ERR_OS, "out of memory");
	}
	return 0;
}

static int head_of(const struct legacy *l, size_t i, struct head *h, struct err *err)
{
	const struct part *part = &l->s->part[i];
	struct lines *r;
	int rc;

	*h = (struct head){.type = BUF_INIT(MESSAGE_HEADER_MAX),
		.disposition = BUF_INIT(MESSAGE_HEADER_MAX),
		.type_start = part->head,
		.type_end = part->head};
	if (i == 0) {
		rc = add_field(l, "Content-Type", &h->type, err);
		return rc == 0 ? add_field(l, "Content-Disposition", &h->disposition, err) : rc;
	}
	r = malloc(sizeof(*r));
	if (!r)
		return err_set(err, ERR_OS, "out of memory");
	rc = read_head(l, part, r, h, err);
	free(r);
	return rc;
}

static bool is_first_child(const struct structure *s, size_t i)
{
	size_t j;

	for (j = s->part[i].parent + 1; j < i; j++) {
		if (s->part[j].parent == s->part[i].parent && s->part[j].kind != PART_JUNK)
			return false;
	}
	return true;
}

/*
 * Main Body Part (RFC 9787 section 7.1): the first part of multipart/mixed and related, any of
 * alternative, all the way up, and no attachment. 1, 0, or an error.
 */
static int is_main(const struct legacy *l, size_t i, struct err *err)
{
	struct head h;
	struct ctype ct;
	size_t up;
	int rc = 1;

	for (; rc == 1; i = up) {
		up = l->s->part[i].parent;
		rc = head_of(l, i, &h, err);
		if (rc == 0)
			rc = strncasecmp(buf_str(&h.disposition) +
						 strspn(buf_str(&h.disposition), " \t\n"),
				     "attachment", 10) != 0;
		head_free(&h);
		if (rc != 1 || i == 0)
			break;
		rc = head_of(l, up, &h, err);
		if (rc == 0)
			rc = ctype_parse(buf_str(&h.type), &ct) == 0 &&
			     (ctype_is(&ct, "multipart", "alternative") ||
				     ((ctype_is(&ct, "multipart", "mixed") ||
					      ctype_is(&ct, "multipart", "related")) &&
					     is_first_child(l->s, i)));
		head_free(&h);
	}
	return rc;
}

static bool all_ascii(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++) {
		if (b->p[i] >= 0x80)
			return false;
	}
	return true;
}

/*
 * Whether lines of UTF-8 may stand in front of text/plain of that Content-Type. *to_utf8: its
 * charset has to become that for it. What is said to be ASCII, or says nothing, has to be ASCII as
 * far as that can be seen.
 */
static bool takes_lines(
	const struct legacy *l, const struct part *part, const char *type, bool *to_utf8)
{
	bool coded = part->cte != CTE_NONE && part->cte != CTE_7BIT && part->cte != CTE_8BIT;
	char charset[CHARSET_MAX] = "us-ascii";

	*to_utf8 = false;
	if (!ctype_param(type, "charset", charset, sizeof(charset)) && strcasestr(type, "charset"))
		return false; /* too long, or in pieces */
	if (strcasecmp(charset, "utf-8") == 0)
		return true;
	if (strcasecmp(charset, "us-ascii") != 0 || part->flaws & FLAW_8BIT)
		return false;
	*to_utf8 = !all_ascii(&l->text);
	return !*to_utf8 || !coded;
}

/* Lines as they may stand in a 7-bit part: 0; -1: they may not, or no memory. */
static int put_plain(const struct buf *text, struct buf *out)
{
	const char *p = buf_str(text), *e;

	if (!all_ascii(text))
		return -1;
	for (; *p; p = e + 1) {
		e = strchr(p, '\n');
		if (!e || (size_t)(e - p) > STRUCTURE_LINE_MAX ||
			(e > p && mime_blank((uint8_t)e[-1])) ||
			buf_add(out, p, (size_t)(e - p)) < 0 || buf_adds(out, "\r\n") < 0)
			return -1;
	}
	return 0;
}

static int put_qp(const struct buf *text, struct buf *out)
{
	struct seven_bit enc;
	const char *p = buf_str(text), *e;
	int rc = 0;

	seven_bit_begin(&enc, SEVEN_BIT_QP);
	for (; *p && rc == 0; p = e + 1) {
		struct line l = {.p = (const uint8_t *)p, .eol = 2, .first = true, .last = true};

		e = strchr(p, '\n');
		if (!e)
			return -1;
		l.len = (size_t)(e - p);
		rc = seven_bit_add(&enc, &l, out);
	}
	return rc < 0 ? rc : seven_bit_end(&enc, out);
}

/* In whole quanta, so that what follows stays aligned: blanks behind the first colon fill up the
 * last. */
static int put_base64(const struct buf *text, struct buf *out)
{
	struct buf b = BUF_INIT_SECRET(ENCODED_MAX);
	const char *p = buf_str(text), *colon = strchr(p, ':');
	char line[BASE64_LINE + 1];
	size_t i, n = strlen(p), pad = n;
	int rc = 0;

	for (i = 0; i < n; i++)
		pad += p[i] == '\n'; /* each becomes two octets */
	pad = (3 - pad % 3) % 3;
	for (i = 0; i < n && rc == 0; i++) {
		rc = p[i] == '\n' ? buf_adds(&b, "\r\n") : buf_addc(&b, p[i]);
		if (rc == 0 && p + i == colon)
			rc = buf_add(&b, "  ", pad);
	}
	for (i = 0; i < b.len && rc == 0; i += n) {
		n = b.len - i < BASE64_LINE / 4 * 3 ? b.len - i : BASE64_LINE / 4 * 3;
		rc = buf_add(out, line, base64_line(line, b.p + i, n));
		if (rc == 0)
			rc = buf_adds(out, "\r\n");
	}
	explicit_bzero(line, sizeof(line));
	buf_free(&b);
	return rc;
}

/* The lines in the part's own encoding, or the part's new one. 0; -1: it cannot be done. */
static int encode(struct legacy_edit *e, const struct part *part, const struct buf *text,
	enum seven_bit_how *how, const char **cte)
{
	if (part->cte == CTE_BASE64 && (*how == SEVEN_BIT_COPY || *how == SEVEN_BIT_REWRAP)) {
		*how = SEVEN_BIT_REWRAP;
		return put_base64(text, &e->text);
	}
	if (*how == SEVEN_BIT_COPY && part->cte != CTE_QP) {
		if (put_plain(text, &e->text) == 0)
			return 0;
		buf_reset(&e->text);
		*how = SEVEN_BIT_QP;
		*cte = "quoted-printable";
	}
	if (*how != SEVEN_BIT_QP && *how != SEVEN_BIT_QP_REPAIR && *how != SEVEN_BIT_COPY)
		return -1;
	return put_qp(text, &e->text);
}

static int mark_part(struct legacy_edit *e, const char *type, bool to_utf8)
{
	static const char *const mark_only[] = {"hp-legacy-display", NULL};
	static const char *const both[] = {"hp-legacy-display", "charset", NULL};

	type += strspn(type, " \t\n");
	return ctype_change(type, to_utf8 ? both : mark_only,
		to_utf8 ? "; charset=\"utf-8\"; hp-legacy-display=\"1\""
			: "; hp-legacy-display=\"1\"",
		&e->type);
}

/* text/plain that takes the lines. 1: e is filled; 0: it is not, or they cannot be put there. */
static int edit_part(const struct legacy *l, const struct part *part, const struct head *head,
	enum seven_bit_how *how, const char **cte, struct legacy_edit *e)
{
	enum seven_bit_how new_how = *how;
	const char *type = head->type.len ? buf_str(&head->type) : structure_implied_type(part);
	const char *new_cte = *cte;
	struct buf text = BUF_INIT_SECRET(TEXT_MAX);
	bool to_utf8;
	struct ctype ct;
	int rc = 0;

	if (ctype_parse(type, &ct) < 0 || !ctype_is(&ct, "text", "plain"))
		return 0;
	if (!takes_lines(l, part, type, &to_utf8))
		return 0;
	e->type_start = head->type_start;
	e->type_end = head->type_end;
	if (buf_addf(&text, "%s\n", buf_str(&l->text)) == 0 && mark_part(e, type, to_utf8) == 0 &&
		encode(e, part, &text, &new_how, &new_cte) == 0) {
		*how = new_how;
		*cte = new_cte;
		rc = 1;
	}
	buf_free(&text);
	return rc;
}

int legacy_part(struct legacy *l, size_t i, enum seven_bit_how *how, const char **cte,
	struct legacy_edit *e, struct err *err)
{
	const struct part *part = &l->s->part[i];
	struct head h;
	int rc;

	*e = (struct legacy_edit){
		.type = BUF_INIT(MESSAGE_HEADER_MAX), .text = BUF_INIT_SECRET(ENCODED_MAX)};
	if (l->text.len == 0 || part->kind != PART_LEAF || !part->text)
		return 0;
	/* Of a part within, its header has to end, and its charset has to be told. */
	if (i > 0 && (!part->blank || (!part->typed && part->flaws & FLAW_8BIT)))
		return 0;
	rc = is_main(l, i, err);
	if (rc != 1)
		return rc;
	rc = head_of(l, i, &h, err);
	if (rc == 0)
		rc = edit_part(l, part, &h, how, cte, e);
	if (rc != 1)
		legacy_edit_free(e);
	head_free(&h);
	return rc;
}

void legacy_edit_free(struct legacy_edit *e)
{
	buf_free(&e->type);
	buf_free(&e->text);
}

void legacy_end(struct legacy *l)
{
	buf_free(&l->text);
}
