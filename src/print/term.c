/* SPDX-License-Identifier: ISC */
#include "print/term.h"

#include <string.h>

#include "base/text.h"
#include "print/style.h"

#define SAFE_MAX (1u << 20) /* bytes of one text */

struct term term_of(FILE *f)
{
	const struct style s = style_of(f);

	return (struct term){s.width, s.colour};
}

static const char *const on[] = {[TERM_PLAIN] = "",
	[TERM_GREEN] = "\033[32m",
	[TERM_YELLOW] = "\033[33m",
	[TERM_RED] = "\033[31m",
	[TERM_MAGENTA] = "\033[35m",
	[TERM_BOLD] = "\033[1m"};

_Static_assert(sizeof(on) / sizeof(on[0]) == TERM_BOLD + 1, "one for each");

void term_begin(FILE *f, const struct term *t, enum term_colour c)
{
	if (t->colour)
		(void)fputs(on[c], f);
}

void term_end(FILE *f, const struct term *t, enum term_colour c)
{
	if (t->colour && c != TERM_PLAIN)
		(void)fputs("\033[0m", f);
}

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

void term_text(FILE *f, const struct term *t, const char *s, int at, int indent)
{
	struct buf safe = BUF_INIT(SAFE_MAX);
	const char *p, *next;
	size_t n;

	if (text_safe(&safe, s, strlen(s)) == 0) {
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
