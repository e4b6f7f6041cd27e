/* SPDX-License-Identifier: ISC */
/* What the headers of a message of the corpus must be, inside and outside (RFC 9788 with its
 * baseline policy). */
#ifndef SEALPOST_TEST_CORPUS_HEAD_H
#define SEALPOST_TEST_CORPUS_HEAD_H

#include "corpus_mail.h"

#include "base/text.h"
#include "mime/ascii_field.h"
#include "mime/words.h"

#define MARKS "; hp=\"cipher\"; protected-headers=\"v1\""

/* Runs of blanks and line ends to one blank, none at the ends. In place. */
static char *collapse(char *s)
{
	char *r = s, *w = s;

	for (; *r; r++) {
		if (!strchr(" \t\r\n", *r))
			*w++ = *r;
		else if (w > s && w[-1] != ' ')
			*w++ = ' ';
	}
	while (w > s && w[-1] == ' ')
		w--;
	*w = '\0';
	return s;
}

struct head {
	struct {
		char name[80], *value;
	} v[3 * CORPUS_FIELDS_MAX];
	size_t n;
};

static void head_add(struct head *h, const char *name, size_t len, const char *value, size_t vlen)
{
	assert_true(h->n < N_OF(h->v) && len < sizeof(h->v[0].name));
	snprintf(h->v[h->n].name, sizeof(h->v[0].name), "%.*s", (int)len, name);
	h->v[h->n].value = strndup(value, vlen);
	assert_non_null(h->v[h->n].value);
	collapse(h->v[h->n++].value);
}

static void head_free(struct head *h)
{
	while (h->n > 0)
		free(h->v[--h->n].value);
}

/* Reads up to the blank line; lines end with eol and with nothing else. Where the body begins. */
static const char *head_read(struct head *h, const char *text, const char *eol)
{
	const char *p = text, *e, *colon;
	size_t el = strlen(eol);

	h->n = 0;
	while (strncmp(p, eol, el) != 0) {
		assert_false(*p == ' ' || *p == '\t');
		for (e = p;; e += el) {
			const char *line = e;

			e = strstr(e, eol);
			assert_non_null(e);
			assert_null(memchr(line, el == 2 ? '\n' : '\r', (size_t)(e - line)));
			assert_true(e - line <= 998);
			assert_true(e > line && e[-1] != ' ' && e[-1] != '\t');
			if (e[el] != ' ' && e[el] != '\t')
				break;
		}
		colon = memchr(p, ':', (size_t)(e - p));
		assert_non_null(colon);
		head_add(h, p, (size_t)(colon - p), colon + 1, (size_t)(e - colon) - 1);
		p = e + el;
	}
	return p + el;
}

static const char *head_get(const struct head *h, const char *name, size_t *count)
{
	const char *found = NULL;
	size_t i;

	for (i = *count = 0; i < h->n; i++) {
		if (strcasecmp(h->v[i].name, name) != 0)
			continue;
		found = h->v[i].value;
		++*count;
	}
	return found;
}

static bool blank(const char *s)
{
	return s[strspn(s, " \t\n")] == '\0';
}

static bool listed(const char *name, const char *list)
{
	const char *p = strcasestr(list, name);

	return p && p[-1] == ' ' && p[strlen(name)] == ' ';
}

static bool never_out(const char *name)
{
	return listed(name, " Bcc Resent-Bcc X-Sealpost Autocrypt-Draft-State Return-Path "
			    "DKIM-Signature HP-Outer ");
}

/* Of a message that is signed already its body is a part of its own. */
static bool is_wrapped(const struct corpus *c)
{
	return c->root == K_SIGNED;
}

/* What stands inside, in order, but for what the root's part has; what is written anew has no
 * value. */
static void wanted(const struct corpus *c, struct head *h)
{
	static const char *const ours[] = {"From", "Date", "Message-ID"};
	size_t i, k;
	bool have;

	h->n = 0;
	for (k = 0; k < N_OF(ours); k++) {
		for (have = false, i = 0; i < c->n_field; i++)
			have |= strcmp(c->field[i].name, ours[k]) == 0 && !blank(c->field[i].value);
		if (!have)
			head_add(h, ours[k], strlen(ours[k]), "", 0);
	}
	for (i = 0; i < c->n_field; i++) {
		bool again = listed(c->field[i].name, " From Date Message-ID ") &&
			     blank(c->field[i].value);

		/* These go with the body. */
		if (is_wrapped(c) && strncasecmp(c->field[i].name, "Content-", 8) == 0)
			continue;
		if (!never_out(c->field[i].name) && !again)
			head_add(h, c->field[i].name, strlen(c->field[i].name), c->field[i].value,
				strlen(c->field[i].value));
	}
}

static bool is_root_field(const char *name)
{
	return listed(
		name, " Content-Type Content-Transfer-Encoding Content-Disposition Content-ID ");
}

/* Content-Type: as it was, with the marks in place of such as there were. */
static void check_type(const struct corpus *c, const struct head *in)
{
	const char *const gone[] = {"; hp=\"clear\"", "; Protected-Headers=\"v1\"", ";"};
	char *want = strdup(buf_str(&c->node[0].head)), *p, *have;
	size_t i, n;

	have = strdup(head_get(in, "Content-Type", &n));
	assert_int_equal(n, 1);
	p = have + strlen(have) - strlen(MARKS);
	assert_true(p > have);
	assert_string_equal(p, MARKS);
	*p = '\0';
	if (is_wrapped(c)) {
		assert_true(strncmp(have, "multipart/mixed; boundary=", 26) == 0);
	} else if (!*want) {
		assert_true(strncmp(have, "text/plain; charset=", 20) == 0);
	} else {
		p = strcasestr(want, "Content-Type:") + 13;
		for (i = 0; p[i] && !(p[i] == '\n' && p[i + 1] != ' ' && p[i + 1] != '\t'); i++)
			;
		p[i] = '\0';
		collapse(p);
		for (i = 0; i < N_OF(gone); i++) {
			n = strlen(p) - strlen(gone[i]);
			if (strlen(p) > strlen(gone[i]) && strcmp(p + n, gone[i]) == 0)
				p[n] = '\0';
		}
		assert_string_equal(have, p);
	}
	free(want);
	free(have);
}

/* The outer fields: Subject says nothing, some are gone, all else is as inside. */
static void check_outer(const struct head *in, const struct head *out)
{
	size_t i, k = 0, hp = 0;

	for (i = 0; i < in->n; i++) {
		const char *name = in->v[i].name;

		if (strcasecmp(name, "HP-Outer") == 0 || strncasecmp(name, "Content-", 8) == 0 ||
			listed(name, " MIME-Version Comments Keywords "))
			continue;
		assert_true(k < out->n);
		assert_string_equal(out->v[k].name, name);
		assert_string_equal(
			out->v[k].value, strcmp(name, "Subject") == 0 ? "[...]" : in->v[i].value);
		k++;
	}
	assert_int_equal(k, out->n);
	for (i = 0; i < in->n; i++) { /* RFC 9788 section 2.2: each of them, and at the end */
		char line[2100];

		if (strcmp(in->v[i].name, "HP-Outer") != 0) {
			assert_int_equal(hp, 0);
			continue;
		}
		assert_true(hp < out->n);
		snprintf(line, sizeof(line), "%s: %s", out->v[hp].name, out->v[hp].value);
		collapse(line);
		assert_string_equal(in->v[i].value, line);
		hp++;
	}
	assert_int_equal(hp, out->n);
}

/* In ASCII, people read the same. */
static void assert_same_words(const char *got, const char *want)
{
	struct buf a = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);

	if (strcmp(got, want) == 0 && text_is_ascii(got))
		return;
	assert_true(text_is_ascii(got) || strchr(got, '@')); /* a local part stays */
	if (words_decode(want, &b) == 0 && words_decode(got, &a) == 0)
		assert_string_equal(buf_str(&a), buf_str(&b));
	buf_free(&a);
	buf_free(&b);
}

static void check_headers(const struct corpus *c, const struct head *in, const struct head *out)
{
	struct head want;
	size_t i, k = 0;

	wanted(c, &want);
	for (i = 0; i < in->n; i++) {
		if (is_root_field(in->v[i].name) || strcmp(in->v[i].name, "HP-Outer") == 0)
			continue;
		assert_true(k < want.n);
		assert_string_equal(in->v[i].name, want.v[k].name);
		if (want.v[k].value[0])
			assert_same_words(in->v[i].value, want.v[k].value);
		else if (listed(want.v[k].name, " From Date Message-ID "))
			assert_false(blank(in->v[i].value));
		else
			assert_string_equal(in->v[i].value, "");
		k++;
	}
	assert_int_equal(k, want.n);
	check_type(c, in);
	check_outer(in, out);
	head_free(&want);
}

#endif
