/* SPDX-License-Identifier: ISC */
#include "verbs/check/rows.h"

#include <stdlib.h>
#include <string.h>

#include "print/csv.h"
#include "print/table.h"

#define COLUMNS 7

enum style_tone check_level_tone(enum check_level l)
{
	static const enum style_tone tone[] = {[LEVEL_OK] = TONE_GOOD,
		[LEVEL_NOTE] = TONE_PLAIN,
		[LEVEL_WARN] = TONE_DOUBT,
		[LEVEL_BAD] = TONE_BAD,
		[LEVEL_UNKNOWN] = TONE_UNKNOWN};

	_Static_assert(sizeof(tone) / sizeof(tone[0]) == LEVEL_UNKNOWN + 1, "one for each");
	return tone[l];
}

int check_row_set(struct check_row *row, const char *name, const struct check_reply *r,
	const struct protection *bound, const struct check_page *p)
{
	const struct check_line *worst;

	*row = (struct check_row){.name = strdup(name),
		.s = check_summary(r, bound, p),
		.status = check_exit(r, bound),
		.failed = r->failed[0] != '\0'};
	worst = row->s.worst;
	row->s.worst = NULL;
	row->level = worst ? worst->level : LEVEL_OK;
	if (!worst || worst->level == LEVEL_OK || worst->level == LEVEL_NOTE)
		row->finding = strdup("");
	else if (asprintf(&row->finding, "%s: %s", worst->subject, worst->what) < 0)
		row->finding = NULL;
	return row->name && row->finding ? 0 : -1;
}

void check_rows_free(struct check_row *row, size_t n)
{
	size_t i;

	for (i = 0; row && i < n; i++) {
		free(row[i].name);
		free(row[i].finding);
	}
	free(row);
}

static int by_finding(const void *x, const void *y)
{
	const struct check_row *const *a = x, *const *b = y;
	int d = strcmp((*a)->finding, (*b)->finding);

	return d ? d : (*a > *b) - (*a < *b);
}

/* The text of each row: its finding, or a reference to the row above with the same one. */
static int tell_findings(const struct check_row *row, size_t n, char **told)
{
	const struct check_row **v = calloc(n, sizeof(*v)), *first = NULL;
	size_t i;
	int rc = v ? 0 : -1;

	for (i = 0; v && i < n; i++)
		v[i] = &row[i];
	if (v)
		qsort(v, n, sizeof(*v), by_finding);
	for (i = 0; i < n && rc == 0; i++) {
		char **out = &told[v[i] - row];

		if (v[i]->finding[0] != '\0' && first &&
			strcmp(first->finding, v[i]->finding) == 0) {
			rc = asprintf(out, "as %s", first->name) < 0 ? -1 : 0;
			continue;
		}
		first = v[i];
		*out = strdup(v[i]->finding);
		rc = *out ? 0 : -1;
	}
	free(v);
	return rc;
}

static enum style_tone word_tone(const char *word)
{
	static const char *const good[] = {
		"dane", "mta-sts", "all", "enforce", "secure", "advanced", "direct"};
	static const char *const none[] = {"none", "absent", "insecure", "testing", "-"};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (strcmp(word, good[i]) == 0)
			return TONE_GOOD;
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (strcmp(word, none[i]) == 0)
			return TONE_PLAIN;
	}
	return strcmp(word, "bogus") == 0 ? TONE_BAD : TONE_UNKNOWN;
}

static void fill_cells(struct table_cell *c, const struct check_row *r, const char *finding)
{
	const char *const word[] = {r->s.protection, r->s.dane, r->s.sts, r->s.dnssec, r->s.wkd};
	size_t i;

	c[0] = (struct table_cell){r->name, TONE_PLAIN};
	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		c[1 + i] = (struct table_cell){word[i], word_tone(word[i])};
	if (strcmp(r->s.protection, "none") == 0)
		c[1].tone = TONE_BAD;
	c[COLUMNS - 1] = (struct table_cell){finding, check_level_tone(r->level)};
}

static void print_count(FILE *f, const struct style *t, const struct check_row *row, size_t n)
{
	char line[256];
	size_t i, good = 0, none = 0, bad = 0, warn = 0;

	for (i = 0; i < n; i++) {
		good += row[i].status == 0;
		none += row[i].status == 1;
		bad += row[i].s.bad;
		warn += row[i].s.warn;
	}
	snprintf(line, sizeof(line),
		"%zu domain%s: %zu protected, %zu not, %zu unknown; %zu bad finding%s, "
		"%zu warning%s",
		n, n == 1 ? "" : "s", good, none, n - good - none, bad, bad == 1 ? "" : "s", warn,
		warn == 1 ? "" : "s");
	term_text(f, t, line, 0, 2);
	fputc('\n', f);
}

/* One cause that makes everything unknown. */
static bool all_failed(const struct check_row *row, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!row[i].failed || strcmp(row[i].finding, row[0].finding) != 0)
			return false;
	}
	return true;
}

int check_rows_print(FILE *f, const struct check_row *row, size_t n)
{
	static const char *const head[COLUMNS] = {
		"DOMAIN", "PROTECTED", "DANE", "MTA-STS", "DNSSEC", "WKD", "WORST FINDING"};
	const struct style t = style_of(f);
	struct table_cell *cell;
	char **told;
	size_t i;
	int rc;

	print_count(f, &t, row, n);
	if (n > 0 && all_failed(row, n)) {
		term_text(f, &t, row[0].finding, 0, 2);
		fputc('\n', f);
		return 0;
	}
	told = calloc(n + 1, sizeof(*told));
	cell = calloc(n * COLUMNS + 1, sizeof(*cell));
	rc = told && cell ? tell_findings(row, n, told) : -1;
	for (i = 0; i < n && rc == 0; i++)
		fill_cells(&cell[i * COLUMNS], &row[i], told[i]);
	if (rc == 0)
		rc = table_print(f, &t, head, COLUMNS, cell, n);
	for (i = 0; told && i < n; i++)
		free(told[i]);
	free(told);
	free(cell);
	return rc;
}

void check_csv_head(FILE *f)
{
	fputs("domain,protection,dane,mta_sts,dnssec,wkd,bad,warnings,unknown,worst_level,"
	      "worst_subject,worst_finding,fix\r\n",
		f);
}

void check_csv_row(FILE *f, const char *name, const struct check_reply *r,
	const struct protection *bound, const struct check_page *p)
{
	const struct check_summary s = check_summary(r, bound, p);
	struct csv c = {.f = f};

	csv_text(&c, name);
	csv_text(&c, s.protection);
	csv_text(&c, s.dane[0] == '-' ? NULL : s.dane);
	csv_text(&c, s.sts);
	csv_text(&c, s.dnssec);
	csv_text(&c, s.wkd);
	csv_int(&c, (int64_t)s.bad);
	csv_int(&c, (int64_t)s.warn);
	csv_int(&c, (int64_t)s.unknown);
	csv_text(&c, s.worst ? check_level_name(s.worst->level) : NULL);
	csv_text(&c, s.worst ? s.worst->subject : NULL);
	csv_text(&c, s.worst ? s.worst->what : NULL);
	csv_text(&c, s.worst ? s.worst->mend : NULL);
	csv_end(&c);
}
