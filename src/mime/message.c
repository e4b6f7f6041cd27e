/* SPDX-License-Identifier: ISC */
#include "mime/message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mime/ctype.h"
#include "mime/source.h"
#include "mime/mime.h"
#include "mime/recipients.h"

struct header {
	struct message *m;
	size_t room;      /* of m->field */
	size_t octets;    /* so far */
	struct buf name;  /* of the field being read */
	struct buf value; /* secret */
	off_t start;      /* of the field being read */
	bool passed_over; /* what is being read is a line of an mbox */
};

/* Adds the field read so far to m. */
static int end_field(struct header *h, off_t end, struct err *err)
{
	struct message *m = h->m;
	struct field *f, *v;

	if (h->name.len == 0)
		return 0;
	if (m->n_field == MESSAGE_FIELDS_MAX)
		return err_set(
			err, ERR_DATA, "the header has more than %d fields", MESSAGE_FIELDS_MAX);
	if (m->n_field == h->room) {
		h->room = h->room ? 2 * h->room : 32;
		v = reallocarray(m->field, h->room, sizeof(*v));
		if (!v)
			return err_set(err, ERR_OS, "out of memory");
		m->field = v;
	}
	f = &m->field[m->n_field];
	*f = (struct field){.name = strdup(buf_str(&h->name)),
		.value = strdup(buf_str(&h->value)),
		.start = h->start,
		.end = end};
	m->n_field++; /* message_free also frees an incomplete one */
	buf_reset(&h->name);
	buf_reset(&h->value);
	return f->name && f->value ? 0 : err_set(err, ERR_OS, "out of memory");
}

static int no_header(const char *why, struct err *err)
{
	err_set(err, ERR_DATA, "the message %s", why);
	err_hint(err,
		"begin it with fields such as Subject: and To: and a blank line, or, without any, "
		"with the blank line");
	return ERR_DATA;
}

static int no_field(const struct header *h, struct err *err)
{
	return err_set(err, ERR_DATA,
		"the header holds a line that is not a field (after %zu fields)", h->m->n_field);
}

/* What separates the mails of an mbox, quoted or not, strays into headers when they are forwarded:
 * mail programs pass over it. */
static bool is_stray_mbox_line(const struct line *l)
{
	size_t quote = 0;

	while (quote < l->len && l->p[quote] == '>')
		quote++;
	return mime_mbox_line(l->p + quote, l->len - quote);
}

static int begin_header_field(struct header *h, const struct line *l, struct err *err)
{
	size_t colon, n = mime_field_name(l->p, l->len, &colon);
	int rc = end_field(h, l->off, err);

	if (rc < 0)
		return rc;
	h->passed_over = n == 0 && is_stray_mbox_line(l);
	if (h->passed_over)
		return 0;
	if (n == 0 && h->m->n_field == 0)
		return no_header("has no header (its first line is not a field)", err);
	if (n == 0 || n > MESSAGE_NAME_MAX)
		return no_field(h, err);
	h->start = l->off;
	if (buf_add(&h->name, l->p, n) < 0 ||
		buf_add(&h->value, l->p + colon + 1, l->len - colon - 1) < 0)
		return err_set(err, ERR_OS, "out of memory");
	return 0;
}

/* Handles a continuation line, or a further piece of a long line. */
static int continue_header_field(struct header *h, const struct line *l, struct err *err)
{
	if (h->passed_over && !l->first)
		return 0;
	if (h->name.len == 0 && h->m->n_field == 0)
		return no_header("has no header (it begins with a blank)", err);
	if (h->name.len == 0)
		return no_field(h, err);
	if ((l->first && buf_addc(&h->value, '\n') < 0) || buf_add(&h->value, l->p, l->len) < 0)
		return err_set(err, ERR_OS, "out of memory");
	return 0;
}

static int check_octets(struct header *h, const struct line *l, struct err *err)
{
	h->octets += l->len + l->eol;
	if (h->octets > MESSAGE_HEADER_MAX)
		return err_set(
			err, ERR_DATA, "the header is larger than %u bytes", MESSAGE_HEADER_MAX);
	if (memchr(l->p, '\0', l->len))
		return err_set(err, ERR_DATA, "the header holds a NUL");
	if (memchr(l->p, '\r', l->len))
		return err_set(
			err, ERR_DATA, "the header holds a carriage return without line feed");
	return 0;
}

/*
 * A message may have no fields: its first line is blank, and text follows, as people pipe it into
 * sendmail. Fields behind that line were meant as the header: Bcc among them must not become text.
 */
static int check_bare_text(struct lines *r, struct err *err)
{
	static const char *const usual[] = {"From", "To", "Cc", "Bcc", "Subject", "Date",
		"Message-ID", "MIME-Version", "Content-Type", "X-Sealpost", NULL};
	char name[MESSAGE_NAME_MAX + 1];
	struct line l;
	size_t colon, n;
	int rc;

	while ((rc = lines_next(r, &l, err)) == 1 && l.first && l.len == 0)
		;
	if (rc != 1)
		return rc;
	n = mime_field_name(l.p, l.len, &colon);
	if (n == 0 || n > MESSAGE_NAME_MAX)
		return 0;
	memcpy(name, l.p, n);
	name[n] = '\0';
	return mime_in_list(usual, name)
		       ? err_set(err, ERR_DATA, "the message has a blank line before its header")
		       : 0;
}

static int read_mail_header(struct header *h, struct lines *r, struct err *err)
{
	struct line l;
	int rc;

	while ((rc = lines_next(r, &l, err)) == 1) {
		if (l.first && l.len == 0 && l.eol)
			break; /* the blank line */
		rc = check_octets(h, &l, err);
		if (rc == 0)
			rc = l.first && !mime_blank(l.p[0]) ? begin_header_field(h, &l, err)
							    : continue_header_field(h, &l, err);
		if (rc < 0)
			return rc;
	}
	if (rc < 0)
		return rc;
	h->m->body = r->off;
	if (rc == 1 && h->m->n_field == 0 && h->name.len == 0)
		return check_bare_text(r, err);
	rc = end_field(h, rc == 1 ? l.off : r->off, err);
	if (rc == 0 && h->m->n_field == 0)
		rc = no_header(h->m->src->size == 0 ? "is empty" : "has no header", err);
	return rc;
}

bool message_is_list(const char *name)
{
	static const char *const lists[] = {
		"To", "Cc", "Bcc", "Reply-To", "In-Reply-To", "References", NULL};

	return mime_in_list(lists, name);
}

/* Checks fields of one name that may occur once, from the first on. */
static int check_field(const struct message *m, size_t first, struct err *err)
{
	const struct field *f = &m->field[first];
	bool differ = false;
	size_t i, n = 1;

	for (i = first + 1; i < m->n_field; i++) {
		if (strcasecmp(m->field[i].name, f->name) != 0)
			continue;
		n++;
		m->field[i].repeated = mime_same_text(m->field[i].value, f->value);
		differ |= !m->field[i].repeated;
	}
	if (differ)
		return err_set(err, ERR_DATA,
			"the header has %zu fields %s that differ, it may have one", n, f->name);
	return 0;
}

/* Refuses repeated fields, which could be read differently inside and outside, or by another
 * program (RFC 5322 section 3.6). */
static int check_once(const struct message *m, struct err *err)
{
	static const char *const once[] = {"From", "Sender", "Subject", "Date", "Message-ID",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
		"Content-ID", "Content-Description"};
	size_t i, j;
	int rc = 0;

	for (i = 0; i < sizeof(once) / sizeof(once[0]) && rc == 0; i++) {
		for (j = 0; j < m->n_field && strcasecmp(m->field[j].name, once[i]) != 0; j++)
			;
		if (j < m->n_field)
			rc = check_field(m, j, err);
	}
	return rc;
}

static int find_signed(struct message *m, struct err *err)
{
	const char *type = message_field(m, "Content-Type");
	struct buf fixed = BUF_INIT(2 * MESSAGE_HEADER_MAX);
	struct ctype ct;
	int rc = type ? ctype_read(type, &ct, &fixed) : -1;

	buf_free(&fixed);
	if (rc == ERR_OS)
		return err_set(err, ERR_OS, "out of memory");
	m->is_signed = rc >= 0 && (ctype_is(&ct, "multipart", "signed") ||
					  ((ctype_is(&ct, "application", "pkcs7-mime") ||
						   ctype_is(&ct, "application", "x-pkcs7-mime")) &&
						  strcmp(ct.smime_type, "signed-data") == 0));
	return 0;
}

int message_parse(struct message *m, const struct source *src, struct err *err)
{
	struct header h = {.m = m,
		.name = BUF_INIT(MESSAGE_NAME_MAX),
		.value = BUF_INIT_SECRET(2 * MESSAGE_HEADER_MAX)};
	struct lines r;
	int rc;

	*m = (struct message){.src = src};
	lines_init(&r, src, 0, src->size);
	rc = read_mail_header(&h, &r, err);
	lines_end(&r);
	buf_free(&h.name);
	buf_free(&h.value);
	if (rc == 0)
		rc = check_once(m, err);
	if (rc == 0)
		rc = find_signed(m, err);
	if (rc == 0)
		rc = recipients_read(m, err);
	if (rc < 0)
		message_free(m);
	return rc;
}

const char *message_field(const struct message *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->n_field; i++) {
		if (strcasecmp(m->field[i].name, name) == 0)
			return m->field[i].value;
	}
	return NULL;
}

bool message_has(const struct message *m, const char *name)
{
	const char *v = message_field(m, name);

	return v && v[strspn(v, " \t\n")] != '\0';
}

void message_free(struct message *m)
{
	size_t i;

	for (i = 0; i < m->n_field; i++) {
		if (m->field[i].value)
			explicit_bzero(m->field[i].value, strlen(m->field[i].value));
		free(m->field[i].value);
		free(m->field[i].name);
	}
	free(m->field);
	addr_list_free(&m->named);
	addr_list_free(&m->hidden);
	*m = (struct message){.src = NULL};
}
