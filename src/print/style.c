/* SPDX-License-Identifier: ISC */
#include "print/style.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80
#define WIDTH_LEAST 40

struct style style_decide(bool terminal, const char *no_color, const char *term, int columns)
{
	struct style s = {.terminal = terminal};

	if (!terminal)
		return s;
	s.colour = !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
	s.width = columns >= WIDTH_LEAST ? columns : WIDTH_DEFAULT;
	return s;
}

struct style style_of(FILE *f)
{
	bool terminal = isatty(fileno(f)) == 1;
	struct winsize w = {0};

	if (terminal && ioctl(fileno(f), TIOCGWINSZ, &w) < 0)
		w.ws_col = 0;
	return style_decide(terminal, getenv("NO_COLOR"), getenv("TERM"), w.ws_col);
}

void style_begin(FILE *f, const struct style *s, enum style_tone tone)
{
	static const char *const code[] = {[TONE_PLAIN] = "",
		[TONE_GOOD] = "32",
		[TONE_DOUBT] = "33",
		[TONE_BAD] = "31;1",
		[TONE_UNKNOWN] = "35",
		[TONE_DIM] = "2",
		[TONE_HEAD] = "1"};

	_Static_assert(sizeof(code) / sizeof(code[0]) == TONE_HEAD + 1, "a code for each tone");
	if (s->colour && tone != TONE_PLAIN)
		fprintf(f, "\033[%sm", code[tone]);
}

void style_end(FILE *f, const struct style *s, enum style_tone tone)
{
	if (s->colour && tone != TONE_PLAIN)
		fputs("\033[0m", f);
}

void style_print(FILE *f, const struct style *s, enum style_tone tone, const char *text, int width)
{
	style_begin(f, s, tone);
	fputs(text, f);
	style_end(f, s, tone);
	if (width > (int)strlen(text))
		fprintf(f, "%*s", width - (int)strlen(text), "");
}

void style_fpr(const struct style *s, const char *fpr, char *out)
{
	size_t len = strlen(fpr), i, n = 0;

	for (i = 0; i < len && n + 4 < STYLE_FPR_MAX; i++) {
		if (s->terminal && i > 0 && i % 4 == 0)
			out[n++] = ' ';
		if (s->terminal && len == 40 && i == len / 2)
			out[n++] = ' ';
		out[n++] = fpr[i];
	}
	out[n] = '\0';
}
