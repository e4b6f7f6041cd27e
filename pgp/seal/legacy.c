#include "pgp/seal/legacy.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "mime/gmime_late.h"
#include "pgp/seal/html.h"
#include "mime/mime.h"

#define TEXT_MAX 65536 /* octets of the lines, in UTF-8 */
#define ENCODED_MAX (16 * TEXT_MAX)
#define HTML_HEAD_MAX (256u << 10) /* octets of a part in which its text has to begin */
#define CHARSET_MAX 64

/* A part's own header. */
struct head {
	struct buf type, disposition;
	off_t type_start, type_end;
};

static bool is_addresses(const char *name)
{
	static const char *const list[] = {"From", "To", "Cc", "Reply-To", "Sender", "Resent-From",
		"Resent-To", "Resent-Cc", "Resent-Sender", NULL};

	return mime_in_list(list, name);
}

/* Without blanks at its ends; it holds no other white space. */
static void strip(char *text)
{
	size_t from = strspn(text, " "), n = mime_rtrim((const uint8_t *)text, strlen(text));

	n -= from < n ? from : n;
	memmove(text, text + from, n);
	text[n] = '\0';
}

/* A field as it is read, in UTF-8 and on one line. g->string_free'd by the caller; NULL: it is no
 * text. */
static char *readable(const struct gmime *g, const struct out_field *f)
{
	InternetAddressList *list = is_addresses(f->name) ? g->list_parse(NULL, f->value) : NULL;
	char *text, *p;

	if (list) {
		text = g->list_to_string(list, NULL, FALSE);
		g->object_unref(list);
	} else {
		char *flat = g->header_unfold(f->value);

		text = g->header_decode_text(NULL, flat);
		g->string_free(flat);
	}
	for (p = text; p && *p; p++) {
		if ((unsigned char)*p < 32 || *p == 127)
			*p = ' ';
	}
	if (text)
		strip(text);
	if (text && (*text == '\0' || !g->utf8_validate(text, -1, NULL))) {
		g->string_free(text);
		text = NULL;
	}
	return text;
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
	l->gmime = gmime_load(err);
	if (!l->gmime)
		return ERR_CONFIG;
	for (i = 0; i < h->n && rc == 0; i++) {
		const struct out_field *f = &h->v[i];
		char *text;

		if (!hcp_user_facing(f->name) || !f->outer || strcmp(f->outer, f->value) == 0)
			continue;
		text = readable(l->gmime, f);
		/* Too long to be read is too long to be shown. */
		if (text && strlen(text) < TEXT_MAX / 64 && l->text.len < TEXT_MAX / 2)
			rc = buf_addf(&l->text, "%s: %s\n", f->name, text);
		l->gmime->string_free(text);
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
	int rc;

	lines_init(r, l->m->src, part->head, part->body);
	while ((rc = lines_next(r, &line, err)) == 1 && line.len > 0) {
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
			if (b && put_line(b, &line, colon + 1) < 0)
				break;
		} else if (b && (buf_addc(b, '\n') < 0 || put_line(b, &line, 0) < 0)) {
			break;
		}
		if (b == &h->type)
			h->type_end = line.off + (off_t)(line.len + line.eol);
	}
	lines_end(r);
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

/* The lines in a charset that goes on from ASCII. 0, or -1: there is none such, or it cannot say
 * them. */
static int convert(const char *text, const char *charset, struct buf *out)
{
	char name[CHARSET_MAX + 16], to[4 * TEXT_MAX / 16], *in = (char *)(uintptr_t)text, *p = to;
	size_t n = strlen(text), room = sizeof(to), bad;
	iconv_t cd;

	if (strncasecmp(charset, "utf-16", 6) == 0 || strncasecmp(charset, "utf-32", 6) == 0 ||
		strncasecmp(charset, "ucs", 3) == 0 || strncasecmp(charset, "utf-7", 5) == 0 ||
		n > sizeof(to) / 4)
		return -1;
	snprintf(name, sizeof(name), "%s//TRANSLIT", charset);
	cd = iconv_open(name, "UTF-8");
	if (cd == (iconv_t)-1)
		return -1;
	bad = iconv(cd, &in, &n, &p, &room);
	if (bad != (size_t)-1)
		bad = iconv(cd, NULL, NULL, &p, &room);
	iconv_close(cd);
	return bad == (size_t)-1 ? -1 : buf_add(out, to, (size_t)(p - to));
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

/* As it is shown in plain text: the lines and a blank one. *to_utf8: the part's charset is to
 * become that. */
static int plain_text(const struct legacy *l, const char *type, struct buf *out, bool *to_utf8)
{
	char charset[CHARSET_MAX] = "us-ascii";

	(void)ctype_param(type, "charset", charset, sizeof(charset));
	*to_utf8 = strcasecmp(charset, "us-ascii") == 0 && !all_ascii(&l->text);
	if (*to_utf8)
		memcpy(charset, "utf-8", 6);
	return convert(buf_str(&l->text), charset, out) < 0 ? -1 : buf_addc(out, '\n');
}

/* In HTML what is not ASCII is written as a number, so that the charset does not matter. */
static int html_text(const struct legacy *l, struct buf *out)
{
	const char *p = buf_str(&l->text);
	int rc = buf_adds(out, "<div class=\"header-protection-legacy-display\">\n<pre>");

	for (; *p && rc == 0; p = l->gmime->utf8_next(p, NULL)) {
		gunichar c = l->gmime->utf8_char(p);

		if (c == '\n' && p[1] == '\0')
			break;
		rc = c == '<'    ? buf_adds(out, "&lt;")
		     : c == '>'  ? buf_adds(out, "&gt;")
		     : c == '&'  ? buf_adds(out, "&amp;")
		     : c == '"'  ? buf_adds(out, "&quot;")
		     : c == '\'' ? buf_adds(out, "&apos;")
		     : c >= 128  ? buf_addf(out, "&#%u;", (unsigned)c)
				 : buf_addc(out, (char)c);
	}
	return rc == 0 ? buf_adds(out, "</pre>\n</div>\n") : rc;
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

/*
 * Whole quanta, so that what follows stays aligned: d's octets before and behind its present place,
 * and the text between them, which gets blanks behind the first colon (plain) or at the end (HTML)
 * until it fits.
 */
static int put_base64(const struct decoder *d, const struct buf *text, bool html, struct buf *out)
{
	struct buf b = BUF_INIT_SECRET(ENCODED_MAX);
	unsigned before = d->given < d->filled ? d->given : 0;
	const char *p = buf_str(text), *colon = strchr(p, ':');
	size_t i, n = strlen(p), pad;
	char four[4];
	int rc = buf_add(&b, d->quantum, before);

	for (i = 0, pad = 0; i < n; i++)
		pad += p[i] == '\n'; /* each becomes two octets */
	pad = (3 - (n + pad) % 3) % 3;
	for (i = 0; i < n && rc == 0; i++) {
		rc = p[i] == '\n' ? buf_adds(&b, "\r\n") : buf_addc(&b, p[i]);
		if (rc == 0 && !html && p + i == colon)
			rc = buf_add(&b, "  ", pad);
	}
	if (rc == 0 && html)
		rc = buf_add(&b, "  ", pad);
	if (rc == 0 && before)
		rc = buf_add(&b, d->quantum + before, 3 - before);
	for (i = 0; i < b.len && rc == 0; i += 3) {
		if (i % 57 == 0)
			rc = buf_adds(out, "\r\n" + (out->len == 0 ? 2 : 0));
		base64_quantum(four, b.p + i, 3);
		if (rc == 0)
			rc = buf_add(out, four, 4);
	}
	if (rc == 0)
		rc = buf_adds(out, "\r\n");
	buf_free(&b);
	return rc;
}

/* Where the lines go, into d. 0; ERR_IO, ERR_OS. */
static int find_place(const struct legacy *l, const struct part *part, bool html, enum part_cte cte,
	struct buf *head, struct decoder *d, struct err *err)
{
	off_t n = part->end - part->body;
	ssize_t got;

	if (!html)
		n = 0;
	if (n > (off_t)HTML_HEAD_MAX)
		n = HTML_HEAD_MAX;
	if (buf_reserve(head, (size_t)n + 1) < 0)
		return err_set(err, ERR_OS, "out of memory");
	while ((off_t)head->len < n) {
		got = source_read(l->m->src, part->body + (off_t)head->len, head->p + head->len,
			(size_t)n - head->len, err);
		if (got < 0)
			return (int)got;
		if (got == 0)
			break;
		head->len += (size_t)got;
	}
	decoder_begin(d, head->p, head->len, cte);
	html_begin(d);
	return 0;
}

/* The lines in the part's own encoding, or the part's new one. 0; -1: it cannot be done. */
static int encode(struct legacy_edit *e, const struct part *part, const struct decoder *d,
	const struct buf *text, bool html, enum seven_bit_how *how, const char **cte)
{
	const char *line_end = html && d->at > 0 ? "\r\n" : "";

	e->from = e->to = part->body + (off_t)d->at;
	if (part->cte == CTE_BASE64 && (*how == SEVEN_BIT_COPY || *how == SEVEN_BIT_REWRAP)) {
		if (d->given < d->filled)
			e->from = part->body + (off_t)d->quantum_at;
		*how = SEVEN_BIT_REWRAP;
		return (e->from > part->body && buf_adds(&e->text, "\r\n") < 0)
			       ? -1
			       : put_base64(d, text, html, &e->text);
	}
	if (*how == SEVEN_BIT_COPY && part->cte != CTE_QP) {
		if (buf_adds(&e->text, line_end) == 0 && put_plain(text, &e->text) == 0)
			return 0;
		buf_reset(&e->text);
		*how = SEVEN_BIT_QP;
		*cte = "quoted-printable";
	}
	if (*how != SEVEN_BIT_QP && *how != SEVEN_BIT_QP_REPAIR && *how != SEVEN_BIT_COPY)
		return -1;
	return buf_adds(&e->text, line_end) < 0 ? -1 : put_qp(text, &e->text);
}

static int mark(struct legacy_edit *e, const char *type, bool to_utf8)
{
	static const char *const mark_only[] = {"hp-legacy-display", NULL};
	static const char *const both[] = {"hp-legacy-display", "charset", NULL};

	type += strspn(type, " \t\n");
	return ctype_change(type, to_utf8 ? both : mark_only,
		to_utf8 ? "; charset=\"utf-8\"; hp-legacy-display=\"1\""
			: "; hp-legacy-display=\"1\"",
		&e->type);
}

int legacy_part(struct legacy *l, size_t i, enum seven_bit_how *how, const char **cte,
	struct legacy_edit *e, struct err *err)
{
	const struct part *part = &l->s->part[i];
	struct buf text = BUF_INIT_SECRET(ENCODED_MAX), start = BUF_INIT_SECRET(HTML_HEAD_MAX + 1);
	bool html = false, to_utf8 = false;
	const char *type;
	struct decoder d;
	struct ctype ct;
	struct head h;
	int rc;

	*e = (struct legacy_edit){
		.type = BUF_INIT(MESSAGE_HEADER_MAX), .text = BUF_INIT_SECRET(ENCODED_MAX)};
	if (l->text.len == 0 || part->kind != PART_LEAF || !part->text)
		return 0;
	rc = is_main(l, i, err);
	if (rc != 1)
		return rc;
	rc = head_of(l, i, &h, err);
	type = h.type.len ? buf_str(&h.type) : "text/plain; charset=us-ascii";
	if (rc == 0 && ctype_parse(type, &ct) == 0)
		html = ctype_is(&ct, "text", "html");
	if (rc == 0 && (html || ctype_is(&ct, "text", "plain")))
		rc = find_place(l, part, html, part->cte, &start, &d, err);
	else if (rc == 0)
		goto none;
	if (rc < 0)
		goto out;
	e->type_start = h.type_start;
	e->type_end = h.type_end;
	if ((html ? html_text(l, &text) : plain_text(l, type, &text, &to_utf8)) == 0 &&
		mark(e, type, to_utf8) == 0 && encode(e, part, &d, &text, html, how, cte) == 0)
		rc = 1;
	goto out;
none:
	rc = 0;
out:
	if (rc != 1)
		legacy_edit_free(e);
	head_free(&h);
	buf_free(&text);
	buf_free(&start);
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
