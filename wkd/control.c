/* SPDX-License-Identifier: ISC */
#include "wkd/control.h"

#include <string.h>

#include "base/buf.h"

#define MEANT "BEGIN PGP"

/* Of a public or secret key, in either format (RFC 9580 section 4.2). */
static bool is_key_tag(uint8_t c)
{
	unsigned tag = c & 0x40 ? c & 0x3f : (c & 0x3f) >> 2;

	return c & 0x80 && (tag == 5 || tag == 6);
}

bool control_needed(const uint8_t *body, size_t len)
{
	return len == 0 || (!is_key_tag(body[0]) && !memmem(body, len, MEANT, strlen(MEANT)));
}

struct page {
	const uint8_t *p;
	size_t len;
};

static bool is_one_of(uint8_t c, const char *these)
{
	return c != '\0' && strchr(these, c);
}

static void step_over(struct page *t, size_t n)
{
	t->p += n;
	t->len -= n;
}

static bool begins_with(const struct page *t, const char *text)
{
	return t->len >= strlen(text) && memcmp(t->p, text, strlen(text)) == 0;
}

/* Steps over what opens with a text and ends with another. False if it is not there, or no end. */
static bool skip_from_to(struct page *t, const char *open, const char *close)
{
	const uint8_t *end;

	if (!begins_with(t, open))
		return false;
	end = memmem(t->p, t->len, close, strlen(close));
	if (end)
		step_over(t, (size_t)(end - t->p) + strlen(close));
	return end != NULL;
}

/* To what stands behind a byte order mark, blanks, comments and an XML declaration. */
static void skip_preamble(struct page *t)
{
	if (begins_with(t, "\xef\xbb\xbf"))
		step_over(t, 3);
	do {
		while (t->len > 0 && is_one_of(*t->p, " \t\r\n"))
			step_over(t, 1);
	} while (skip_from_to(t, "<!--", "-->") || skip_from_to(t, "<?xml", "?>"));
}

static uint8_t lower_case(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool in_tag_name(uint8_t c, size_t at)
{
	return (c >= 'a' && c <= 'z') || (at == 0 ? c == '!' : c >= '0' && c <= '9');
}

/* The name of the tag at the front, "!doctype" too; false if there is none. */
static bool first_tag(const struct page *t, char out[CONTROL_TAG_MAX])
{
	size_t n = 0;

	if (t->len == 0 || t->p[0] != '<')
		return false;
	while (n < CONTROL_TAG_MAX - 1 && n + 1 < t->len &&
		in_tag_name(lower_case(t->p[n + 1]), n)) {
		out[n] = (char)lower_case(t->p[n + 1]);
		n++;
	}
	out[n] = '\0';
	return n > (out[0] == '!' ? 1u : 0u) && n + 1 < t->len &&
	       is_one_of(t->p[n + 1], " \t\r\n/>");
}

/* What is left of a page once a word is taken out of it wherever it stands. */
static int strike_out(struct buf *b, const char *word, size_t n)
{
	struct buf left = BUF_INIT(b->max);
	const uint8_t *p = b->p, *at;
	size_t len = b->len;
	int rc = 0;

	if (n == 0 || len == 0)
		return 0;
	while (rc == 0 && (at = memmem(p, len, word, n))) {
		rc = buf_add(&left, p, (size_t)(at - p));
		len -= (size_t)(at - p) + n;
		p = at + n;
	}
	if (rc == 0)
		rc = buf_add(&left, p, len);
	buf_free(b);
	*b = left;
	return rc;
}

int control_read(const uint8_t *body, size_t len, const char *url, struct control_page *out)
{
	const char *query = strchr(url, '?'), *end = query ? query : url + strlen(url),
		   *name = memrchr(url, '/', (size_t)(end - url));
	struct page t = {body, len};
	struct buf left = BUF_INIT(len + 1);
	struct digest_part part;
	int rc;

	memset(out, 0, sizeof(*out));
	out->kind = len == 0 ? PAGE_EMPTY : PAGE_OTHER;
	skip_preamble(&t);
	if (first_tag(&t, out->tag)) {
		out->kind = PAGE_HTML;
		return 0;
	}
	out->tag[0] = '\0';
	rc = buf_add(&left, body, len);
	if (rc == 0 && query) /* first: it may hold the name */
		rc = strike_out(&left, query, strlen(query));
	if (rc == 0 && name)
		rc = strike_out(&left, name + 1, (size_t)(end - name) - 1);
	part = (struct digest_part){buf_str(&left), left.len};
	if (rc == 0)
		rc = digest_sha256(&part, 1, out->digest);
	buf_free(&left);
	return rc;
}

bool control_alike(const struct control_page *a, const struct control_page *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case PAGE_EMPTY:
		return true;
	case PAGE_HTML:
		return strcmp(a->tag, b->tag) == 0;
	case PAGE_OTHER:
		break;
	}
	return memcmp(a->digest, b->digest, DIGEST_LEN) == 0;
}
