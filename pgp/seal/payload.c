/* SPDX-License-Identifier: ISC */
#include "pgp/seal/payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mime/ascii_field.h"
#include "mime/mime.h"

#define PAYLOAD_AHEAD 65536      /* bytes produced at a time, about */
#define REWRITTEN_MAX (4u << 20) /* bytes of rewritten fields, of all parts */
#define PAYLOAD_OUT_MAX (OUTGOING_MAX + PAYLOAD_AHEAD + SEVEN_BIT_ROOM(LINES_BUFFER))

static int add_segment(struct payload *p, off_t start, off_t end, enum seven_bit_how how,
	const char *text, struct err *err)
{
	struct segment *v;

	if (start == end && !text)
		return 0;
	if (p->n_seg == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		v = reallocarray(p->seg, p->room, sizeof(*v));
		if (!v)
			return err_set(err, ERR_OS, "out of memory");
		p->seg = v;
	}
	p->seg[p->n_seg++] = (struct segment){start, end, how, text};
	return 0;
}

/* Chooses how a leaf part's body is encoded; *name: the new encoding's name if it changes, else
 * NULL. */
static void choose_leaf_encoding(const struct part *part, enum seven_bit_how *how, const char **cte)
{
	unsigned flaws = part->flaws & ~(unsigned)FLAW_NOT_UTF8;

	if (flaws == 0 && (part->no_parts || part->cte != CTE_BINARY)) {
		if (part->cte == CTE_8BIT || (part->no_parts && part->cte > CTE_8BIT))
			*cte = "7bit";
	} else if (part->no_parts || part->cte < CTE_BINARY) {
		*how = part->text && !(flaws & FLAW_NUL) ? SEVEN_BIT_QP : SEVEN_BIT_BASE64;
		*cte = *how == SEVEN_BIT_QP ? "quoted-printable" : "base64";
	} else if (part->cte == CTE_BINARY) {
		*how = SEVEN_BIT_BASE64;
		*cte = "base64";
	} else if (part->cte == CTE_QP) {
		*how = SEVEN_BIT_QP_REPAIR;
	} else if (part->cte == CTE_BASE64) {
		*how = SEVEN_BIT_REWRAP;
	}
	/* An unknown encoding is left as it is: its content cannot be judged. */
}

/* The standard name of an encoding that is not changed, if the field has a variant of it. */
static const char *proper_name(const struct part *part)
{
	if (!part->cte_odd)
		return NULL;
	return part->cte == CTE_7BIT ? "7bit" : part->cte == CTE_8BIT ? "8bit" : "binary";
}

/* Chooses the Content-Transfer-Encoding and the conversion of any part's body. */
static void choose_encoding(const struct part *part, enum seven_bit_how *how, const char **cte)
{
	bool label = part->cte == CTE_8BIT || part->cte == CTE_BINARY;

	*cte = NULL;
	*how = SEVEN_BIT_COPY;
	switch (part->kind) {
	case PART_LEAF:
		choose_leaf_encoding(part, how, cte);
		break;
	case PART_MULTIPART:
		if (label && !part->holds_8bit)
			*cte = "7bit";
		break;
	case PART_JUNK:
		*how = SEVEN_BIT_TRIM;
		break;
	case PART_OPAQUE:
		break;
	}
	if (!*cte)
		*cte = proper_name(part);
}

/* The Content-Transfer-Encoding line that replaces a part's own, or is added. */
static const char *cte_line(const char *cte)
{
	static const char *const line[] = {"Content-Transfer-Encoding: quoted-printable\r\n",
		"Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: 7bit\r\n",
		"Content-Transfer-Encoding: 8bit\r\n", "Content-Transfer-Encoding: binary\r\n"};
	size_t i;

	for (i = 0; strncmp(line[i] + strlen("Content-Transfer-Encoding: "), cte, strlen(cte)) != 0;
		i++)
		;
	return line[i];
}

/* A copy of a text, for a segment; with field, as a field's line. NULL: no memory. */
static const char *own_text(struct payload *p, const char *field, const struct buf *text)
{
	char **v = reallocarray(p->own, p->n_own + 1, sizeof(*v));
	struct buf b = BUF_INIT_SECRET(OUTGOING_MAX);
	const char *t = buf_str(text);
	int rc = v ? buf_adds(&b, field) : -1;

	if (v)
		p->own = v;
	for (; rc == 0 && *t; t++) /* a folded value has LF */
		rc = *field && *t == '\n' ? buf_adds(&b, "\r\n") : buf_addc(&b, *t);
	if (rc == 0 && *field)
		rc = buf_adds(&b, "\r\n");
	if (rc < 0) {
		buf_free(&b);
		return NULL;
	}
	p->own[p->n_own++] = (char *)b.p;
	return (const char *)b.p;
}

/* A rewritten field of a part's header, in place of the original or before all others. */
struct change {
	off_t start, end;
	const char *text; /* NULL: unchanged */
};

static int plan_change(struct payload *p, off_t *from, const struct change *c, struct err *err)
{
	int rc;

	if (!c->text)
		return 0;
	rc = add_segment(p, *from, c->start, SEVEN_BIT_HEAD, NULL, err);
	if (rc == 0)
		rc = add_segment(p, 0, 0, SEVEN_BIT_COPY, c->text, err);
	*from = c->end;
	return rc;
}

/* Plans the header of an inner part: its own lines with the changes, then the blank line. edit:
 * may be NULL. */
static int plan_header(struct payload *p, const struct part *part, const char *cte,
	const struct legacy_edit *edit, struct err *err)
{
	struct change encoding = {part->cte_start, part->cte_end, cte ? cte_line(cte) : NULL},
		      type = {0};
	off_t from = part->head;
	bool type_first;
	int rc;

	if (part->cte_start == part->cte_end)
		encoding.start = encoding.end = part->head;
	if (edit)
		type = (struct change){edit->type_start, edit->type_end,
			own_text(p, "Content-Type: ", &edit->type)};
	if (edit && !type.text)
		return err_set(err, ERR_OS, "out of memory");
	type_first = type.start < encoding.start;
	rc = plan_change(p, &from, type_first ? &type : &encoding, err);
	if (rc == 0)
		rc = plan_change(p, &from, type_first ? &encoding : &type, err);
	if (rc == 0)
		rc = add_segment(p, from, part->body, SEVEN_BIT_HEAD, NULL, err);
	if (rc == 0 && !part->blank)
		rc = add_segment(p, 0, 0, SEVEN_BIT_COPY, "\r\n", err);
	return rc;
}

/* A field of a part's header while it is read. */
struct own_field {
	char label[MESSAGE_NAME_MAX + 3]; /* "NAME: " */
	struct buf value;
	bool begun;
	bool had_type, had_cte;
};

/* Plans a complete field, converted to ASCII; sets *cte and *type to NULL once they are written. */
static int plan_field(struct payload *p, struct own_field *f, const char **cte, const char **type,
	struct err *err)
{
	struct buf text = BUF_INIT_SECRET(OUTGOING_MAX);
	const char **new = NULL, *line;
	char name[sizeof(f->label)];
	int rc = 0;

	if (!f->begun)
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(f->label, ":"), f->label);
	if (strcasecmp(name, "Content-Type") == 0)
		new = type;
	else if (strcasecmp(name, "Content-Transfer-Encoding") == 0)
		new = cte;
	if ((new == type && f->had_type) || (new == cte && f->had_cte))
		return 0;
	f->had_type |= new == type;
	f->had_cte |= new == cte;
	p->rewritten += f->value.len;
	if (p->rewritten > REWRITTEN_MAX)
		return err_set(err, ERR_DATA, "the headers of the parts hold too much 8-bit text");
	if (ascii_field(name, new &&*new ? *new : buf_str(&f->value), &text) == 0 &&
		(line = own_text(p, f->label, &text)) != NULL)
		rc = add_segment(p, 0, 0, SEVEN_BIT_COPY, line, err);
	else
		rc = err_set(err, ERR_OS, "out of memory");
	if (new)
		*new = NULL;
	buf_free(&text);
	return rc;
}

/* Takes one line of a part's header that is rewritten. -1: out of memory. */
static int take_head_line(struct own_field *f, const struct line *l)
{
	const size_t used = mime_rtrim(l->p, l->len);
	size_t colon = 0, n = mime_blank(l->p[0]) ? 0 : mime_field_name(l->p, l->len, &colon);

	if (n > 0) {
		f->begun = true;
		snprintf(f->label, sizeof(f->label), "%.*s: ", (int)n, (const char *)l->p);
		for (colon++; colon < used && mime_blank(l->p[colon]); colon++)
			;
		buf_reset(&f->value);
		return colon < used ? buf_add(&f->value, l->p + colon, used - colon) : 0;
	}
	if (used == 0)
		return 0;
	return buf_addc(&f->value, '\n') < 0 || buf_add(&f->value, l->p, used) < 0 ? -1 : 0;
}

/* Plans a header that is not all ASCII or repeats a field: every field is rewritten. */
static int plan_ascii_header(struct payload *p, const struct part *part, const char *cte,
	const struct legacy_edit *edit, struct err *err)
{
	struct own_field f = {.value = BUF_INIT_SECRET(STRUCTURE_PART_HEADER_MAX)};
	const char *type = edit ? buf_str(&edit->type) : NULL;
	struct line l;
	int rc = 0;

	if (cte && part->cte_start == part->cte_end)
		rc = add_segment(p, 0, 0, SEVEN_BIT_COPY, cte_line(cte), err);
	lines_init(p->lines, p->msg->src, part->head, part->body);
	while (rc == 0 && (rc = lines_next(p->lines, &l, err)) == 1 && l.len > 0) {
		rc = mime_blank(l.p[0]) ? 0 : plan_field(p, &f, &cte, &type, err);
		if (rc == 0 && take_head_line(&f, &l) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
	}
	lines_end(p->lines);
	if (rc >= 0)
		rc = plan_field(p, &f, &cte, &type, err);
	buf_free(&f.value);
	return rc < 0 ? rc : add_segment(p, 0, 0, SEVEN_BIT_COPY, "\r\n", err);
}

/* Plans a part's body, preceded by the lines of edit (may be NULL). */
static int plan_body(struct payload *p, const struct part *part, enum seven_bit_how how,
	const struct legacy_edit *edit, struct err *err)
{
	const char *text;
	int rc;

	if (!edit || !edit->text.len)
		return add_segment(p, part->body, part->end, how, NULL, err);
	text = own_text(p, "", &edit->text);
	if (!text)
		return err_set(err, ERR_OS, "out of memory");
	rc = add_segment(p, 0, 0, SEVEN_BIT_COPY, text, err);
	return rc < 0 ? rc : add_segment(p, part->body, part->end, how, NULL, err);
}

/* A preamble or epilogue with flaws is left out: readers do not show it. */
static bool left_out(const struct part *part)
{
	return part->kind == PART_JUNK && (part->flaws & ~(unsigned)FLAW_BLANK);
}

/* Whether a part's Content-Type is changed. */
static bool has_new_type(const struct part *part)
{
	return part->no_parts || part->type;
}

/* Makes a corrected Content-Type. 1: made, the caller frees e; 0: not needed; ERR_OS. */
static int relabel(const struct part *part, struct legacy_edit *e, struct err *err)
{
	int rc;

	*e = (struct legacy_edit){.type = BUF_INIT(2 * STRUCTURE_TYPES_MAX),
		.text = BUF_INIT(1),
		.type_start = part->type_start,
		.type_end = part->type_end};
	if (part->no_parts)
		rc = buf_addf(&e->type, "text/plain; charset=%s", part->charset);
	else if (part->guess && part->flaws & FLAW_8BIT)
		rc = buf_addf(&e->type, "%s; charset=%s", part->type, part->charset);
	else
		rc = buf_adds(&e->type, part->type);
	if (rc == 0)
		return 1;
	legacy_edit_free(e);
	return err_set(err, ERR_OS, "out of memory");
}

struct root {             /* changes to the message's own fields */
	const char *cte;  /* NULL: unchanged */
	const char *type; /* likewise */
};

/* Plans one part: the changes to its header, and its body. */
static int plan_part(
	struct payload *p, struct legacy *l, size_t i, struct root *root, struct err *err)
{
	const struct part *part = &l->s->part[i];
	enum seven_bit_how how;
	struct legacy_edit e, *edit = NULL;
	const char *cte;
	int rc;

	choose_encoding(part, &how, &cte);
	rc = has_new_type(part) ? relabel(part, &e, err) : legacy_part(l, i, &how, &cte, &e, err);
	if (rc < 0)
		return rc;
	if (rc == 1)
		edit = &e;
	rc = 0;
	if (i == 0) {
		root->cte = cte;
		root->type = edit ? own_text(p, "", &e.type) : NULL;
		if (edit && !root->type)
			rc = err_set(err, ERR_OS, "out of memory");
	} else if (part->kind != PART_JUNK) {
		rc = (part->head_anew ? plan_ascii_header : plan_header)(p, part, cte, edit, err);
	}
	if (rc == 0 && part->kind != PART_MULTIPART && !left_out(part))
		rc = plan_body(p, part, how, edit, err);
	if (rc == 0 && part->kind != PART_MULTIPART && i == 0 && how >= SEVEN_BIT_BASE64)
		rc = add_segment(p, 0, 0, SEVEN_BIT_COPY, "\r\n", err);
	if (edit)
		legacy_edit_free(edit);
	return rc;
}

/* Plans all parts; the delimiter lines between their bodies are copied. */
static int plan_payload(struct payload *p, struct legacy *l, struct root *root, struct err *err)
{
	const struct structure *s = l->s;
	off_t at = s->part[0].body;
	int rc = 0;
	size_t i;

	for (i = 0; i < s->n && rc == 0; i++) {
		rc = add_segment(p, at, s->part[i].head, SEVEN_BIT_TRIM, NULL, err);
		if (rc == 0)
			rc = plan_part(p, l, i, root, err);
		at = s->part[i].kind == PART_MULTIPART ? s->part[i].body : s->part[i].end;
	}
	return rc < 0 ? rc : add_segment(p, at, p->msg->src->size, SEVEN_BIT_TRIM, NULL, err);
}

static off_t text_octets(const struct structure *s)
{
	off_t n = 0;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct part *part = &s->part[i];

		if (part->kind == PART_LEAF && part->text && part->cte != CTE_BASE64)
			n += part->end - part->body;
	}
	return n;
}

/* Writes the header; a signed body becomes a part of its own (outgoing_inside_wrapped). */
static int put_header(struct payload *p, const struct structure *s, const struct outgoing *h,
	const struct root *root, struct err *err)
{
	char boundary[MIME_BOUNDARY_MAX];
	struct buf end = BUF_INIT(sizeof(boundary) + 16);
	const char *text;
	int rc;

	if (h->mark != HP_CIPHER || s->part[0].no_parts || !p->msg->is_signed)
		return outgoing_inside(h, root->type, structure_implied_type(&s->part[0]),
			root->cte, &p->out, err);
	rc = mime_boundary(boundary, err);
	if (rc == 0)
		rc = outgoing_inside_wrapped(h, boundary, root->type, root->cte, &p->out, err);
	if (rc < 0)
		return rc;
	rc = buf_addf(&end, "\r\n--%s--\r\n", boundary);
	text = rc == 0 ? own_text(p, "", &end) : NULL;
	buf_free(&end);
	if (!text)
		return err_set(err, ERR_OS, "out of memory");
	return add_segment(p, 0, 0, SEVEN_BIT_COPY, text, err);
}

int payload_open(
	struct payload *p, const struct message *m, const struct outgoing *h, struct err *err)
{
	struct structure s;
	struct root root = {NULL, NULL};
	struct legacy l;
	int rc;

	*p = (struct payload){.msg = m, .out = BUF_INIT_SECRET(PAYLOAD_OUT_MAX)};
	rc = structure_scan(&s, m, err);
	if (rc < 0)
		return rc;
	p->lines = malloc(sizeof(*p->lines));
	if (p->lines)
		lines_init(p->lines, m->src, 0, 0);
	rc = legacy_begin(&l, m, &s, h, err);
	if (rc == 0)
		rc = p->lines ? plan_payload(p, &l, &root, err)
			      : err_set(err, ERR_OS, "out of memory");
	legacy_end(&l);
	if (rc == 0)
		rc = put_header(p, &s, h, &root, err);
	p->seven_bit = rc == 0 && structure_is_7bit(&s);
	p->text = text_octets(&s);
	structure_free(&s);
	if (rc < 0)
		payload_close(p);
	return rc;
}

/* Produces the next piece. 1: done; 0: there is none. */
static int produce(struct payload *p, struct err *err)
{
	struct line l;
	int rc;

	if (!p->in_segment) {
		const struct segment *s;

		if (p->next == p->n_seg)
			return 0;
		s = &p->seg[p->next++];
		if (s->text)
			return buf_adds(&p->out, s->text) < 0 ? ERR_OS : 1;
		lines_init(p->lines, p->msg->src, s->start, s->end);
		seven_bit_begin(&p->enc, s->how);
		p->in_segment = true;
	}
	rc = lines_next(p->lines, &l, err);
	if (rc < 0)
		return rc;
	if (rc == 1)
		return seven_bit_add(&p->enc, &l, &p->out) < 0 ? ERR_OS : 1;
	p->in_segment = false;
	lines_end(p->lines);
	return seven_bit_end(&p->enc, &p->out) < 0 ? ERR_OS : 1;
}

ssize_t payload_read(struct payload *p, void *to, size_t n, struct err *err)
{
	int rc = 1;

	if (p->given == p->out.len) {
		buf_reset(&p->out);
		p->given = 0;
		while (rc == 1 && p->out.len < PAYLOAD_AHEAD)
			rc = produce(p, err);
		if (rc == ERR_OS)
			return err_set(err, ERR_OS, "out of memory");
		if (rc < 0)
			return rc;
	}
	if (n > p->out.len - p->given)
		n = p->out.len - p->given;
	if (n > 0)
		memcpy(to, p->out.p + p->given, n);
	p->given += n;
	return (ssize_t)n;
}

void payload_close(struct payload *p)
{
	size_t i;

	if (p->lines)
		lines_end(p->lines);
	for (i = 0; i < p->n_own; i++) {
		explicit_bzero(p->own[i], strlen(p->own[i]));
		free(p->own[i]);
	}
	free(p->own);
	free(p->lines);
	free(p->seg);
	buf_free(&p->out);
	*p = (struct payload){.msg = NULL};
}
