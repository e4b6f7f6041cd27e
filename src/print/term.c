/* SPDX-License-Identifier: ISC */
#include "print/term.h"

#include <string.h>

#include "base/text.h"

#define SAFE_MAX (1u << 20) /* bytes of one text */

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

int term_columns(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += begins_character(*s);
	return n;
}

size_t term_fit(const char *s, int width, const char **next)
{
	const char *p = s, *blank = NULL;
	int n = 0;

	for (; *p; p++) {
		if (begins_character(*p) && width > 0 && n++ == width)
			break;
		if (*p == ' ')
			blank = p;
	}
	if (*p == ' ' || *p == '\0')
		blank = p;
	if (blank == s)
		blank = NULL;
	*next = blank ? blank + strspn(blank, " ") : p;
	p = blank ? blank : p;
	while (p > s && p[-1] == ' ')
		p--;
	return (size_t)(p - s);
}

void term_text(FILE *f, const struct style *t, const char *s, int at, int indent)
{
	struct buf safe = BUF_INIT(SAFE_MAX);
	const char *p, *next;
	size_t n;

	if (text_shown(&safe, s, strlen(s)) == 0) {
		if (at > indent && t->width > 0 && t->width - at < TERM_NARROW &&
			term_columns(buf_str(&safe)) > t->width - at) {
			(void)fprintf(f, "\n%*s", indent, "");
			at = indent;
		}
		for (p = buf_str(&safe); *p; p = next) {
			if (p != buf_str(&safe))
				(void)fprintf(f, "\n%*s", indent, "");
			n = term_fit(p,
				t->width == 0       ? 0
				: t->width > at + 1 ? t->width - at
						    : 1,
				&next);
			(void)fwrite(p, 1, n, f);
			at = indent;
		}
	}
	buf_free(&safe);
}
