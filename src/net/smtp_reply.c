/* SPDX-License-Identifier: ISC */
#include "net/smtp_reply.h"

#include <string.h>
#include <strings.h>

static bool is_reply_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Section 4.2: three digits, the first one from 2 to 5; then the text, or the end of the line. */
static bool is_reply_line(const char *p, int n)
{
	if (n < 4 || p[0] < '2' || p[0] > '5' || !is_reply_digit(p[1]) || !is_reply_digit(p[2]))
		return false;
	return p[3] == ' ' || p[3] == '-' || p[3] == '\n' || (p[3] == '\r' && p[4] == '\n');
}

/* The length of a line with its end, 0: not whole yet, -1: too long. */
static int line_length(const char *p, size_t left)
{
	const char *lf = memchr(p, '\n', left);
	size_t len = lf ? (size_t)(lf - p) + 1 : left;

	if (len > SMTP_LINE_MAX)
		return -1;
	return lf ? (int)len : 0;
}

int smtp_reply(const struct buf *in, int *code)
{
	const char *p = buf_str(in);
	size_t at = 0;
	int n, this, first = 0;

	for (;;) {
		n = line_length(p + at, in->len - at);
		if (n <= 0)
			return n < 0 || in->len > SMTP_REPLY_MAX ? -1 : 0;
		if (!is_reply_line(p + at, n))
			return -1;
		this = (p[at] - '0') * 100 + (p[at + 1] - '0') * 10 + p[at + 2] - '0';
		if (first != 0 && this != first)
			return -1;
		first = this;
		at += (size_t)n;
		if (at > SMTP_REPLY_MAX)
			return -1;
		if (p[at - (size_t)n + 3] != '-') {
			*code = this;
			return (int)at;
		}
	}
}

bool smtp_offers(const char *reply, size_t len, const char *keyword)
{
	const char *p = reply, *end = reply + len, *lf;
	size_t n = strlen(keyword);

	/* The first line is the server's name. */
	for (lf = memchr(p, '\n', len); lf; lf = memchr(p, '\n', (size_t)(end - p))) {
		p = lf + 1;
		if ((size_t)(end - p) > 4 + n && strncasecmp(p + 4, keyword, n) == 0 &&
			strchr(" \r\n", p[4 + n]))
			return true;
	}
	return false;
}
