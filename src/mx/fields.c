/* SPDX-License-Identifier: ISC */
#include "mx/fields.h"

#include <string.h>
#include <strings.h>

#include "net/rdata.h"

#define NAME_MAX_OCTETS 32

static bool is_field_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_field_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".") */
static bool name_ok(const char *p, size_t len)
{
	size_t i;

	if (len == 0 || len > NAME_MAX_OCTETS || !is_field_alnum(p[0]))
		return false;
	for (i = 1; i < len; i++) {
		if (!is_field_alnum(p[i]) && p[i] != '_' && p[i] != '-' && p[i] != '.')
			return false;
	}
	return true;
}

int fields_next(const char **at, const char *end, struct field *f)
{
	const char *p = *at, *stop, *equals;

	while (p < end && is_field_blank(*p))
		p++;
	if (p == end)
		return 0;
	if (*p++ != ';')
		return -1;
	while (p < end && is_field_blank(*p))
		p++;
	if (p == end)
		return 0;
	stop = memchr(p, ';', (size_t)(end - p));
	*at = stop = stop ? stop : end;
	while (stop > p && is_field_blank(stop[-1]))
		stop--;
	equals = memchr(p, '=', (size_t)(stop - p));
	f->name = p;
	f->name_len = (size_t)((equals ? equals : stop) - p);
	f->value = equals ? equals + 1 : stop;
	f->value_len = (size_t)(stop - f->value);
	return name_ok(f->name, f->name_len) ? 1 : -1;
}

bool field_is(const struct field *f, const char *name)
{
	return f->name_len == strlen(name) && memcmp(f->name, name, f->name_len) == 0;
}

/* The version, *WSP ";" */
static bool begins_with_version(const struct buf *b, const char *version)
{
	size_t n = strlen(version);

	if (b->len < n || memcmp(b->p, version, n) != 0)
		return false;
	while (n < b->len && is_field_blank((char)b->p[n]))
		n++;
	return n < b->len && b->p[n] == ';';
}

int fields_only(const struct dns_answer *a, const char *version, struct buf *out)
{
	struct buf one = BUF_INIT(FIELDS_TXT_MAX);
	size_t i;
	int n = 0;

	for (i = 0; i < a->n && n >= 0; i++) {
		bool whole;

		buf_reset(&one);
		/* What does not fit has its beginning there all the same. */
		whole = rdata_txt(a->data[i], a->len[i], &one) == 0;
		if (!begins_with_version(&one, version))
			continue;
		n = whole && buf_add(out, one.p, one.len) == 0 ? n + 1 : -1;
	}
	buf_free(&one);
	if (n != 1)
		buf_reset(out);
	return n;
}

static bool nearly(const struct buf *b, const char *version)
{
	const char *p = buf_str(b);

	p += strspn(p, " \t\"\\'");
	for (; *version; version++) {
		if (*version == '=')
			p += strspn(p, " \t");
		if (strncasecmp(p, version, 1) != 0)
			return false;
		p++;
		if (*version == '=')
			p += strspn(p, " \t");
	}
	return !is_field_alnum(*p);
}

bool fields_nearly(const struct dns_answer *a, const char *version)
{
	struct buf one = BUF_INIT(FIELDS_TXT_MAX);
	bool found = false;
	size_t i;

	for (i = 0; i < a->n && !found; i++) {
		buf_reset(&one);
		(void)rdata_txt(a->data[i], a->len[i], &one);
		found = nearly(&one, version);
	}
	buf_free(&one);
	return found;
}
