/* SPDX-License-Identifier: ISC */
#include "print/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define GAP 2
#define CELL_TEXT_MAX (1u << 20)
#define FIRST_LEAST 12 /* columns that the first column keeps */

struct table_layout {
	const struct style *t;
	size_t columns;
	int width[TABLE_COLUMNS_MAX];
	bool last_below; /* the last column's text stands on lines of its own */
};

/* A cell's text, made safe; malloc'ed. */
static char *safe_cell(const char *s)
{
	struct buf b = BUF_INIT(CELL_TEXT_MAX);
	char *copy = NULL;

	if (text_shown(&b, s ? s : "", s ? strlen(s) : 0) == 0)
		copy = strdup(buf_str(&b));
	buf_free(&b);
	return copy;
}

/* Columns taken by all but the last, with the gaps behind them. */
static int before_last(const struct table_layout *l)
{
	size_t i;
	int n = 0;

	for (i = 0; i + 1 < l->columns; i++)
		n += l->width[i] + GAP;
	return n;
}

static void lay_out(struct table_layout *l, const char *const *head, char *const *text, size_t n)
{
	const size_t last = l->columns - 1;
	size_t i, k;
	int w, over;

	for (k = 0; k < l->columns; k++)
		l->width[k] = term_columns(head[k]);
	for (i = 0; i < n * l->columns; i++) {
		w = term_columns(text[i]);
		if (w > l->width[i % l->columns])
			l->width[i % l->columns] = w;
	}
	if (l->t->width == 0)
		return;
	w = l->t->width - before_last(l);
	l->last_below = w < TERM_NARROW && w < l->width[last];
	if (!l->last_below) {
		l->width[last] = w < l->width[last] ? w : l->width[last];
		return;
	}
	l->width[last] = l->t->width - GAP;
	over = before_last(l) - GAP - l->t->width;
	if (over > 0)
		l->width[0] = l->width[0] - over > FIRST_LEAST ? l->width[0] - over : FIRST_LEAST;
}

/* One line of a cell; what is left of it stays in *text. */
static void print_piece(FILE *f, const struct table_layout *l, size_t k, const char **text,
	enum style_tone tone, bool pad)
{
	const char *next;
	size_t n = term_fit(*text, l->width[k] > 0 ? l->width[k] : 1, &next);
	int columns = 0;
	size_t i;

	for (i = 0; i < n; i++)
		columns += ((unsigned char)(*text)[i] & 0xc0) != 0x80;
	style_begin(f, l->t, n > 0 ? tone : TONE_PLAIN);
	(void)fwrite(*text, 1, n, f);
	style_end(f, l->t, n > 0 ? tone : TONE_PLAIN);
	if (pad)
		(void)fprintf(f, "%*s", l->width[k] - columns + GAP, "");
	*text = next;
}

static bool any_left(const char *const *rest, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (*rest[i])
			return true;
	}
	return false;
}

static void print_row(FILE *f, const struct table_layout *l, char *const *text,
	const struct table_cell *cell, enum style_tone all)
{
	const size_t beside = l->last_below ? l->columns - 1 : l->columns;
	const char *rest[TABLE_COLUMNS_MAX], *below;
	size_t k;

	for (k = 0; k < l->columns; k++)
		rest[k] = text[k];
	do {
		for (k = 0; k < beside; k++)
			print_piece(f, l, k, &rest[k], cell ? cell[k].tone : all,
				any_left(rest + k + 1, beside - k - 1));
		(void)putc('\n', f);
	} while (any_left(rest, beside));
	below = l->last_below ? rest[beside] : "";
	while (*below) {
		(void)fprintf(f, "%*s", GAP, "");
		print_piece(f, l, beside, &below, cell ? cell[beside].tone : all, false);
		(void)putc('\n', f);
	}
}

int table_print(FILE *f, const struct style *t, const char *const *head, size_t columns,
	const struct table_cell *cell, size_t n)
{
	struct table_layout l = {.t = t, .columns = columns};
	char **text = calloc(n * columns + 1, sizeof(*text));
	char *heads[TABLE_COLUMNS_MAX];
	size_t i;
	int rc = text ? 0 : -1;

	for (i = 0; rc == 0 && i < n * columns; i++) {
		text[i] = safe_cell(cell[i].text);
		rc = text[i] ? 0 : -1;
	}
	if (rc == 0) {
		lay_out(&l, head, text, n);
		for (i = 0; i < columns; i++)
			heads[i] = (char *)(uintptr_t)head[i];
		print_row(f, &l, heads, NULL, TONE_HEAD);
		for (i = 0; i < n; i++)
			print_row(f, &l, text + i * columns, cell + i * columns, TONE_PLAIN);
	}
	for (i = 0; text && i < n * columns; i++)
		free(text[i]);
	free(text);
	return rc;
}
