/* SPDX-License-Identifier: ISC */
#include "mime/seven_bit.h"

#include <string.h>

#include "base/base64.h"
#include "mime/mime.h"

#define QP_COLUMNS 76      /* RFC 2045 section 6.7 */
#define REPAIR_COLUMNS 900 /* longer lines of quoted-printable are broken */
#define BASE64_COLUMNS 76

void seven_bit_begin(struct seven_bit *e, enum seven_bit_how how)
{
	*e = (struct seven_bit){.how = how};
}

static int copy_line(const struct line *l, size_t len, struct buf *out)
{
	return buf_add(out, l->p, len) < 0 || (l->eol && buf_add(out, "\r\n", 2) < 0) ? -1 : 0;
}

static int end_line(struct seven_bit *e, struct buf *out)
{
	e->column = e->since_eq = 0;
	e->broken = false;
	return buf_add(out, "\r\n", 2);
}

static int soft_break(struct seven_bit *e, struct buf *out)
{
	e->column = 0;
	e->broken = true;
	return buf_add(out, "=\r\n", 3);
}

static int put_escaped(struct seven_bit *e, uint8_t c, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";
	const char t[3] = {'=', hex[c >> 4], hex[c & 15]};

	e->column += 3;
	return buf_add(out, t, 3);
}

static int put_raw(struct seven_bit *e, uint8_t c, struct buf *out)
{
	e->column++;
	return buf_addc(out, (char)c);
}

static bool is_qp_printable(uint8_t c)
{
	return (c >= 32 && c < 127) || c == '\t';
}

/*
 * Whether the byte at i would start an output line with a special meaning elsewhere: "From " in a
 * mailbox, "--" in a multipart, a dot in SMTP. After a soft line break such bytes are always
 * encoded.
 */
static bool bad_begin(const struct seven_bit *e, const struct line *l, size_t i)
{
	size_t left = l->len - i;

	if (e->column > 0)
		return false;
	if (e->broken)
		return l->p[i] == 'F' || l->p[i] == '-' || l->p[i] == '.';
	return (left >= 5 && memcmp(l->p + i, "From ", 5) == 0) ||
	       (left >= 2 && memcmp(l->p + i, "--", 2) == 0) || (left == 1 && l->p[i] == '.');
}

static int encode_qp(struct seven_bit *e, const struct line *l, struct buf *out)
{
	unsigned need;
	bool raw;
	size_t i;

	for (i = 0; i < l->len; i++) {
		raw = is_qp_printable(l->p[i]) && l->p[i] != '=' && !bad_begin(e, l, i) &&
		      !(mime_blank(l->p[i]) && i + 1 == l->len);
		need = raw ? 1 : 3;
		if (e->column + need >= QP_COLUMNS) { /* one column is for the '=' */
			if (soft_break(e, out) < 0)
				return -1;
			raw = raw && !bad_begin(e, l, i);
		}
		if ((raw ? put_raw(e, l->p[i], out) : put_escaped(e, l->p[i], out)) < 0)
			return -1;
	}
	return l->eol ? end_line(e, out) : 0;
}

/*
 * The significant length of a quoted-printable line: trailing blanks are padding that every decoder
 * drops (RFC 2045 6.7 rule 3), and so are CRs after a soft line break.
 */
static size_t qp_length(const struct line *l)
{
	size_t n, soft;

	if (!l->last)
		return l->len;
	n = soft = mime_rtrim(l->p, l->len);
	while (soft > 0 && (mime_blank(l->p[soft - 1]) || l->p[soft - 1] == '\r'))
		soft--;
	return soft > 0 && l->p[soft - 1] == '=' ? soft : n;
}

static int repair_qp(struct seven_bit *e, const struct line *l, struct buf *out)
{
	size_t n = qp_length(l), i;
	bool raw;

	for (i = 0; i < n; i++) {
		if (e->column >= REPAIR_COLUMNS && e->since_eq == 0 && soft_break(e, out) < 0)
			return -1;
		raw = is_qp_printable(l->p[i]) && (l->p[i] == '=' || !bad_begin(e, l, i));
		if ((raw ? put_raw(e, l->p[i], out) : put_escaped(e, l->p[i], out)) < 0)
			return -1;
		if (l->p[i] == '=')
			e->since_eq = 2;
		else if (e->since_eq > 0)
			e->since_eq--;
	}
	return l->eol ? end_line(e, out) : 0;
}

/* Writes the up to three octets that are held. */
static int put_quantum(struct seven_bit *e, struct buf *out)
{
	char t[4];

	if (e->n == 0)
		return 0;
	if (e->column == BASE64_COLUMNS && end_line(e, out) < 0)
		return -1;
	base64_quantum(t, e->b, e->n);
	e->n = 0;
	e->column += 4;
	return buf_add(out, t, 4);
}

static int encode_base64(struct seven_bit *e, const uint8_t *p, size_t n, struct buf *out)
{
	char line[BASE64_COLUMNS];

	while (n > 0) {
		if (e->n == 0 && e->column == BASE64_COLUMNS && end_line(e, out) < 0)
			return -1;
		if (e->n == 0 && e->column == 0 &&
			n >= BASE64_COLUMNS / 4 * 3) { /* nearly always */
			e->column = (unsigned)base64_line(line, p, BASE64_COLUMNS / 4 * 3);
			if (buf_add(out, line, e->column) < 0)
				return -1;
			p += BASE64_COLUMNS / 4 * 3;
			n -= BASE64_COLUMNS / 4 * 3;
			continue;
		}
		e->b[e->n++] = *p++;
		n--;
		if (e->n == 3 && put_quantum(e, out) < 0)
			return -1;
	}
	return 0;
}

static int rewrap(struct seven_bit *e, const struct line *l, struct buf *out)
{
	size_t i;

	for (i = 0; i < l->len; i++) {
		if (base64_value(l->p[i]) < 0 && l->p[i] != '=')
			continue;
		if (e->column == BASE64_COLUMNS && end_line(e, out) < 0)
			return -1;
		if (put_raw(e, l->p[i], out) < 0)
			return -1;
	}
	return 0;
}

int seven_bit_add(struct seven_bit *e, const struct line *l, struct buf *out)
{
	size_t trimmed;

	switch (e->how) {
	case SEVEN_BIT_COPY:
		return copy_line(l, l->len, out);
	case SEVEN_BIT_TRIM:
	case SEVEN_BIT_HEAD:
		trimmed = l->last ? mime_rtrim(l->p, l->len) : l->len;
		if (e->how == SEVEN_BIT_HEAD && l->first && l->eol && trimmed == 0 && l->len > 0)
			return 0;
		return copy_line(l, trimmed, out);
	case SEVEN_BIT_QP:
		return encode_qp(e, l, out);
	case SEVEN_BIT_QP_REPAIR:
		return repair_qp(e, l, out);
	case SEVEN_BIT_BASE64:
		if (encode_base64(e, l->p, l->len, out) < 0)
			return -1;
		return encode_base64(
			e, (const uint8_t *)(l->eol == 2 ? "\r\n" : "\n"), l->eol, out);
	case SEVEN_BIT_REWRAP:
		return rewrap(e, l, out);
	}
	return -1;
}

int seven_bit_end(struct seven_bit *e, struct buf *out)
{
	int rc = 0;

	if (e->how == SEVEN_BIT_BASE64)
		rc = put_quantum(e, out);
	explicit_bzero(e->b, sizeof(e->b));
	return rc;
}
