/* SPDX-License-Identifier: ISC */
#include "pgp/seal/outgoing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "mime/ascii_field.h"
#include "mime/ctype.h"
#include "mime/fold.h"
#include "mime/mime.h"

#define MADE_MAX 4 /* fields that message_complete may have written */

/* What mail programs and old mailers note of Bcc, and of where copies are kept. */
static bool tells_of_hidden(const char *name)
{
	static const char *const list[] = {"X-Bcc", "X-Original-Bcc", "Apparently-To",
		"X-Envelope-To", "Fcc", "X-Fcc", "Gcc", "X-Gcc", "X-Evolution-Fcc", NULL};

	return mime_in_list(list, name);
}

bool outgoing_never(const char *name)
{
	static const char *const never[] = {"Bcc", "Resent-Bcc", "X-Sealpost", OUTGOING_RESULT,
		"Autocrypt-Draft-State", "Autocrypt-Gossip", NULL};

	return mime_in_list(never, name) || tells_of_hidden(name);
}

/* Of a sealed message besides: nothing of it would be true, or ours. */
static bool never_sealed(const struct outgoing *h, const char *name)
{
	static const char *const never[] = {"Return-Path", "DKIM-Signature", "HP-Outer", NULL};

	if (h->kept && tells_of_hidden(name))
		return false;
	return outgoing_never(name) || mime_in_list(never, name);
}

static bool is_structural(const char *name)
{
	return strncasecmp(name, "Content-", 8) == 0 || strcasecmp(name, "MIME-Version") == 0;
}

/* A raw value without blanks where they mean nothing and could get lost on the way. malloc'ed;
 * NULL: no memory. */
static char *trim_value(const char *raw)
{
	char *copy = malloc(strlen(raw) + 1), *w = copy;
	size_t len, used;

	while (copy && *raw) {
		len = strcspn(raw, "\n");
		used = mime_rtrim((const uint8_t *)raw, len);
		if (w == copy) { /* nothing yet: blanks in front go as well */
			while (used > 0 && mime_blank((uint8_t)*raw)) {
				raw++;
				used--;
				len--;
			}
		} else if (used > 0) {
			*w++ = '\n';
		}
		memcpy(w, raw, used);
		w += used;
		raw += len + (raw[len] == '\n');
	}
	if (copy)
		*w = '\0';
	return copy;
}

/* The value as it goes out. malloc'ed; NULL: no memory. */
static char *make_value(const char *name, const char *raw)
{
	struct buf ascii = BUF_INIT_SECRET(OUTGOING_MAX), folded = BUF_INIT_SECRET(OUTGOING_MAX);
	char *value = trim_value(raw), *made = NULL;

	if (value && ascii_field(name, value, &ascii) == 0 &&
		fold_long(name, buf_str(&ascii), &folded) == 0)
		made = strdup(buf_str(&folded));
	if (value)
		explicit_bzero(value, strlen(value));
	free(value);
	buf_free(&ascii);
	buf_free(&folded);
	return made;
}

static int add_outer_field(struct outgoing *h, const char *name, const char *raw, struct err *err)
{
	struct out_field *f = &h->v[h->n];
	char *value = make_value(name, raw);

	if (!value)
		return err_set(err, ERR_OS, "out of memory");
	*f = (struct out_field){.name = name, .value = value, .structural = is_structural(name)};
	h->n++;
	if (f->structural || tells_of_hidden(name))
		return 0;
	return hcp_apply(
		h->mark == HP_CLEAR ? HCP_OFF : h->hcp, name, value, &f->own, &f->outer, err);
}

/* A field that is inside only. */
static int add_inside(struct outgoing *h, const char *name, const char *value, struct err *err)
{
	int rc = add_outer_field(h, name, value, err);

	if (rc == 0)
		h->v[h->n - 1].outer = NULL;
	return rc;
}

/* The longest line that the field needs outside, with a fold after its name if that helps. */
static bool too_long(const struct out_field *f)
{
	const char *p;
	size_t len;

	for (p = f->outer; p && *p; p += len + (p[len] == '\n')) {
		len = strcspn(p, "\n");
		if (len + 1 > FOLD_LINE_MAX)
			return true;
	}
	return false;
}

static int add_made_field(struct outgoing *h, const struct message_made *made, struct err *err)
{
	static const char *const names[] = {MESSAGE_MADE_NAMES};
	const char *value;
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(names) / sizeof(names[0]) && rc == 0; i++) {
		value = message_made_value(made, names[i]);
		if (value)
			rc = add_outer_field(h, names[i], value, err);
	}
	return rc;
}

/* A field that stands more than once, as one that lists what all of them do. */
static int add_joined(struct outgoing *h, const struct message *m, size_t first, struct err *err)
{
	const char *name = m->field[first].name;
	const bool ids =
		strcasecmp(name, "In-Reply-To") == 0 || strcasecmp(name, "References") == 0;
	struct buf all = BUF_INIT_SECRET(OUTGOING_MAX);
	size_t i, from, to;
	int rc = 0;

	for (i = first; i < m->n_field && rc == 0; i++) {
		const char *value = m->field[i].value;

		if (strcasecmp(m->field[i].name, name) != 0)
			continue;
		from = strspn(value, " \t\n");
		for (to = strlen(value); to > from && strchr(" \t\n,", value[to - 1]); to--)
			;
		if (to > from && all.len > 0)
			rc = buf_adds(&all, ids ? "\n " : ",\n ");
		if (rc == 0)
			rc = buf_add(&all, value + from, to - from);
	}
	rc = rc < 0 ? err_set(err, ERR_OS, "out of memory")
		    : add_outer_field(h, name, buf_str(&all), err);
	buf_free(&all);
	return rc;
}

/* How many fields of its name there are in [from, to). */
static size_t count_same(const struct message *m, const char *name, size_t from, size_t to)
{
	size_t n = 0;

	for (; from < to; from++)
		n += strcasecmp(m->field[from].name, name) == 0;
	return n;
}

/* A field of the message, with the others of its name if they are one list. */
static int add_own(struct outgoing *h, const struct message *m, size_t i, struct err *err)
{
	const struct field *f = &m->field[i];
	const bool list = message_is_list(f->name);
	int rc;

	if (f->repeated || (list && count_same(m, f->name, 0, i) > 0))
		return 0;
	if (list && count_same(m, f->name, i, m->n_field) > 1)
		rc = add_joined(h, m, i, err);
	else
		rc = add_outer_field(h, f->name, f->value, err);
	if (rc == 0 && too_long(&h->v[h->n - 1]))
		rc = err_set(err, ERR_DATA, "the field %s has a line longer than %d bytes", f->name,
			FOLD_LINE_MAX);
	return rc;
}

static int add_all_fields(struct outgoing *h, const struct message *m, struct err *err)
{
	struct message_made made;
	int rc = message_make(m, &made, err);
	size_t i;

	if (rc == 0)
		rc = add_made_field(h, &made, err);
	for (i = 0; i < m->n_field && rc == 0; i++) {
		if (never_sealed(h, m->field[i].name) ||
			message_made_value(&made, m->field[i].name))
			continue;
		rc = add_own(h, m, i, err);
	}
	for (i = 0; i < h->n_gossip && rc == 0; i++)
		rc = add_inside(h, "Autocrypt-Gossip", h->gossip[i], err);
	if (rc == 0 && h->kept)
		rc = add_inside(h, OUTGOING_RESULT, h->kept, err);
	return rc;
}

/* Those that tell a Subject that is no UTF-8: outside its bytes are encoded words, in which they
 * are not found again, but they stand in the message. */
static void hide_raw_subject(struct outgoing *h, const struct message *m, const char *text)
{
	size_t i, k;

	for (i = 0; i < m->n_field; i++) {
		const struct field *f = &m->field[i];

		if (!hcp_tells_subject(f->name, f->value, text))
			continue;
		for (k = 0; k < h->n; k++) {
			if (strcasecmp(h->v[k].name, f->name) == 0)
				h->v[k].outer = NULL;
		}
	}
}

/* The fields that would tell the Subject, outside no more. */
static int hide_subject(struct outgoing *h, const struct message *m, struct err *err)
{
	const char *subject = message_field(m, "Subject");
	struct buf text = BUF_INIT_SECRET(MESSAGE_HEADER_MAX);
	size_t i;
	int rc;

	if (!subject || h->hcp == HCP_OFF || h->mark != HP_CIPHER)
		return 0;
	rc = hcp_subject_text(subject, &text, err);
	for (i = 0; rc == 0 && i < h->n; i++) {
		struct out_field *f = &h->v[i];

		if (f->outer && hcp_tells_subject(f->name, f->value, buf_str(&text)))
			f->outer = NULL;
	}
	if (rc == 0 && !text_is_utf8(buf_str(&text), text.len))
		hide_raw_subject(h, m, buf_str(&text));
	buf_free(&text);
	return rc;
}

int outgoing_make(struct outgoing *h, const struct message *m, struct err *err)
{
	int rc;

	if (h->hcp == HCP_OFF)
		h->mark = HP_NONE;
	h->n = 0;
	h->v = calloc(m->n_field + MADE_MAX + h->n_gossip + 1, sizeof(*h->v));
	if (!h->v)
		return err_set(err, ERR_OS, "out of memory");
	rc = add_all_fields(h, m, err);
	if (rc == 0)
		rc = hide_subject(h, m, err);
	if (rc < 0)
		outgoing_free(h);
	return rc;
}

void outgoing_free(struct outgoing *h)
{
	size_t i;

	for (i = 0; i < h->n; i++) {
		explicit_bzero(h->v[i].value, strlen(h->v[i].value));
		free(h->v[i].value);
		free(h->v[i].own);
	}
	free(h->v);
	*h = (struct outgoing){NULL, 0};
}

/*
 * Appends "PREFIX NAME: VALUE" with the line ends eol. A first line that would be too long is
 * folded before the name, or after it. -1: no room.
 */
static int put_field(
	struct buf *out, const char *prefix, const char *name, const char *value, const char *eol)
{
	size_t len = strcspn(value, "\n"), first = strlen(prefix) + strlen(name) + 2 + len;
	bool fold_name =
		*prefix && first > FOLD_LINE_MAX && strlen(name) + 3 + len <= FOLD_LINE_MAX;
	bool fold = first > FOLD_LINE_MAX && !fold_name;

	if (buf_add(out, prefix, mime_rtrim((const uint8_t *)prefix, strlen(prefix))) < 0)
		return -1;
	if (*prefix && (fold_name ? buf_addf(out, "%s ", eol) : buf_addc(out, ' ')) < 0)
		return -1;
	if (buf_addf(out, "%s:", name) < 0 ||
		(*value && (fold ? buf_addf(out, "%s ", eol) : buf_addc(out, ' ')) < 0))
		return -1;
	while (*value) {
		len = strcspn(value, "\n");
		if (buf_add(out, value, len) < 0)
			return -1;
		value += len;
		if (*value++ != '\n')
			break;
		if (buf_adds(out, eol) < 0)
			return -1;
	}
	return buf_adds(out, eol);
}

/* Content-Type with RFC 9788's marks. */
static int put_type(const struct outgoing *h, struct buf *out, const char *name, const char *value,
	struct err *err)
{
	struct buf ascii = BUF_INIT_SECRET(OUTGOING_MAX), marked = BUF_INIT_SECRET(OUTGOING_MAX);
	struct ctype ct;
	int rc = 0;

	if (ascii_field(name, value, &ascii) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	else if (ctype_protect(buf_str(&ascii), h->mark, &marked) < 0)
		rc = ctype_parse(buf_str(&ascii), &ct) < 0
			     ? err_set(err, ERR_DATA, "the field Content-Type cannot be read")
			     : err_set(err, ERR_OS, "out of memory");
	else if (put_field(out, "", name, buf_str(&marked), "\r\n") < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	buf_free(&ascii);
	buf_free(&marked);
	return rc;
}

static int put_hp_outer(const struct outgoing *h, struct buf *out)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < h->n && rc == 0; i++) {
		if (h->v[i].outer && h->mark == HP_CIPHER)
			rc = put_field(out, "HP-Outer: ", h->v[i].name, h->v[i].outer, "\r\n");
	}
	return rc;
}

int outgoing_inside(const struct outgoing *h, const char *new_type, const char *type,
	const char *cte, struct buf *out, struct err *err)
{
	bool typed = false, encoded = false;
	const struct out_field *f;
	int rc = 0;
	size_t i;

	for (i = 0; i < h->n && rc == 0; i++) {
		f = &h->v[i];
		if (strcasecmp(f->name, "Content-Type") == 0) {
			typed = true;
			rc = put_type(h, out, f->name, new_type ? new_type : f->value, err);
		} else if (cte && strcasecmp(f->name, "Content-Transfer-Encoding") == 0) {
			encoded = true;
			rc = put_field(out, "", f->name, cte, "\r\n");
		} else if (h->mark != HP_NONE || !f->outer) {
			rc = put_field(out, "", f->name, f->value, "\r\n");
		}
	}
	if (rc == 0 && !typed)
		rc = put_type(h, out, "Content-Type", new_type ? new_type : type, err);
	if (rc == 0 && cte && !encoded)
		rc = put_field(out, "", "Content-Transfer-Encoding", cte, "\r\n");
	if (rc == 0)
		rc = put_hp_outer(h, out);
	if (rc == 0)
		rc = buf_adds(out, "\r\n");
	return rc == -1 ? err_set(err, ERR_OS, "out of memory") : rc;
}

/* Whether it says what the body is, and goes where that goes. */
static bool is_of_body(const struct out_field *f)
{
	return f->structural && strcasecmp(f->name, "MIME-Version") != 0;
}

/* The header of the part that the body becomes, without its end. */
static int put_part_header(
	const struct outgoing *h, const char *type, const char *cte, struct buf *out)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < h->n && rc == 0; i++) {
		const char *name = h->v[i].name, *value = h->v[i].value;

		if (!is_of_body(&h->v[i]))
			continue;
		if (cte && strcasecmp(name, "Content-Transfer-Encoding") == 0) {
			value = cte;
			cte = NULL;
		} else if (type && strcasecmp(name, "Content-Type") == 0) {
			value = type;
		}
		rc = put_field(out, "", name, value, "\r\n");
	}
	return rc == 0 && cte ? put_field(out, "", "Content-Transfer-Encoding", cte, "\r\n") : rc;
}

int outgoing_inside_wrapped(const struct outgoing *h, const char *boundary, const char *new_type,
	const char *cte, struct buf *out, struct err *err)
{
	char type[128];
	int rc = 0;
	size_t i;

	snprintf(type, sizeof(type), "multipart/mixed; boundary=\"%s\"", boundary);
	for (i = 0; i < h->n && rc == 0; i++) {
		const struct out_field *f = &h->v[i];

		if (strcasecmp(f->name, "Content-Type") == 0)
			rc = put_type(h, out, f->name, type, err);
		else if (!is_of_body(f))
			rc = put_field(out, "", f->name, f->value, "\r\n");
	}
	if (rc == 0)
		rc = put_hp_outer(h, out);
	if (rc == 0)
		rc = buf_addf(out, "\r\n--%s\r\n", boundary);
	if (rc == 0)
		rc = put_part_header(h, new_type, cte, out);
	if (rc == 0)
		rc = buf_adds(out, "\r\n");
	return rc == -1 ? err_set(err, ERR_OS, "out of memory") : rc;
}

int outgoing_outside(const struct outgoing *h, struct buf *out, struct err *err)
{
	size_t i;

	for (i = 0; i < h->n; i++) {
		if (h->v[i].outer && put_field(out, "", h->v[i].name, h->v[i].outer, "\n") < 0)
			return err_set(err, ERR_OS, "out of memory");
	}
	return 0;
}
