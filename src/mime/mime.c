/* SPDX-License-Identifier: ISC */
#include "mime/mime.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define COMMENT_DEPTH_MAX 64

size_t mime_field_name(const uint8_t *p, size_t len, size_t *colon)
{
	size_t n = 0, at;

	while (n < len && p[n] > 32 && p[n] < 127 && p[n] != ':')
		n++;
	for (at = n; at < len && mime_blank(p[at]); at++)
		; /* RFC 5322 4.5.8: blanks before the colon */
	if (n == 0 || at == len || p[at] != ':')
		return 0;
	*colon = at;
	return n;
}

bool mime_mbox_line(const uint8_t *p, size_t len)
{
	size_t i;

	if (len < 5 || memcmp(p, "From ", 5) != 0)
		return false;
	for (i = 6; i + 2 < len; i++) {
		if (p[i] == ':' && isdigit(p[i - 1]) && isdigit(p[i + 1]) && isdigit(p[i + 2]))
			return true;
	}
	return false;
}

size_t mime_rtrim(const uint8_t *p, size_t len)
{
	while (len > 0 && mime_blank(p[len - 1]))
		len--;
	return len;
}

bool mime_same_text(const char *a, const char *b)
{
	static const char blanks[] = " \t\n";

	a += strspn(a, blanks);
	b += strspn(b, blanks);
	for (;;) {
		const size_t m = strspn(a, blanks), n = strspn(b, blanks);

		a += m;
		b += n;
		if (*a == '\0' || *b == '\0')
			return *a == *b;
		if (*a != *b || (m > 0) != (n > 0))
			return false;
		a++;
		b++;
	}
}

int mime_skip_cfws(const char **p)
{
	const char *s = *p;
	int depth = 0;

	for (; *s; s++) {
		if (depth > 0 && *s == '\\' && s[1])
			s++;
		else if (*s == '(' && depth++ == 0)
			*p = s;
		else if (*s == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !strchr(" \t\r\n", *s))
			break;
		if (depth > COMMENT_DEPTH_MAX)
			return -1;
	}
	if (depth > 0)
		return -1;
	*p = s;
	return 0;
}

bool mime_in_list(const char *const *list, const char *name)
{
	for (; *list; list++) {
		if (strcasecmp(*list, name) == 0)
			return true;
	}
	return false;
}

int mime_random(char *out, struct err *err)
{
	uint8_t r[16];
	size_t i;

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return err_set(err, ERR_OS, "no random numbers: %s", strerror(errno));
	for (i = 0; i < sizeof(r); i++)
		snprintf(out + 2 * i, 3, "%02x", r[i]);
	return 0;
}

int mime_boundary(char *out, struct err *err)
{
	memcpy(out, "=_", 2);
	return mime_random(out + 2, err);
}

void mime_date(const struct tm *t, char *out, size_t size)
{
	static const char *const day[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const month[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const long off = labs(t->tm_gmtoff) / 60;

	snprintf(out, size, "%s, %d %s %04d %02d:%02d:%02d %c%02ld%02ld", day[t->tm_wday],
		t->tm_mday, month[t->tm_mon], t->tm_year + 1900, t->tm_hour, t->tm_min, t->tm_sec,
		t->tm_gmtoff < 0 ? '-' : '+', off / 60, off % 60);
}

int mime_add_quoted(struct buf *out, const char *text)
{
	int rc = buf_addc(out, '"');

	for (; *text && rc == 0; text++) {
		if (*text == '"' || *text == '\\')
			rc = buf_addc(out, '\\');
		if (rc == 0)
			rc = buf_addc(out, *text);
	}
	return rc == 0 ? buf_addc(out, '"') : rc;
}

const char *mime_next_id(const char *p, size_t *len)
{
	while ((p = strchr(p, '<')) != NULL) {
		*len = strcspn(p + 1, "<> \t\r\n") + 2;
		if (p[*len - 1] == '>' && *len > 2)
			return p;
		p++;
	}
	return NULL;
}
