#include "pgp/mime/payload.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgp/mime/mime.h"

#define PAYLOAD_AHEAD 65536 /* octets made ready at a time, about */
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

/* How a leaf's body goes out, and the name of its encoding if that changes, else NULL. */
static int choose(
	const struct part *part, enum seven_bit_how *how, const char **cte, struct err *err)
{
	unsigned flaws = part->flaws & ~(unsigned)FLAW_NOT_UTF8;

	*cte = NULL;
	*how = SEVEN_BIT_COPY;
	if (part->no_boundary) {
		if (flaws)
			return err_set(err, ERR_DATA,
				"a multipart of the message names no boundary and is not 7-bit");
	} else if (part->cte == CTE_BINARY) {
		*how = SEVEN_BIT_BASE64;
		*cte = "base64";
	} else if (flaws == 0) {
		*cte = part->cte == CTE_8BIT ? "7bit" : NULL;
	} else if (part->cte == CTE_QP) {
		*how = SEVEN_BIT_QP_REPAIR;
	} else if (part->cte == CTE_BASE64) {
		*how = SEVEN_BIT_REWRAP;
	} else if (part->cte == CTE_OTHER) {
		return err_set(err, ERR_DATA,
			"a part of the message is neither 7-bit nor in a known transfer encoding");
	} else if (part->text && !(flaws & FLAW_NUL)) {
		*how = SEVEN_BIT_QP;
		*cte = "quoted-printable";
	} else {
		*how = SEVEN_BIT_BASE64;
		*cte = "base64";
	}
	return 0;
}

/* What becomes of any part's Content-Transfer-Encoding and body. */
static int treat(
	const struct part *part, enum seven_bit_how *how, const char **cte, struct err *err)
{
	bool label = part->cte == CTE_8BIT || part->cte == CTE_BINARY;

	*cte = NULL;
	*how = SEVEN_BIT_COPY;
	switch (part->kind) {
	case PART_LEAF:
		return choose(part, how, cte, err);
	case PART_MULTIPART:
		if (label && !part->holds_8bit)
			*cte = "7bit";
		return 0;
	case PART_JUNK:
		*how = SEVEN_BIT_TRIM;
		return 0;
	case PART_OPAQUE:
		return 0;
	}
	return 0;
}

/* The line that replaces or is added as a part's field. */
static const char *cte_line(const char *cte)
{
	switch (cte[0]) {
	case 'q':
		return "Content-Transfer-Encoding: quoted-printable\r\n";
	case 'b':
		return "Content-Transfer-Encoding: base64\r\n";
	default:
		return "Content-Transfer-Encoding: 7bit\r\n";
	}
}

/* The header of a part within: its own lines, with the field changed. The blank line comes last. */
static int plan_header(struct payload *p, const struct part *part, const char *cte, struct err *err)
{
	off_t from = part->head;
	int rc = 0;

	if (cte) { /* instead of its own field, or as the first one */
		rc = add_segment(p, from, part->cte_start, SEVEN_BIT_HEAD, NULL, err);
		if (rc == 0)
			rc = add_segment(p, 0, 0, SEVEN_BIT_COPY, cte_line(cte), err);
		from = part->cte_end;
	}
	if (rc == 0)
		rc = add_segment(p, from, part->body, SEVEN_BIT_HEAD, NULL, err);
	if (rc == 0 && !part->blank)
		rc = add_segment(p, 0, 0, SEVEN_BIT_COPY, "\r\n", err);
	return rc;
}

/* A preamble or epilogue that is not fit is left out: nobody is shown it. */
static bool left_out(const struct part *part)
{
	return part->kind == PART_JUNK && (part->flaws & ~(unsigned)FLAW_BLANK);
}

/* Between the parts' bodies, the delimiter lines are copied. */
static int plan(
	struct payload *p, const struct structure *s, const char **root_cte, struct err *err)
{
	off_t at = s->part[0].body;
	enum seven_bit_how how;
	const struct part *part;
	const char *cte;
	int rc = 0;
	size_t i;

	for (i = 0; i < s->n && rc == 0; i++) {
		part = &s->part[i];
		rc = treat(part, &how, &cte, err);
		if (rc == 0)
			rc = add_segment(p, at, part->head, SEVEN_BIT_TRIM, NULL, err);
		if (rc == 0 && i == 0)
			*root_cte = cte;
		else if (rc == 0 && part->kind != PART_JUNK)
			rc = plan_header(p, part, cte, err);
		at = part->body;
		if (rc == 0 && part->kind != PART_MULTIPART) {
			if (!left_out(part))
				rc = add_segment(p, part->body, part->end, how, NULL, err);
			if (rc == 0 && i == 0 && how >= SEVEN_BIT_BASE64)
				rc = add_segment(p, 0, 0, SEVEN_BIT_COPY, "\r\n", err);
			at = part->end;
		}
	}
	return rc < 0 ? rc : add_segment(p, at, p->msg->src->size, SEVEN_BIT_TRIM, NULL, err);
}

/* What a message without Content-Type holds (RFC 2045 section 5.2). */
static const char *implied_type(const struct part *root)
{
	if (!(root->flaws & FLAW_8BIT))
		return "text/plain; charset=us-ascii";
	return root->flaws & FLAW_NOT_UTF8 ? "text/plain; charset=unknown-8bit"
					   : "text/plain; charset=utf-8";
}

int payload_open(
	struct payload *p, const struct message *m, const struct outgoing *h, struct err *err)
{
	struct structure s;
	const char *cte = NULL;
	int rc;

	*p = (struct payload){.msg = m, .out = BUF_INIT_SECRET(PAYLOAD_OUT_MAX)};
	rc = structure_scan(&s, m, err);
	if (rc < 0)
		return rc;
	p->lines = malloc(sizeof(*p->lines));
	rc = p->lines ? plan(p, &s, &cte, err) : err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = outgoing_inside(h, implied_type(&s.part[0]), cte, &p->out, err);
	p->seven_bit = rc == 0 && !s.part[0].holds_8bit &&
		       !(s.part[0].kind == PART_OPAQUE && (s.part[0].flaws & (FLAW_8BIT | FLAW_NUL)));
	structure_free(&s);
	if (rc < 0)
		payload_close(p);
	return rc;
}

/* Makes the next piece ready. 1: did; 0: there is none. */
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
	if (p->lines)
		lines_end(p->lines);
	free(p->lines);
	free(p->seg);
	buf_free(&p->out);
	*p = (struct payload){.msg = NULL};
}
