/* SPDX-License-Identifier: ISC */
#include "wkd/policy_file.h"

#include <string.h>

#include "base/text.h"

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* [a-z][a-z0-9.-]*, with "_" after a vendor's domain; upper case is taken, too. */
static bool keyword_ok(const char *p, size_t len)
{
	size_t i;

	if (len == 0 || !letter(p[0]))
		return false;
	for (i = 1; i < len; i++) {
		if (!letter(p[i]) && !(p[i] >= '0' && p[i] <= '9') && !strchr(".-_", p[i]))
			return false;
	}
	return true;
}

static bool is_policy_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void add_lower(struct buf *out, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		(void)buf_addc(out, (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i]));
}

/* One line without its end and without blanks around it. */
static bool read_line(const char *p, size_t len, struct buf *out)
{
	const char *colon = memchr(p, ':', len);
	size_t n = colon ? (size_t)(colon - p) : len;

	if (len == 0 || p[0] == '#')
		return true;
	if (memchr(p, '\0', len) || !keyword_ok(p, n))
		return false;
	if (out->len > 0)
		(void)buf_adds(out, "; ");
	add_lower(out, p, n);
	if (!colon)
		return true;
	for (n++; n < len && is_policy_blank(p[n]); n++)
		;
	(void)buf_adds(out, ": ");
	(void)text_safe(out, p + n, len - n);
	return true;
}

bool policy_file_read(const char *text, size_t len, struct buf *out)
{
	const char *end = text + len, *p = text;
	bool ok = true;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p)), *stop = lf ? lf : end,
			   *next = lf ? lf + 1 : end;

		if (stop > p && stop[-1] == '\r')
			stop--;
		while (stop > p && is_policy_blank(stop[-1]))
			stop--;
		while (p < stop && is_policy_blank(*p))
			p++;
		ok &= read_line(p, (size_t)(stop - p), out);
		p = next;
	}
	return ok;
}
