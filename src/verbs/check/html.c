/* SPDX-License-Identifier: ISC */
#include "verbs/check/html.h"

#include <stdlib.h>
#include <string.h>

#include "print/html.h"

static void finding_row(FILE *f, const struct check_line *l)
{
	fprintf(f, "<tr><td class=\"%s\">%s</td>", check_level_name(l->level),
		check_level_name(l->level));
	html_element(f, "td", l->subject);
	fputs("<td>", f);
	html_text(f, l->what);
	if (l->result != RESULT_NONE)
		fprintf(f, " <span class=\"dim\">[%s]</span>", check_result_name(l->result));
	fputs("</td>", f);
	html_element(f, "td", l->mend);
	fputs("</tr>\n", f);
}

static void group_table(FILE *f, const struct check_page *p, enum check_group g)
{
	static const char *const head[] = {"Level", "Subject", "Finding", "Fix"};
	static const enum check_level order[] = {
		LEVEL_BAD, LEVEL_UNKNOWN, LEVEL_WARN, LEVEL_NOTE, LEVEL_OK};
	size_t i, k, n = 0;

	for (i = 0; i < p->n; i++)
		n += p->v[i].group == g;
	if (n == 0)
		return;
	html_table(f, check_group_name(g), head, sizeof(head) / sizeof(head[0]));
	for (k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		for (i = 0; i < p->n; i++) {
			if (p->v[i].group == g && p->v[i].level == order[k])
				finding_row(f, &p->v[i]);
		}
	}
	html_table_end(f);
}

void check_html_section(FILE *f, const char *name, const struct check_reply *r,
	const struct protection *bound, const struct check_page *p)
{
	static const enum check_group order[] = {GROUP_TRANSPORT, GROUP_KEYS, GROUP_CERTIFICATES};
	const char *word = protection_name(bound->kind);
	size_t i;

	fputs("<section>\n<h2>", f);
	html_text(f, name);
	fprintf(f, ": <span class=\"%s\">%s</span></h2>\n",
		bound->kind == PROTECTION_NONE      ? "none"
		: bound->kind == PROTECTION_UNKNOWN ? "unknown"
						    : "ok",
		bound->kind == PROTECTION_NONE ? "not protected in transit" : word);
	html_element(f, "p", r->failed[0] ? r->failed : bound->reason);
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		group_table(f, p, order[i]);
	fputs("</section>\n", f);
}

static int row_weight(const struct check_row *r)
{
	return r->status == 1 ? 2 : r->status == 75 ? 1 : 0;
}

static int worst_row_first(const void *x, const void *y)
{
	const struct check_row *const *a = x, *const *b = y;
	int d = row_weight(*b) - row_weight(*a);

	if (d == 0)
		d = ((*a)->s.bad < (*b)->s.bad) - ((*a)->s.bad > (*b)->s.bad);
	return d ? d : (*a > *b) - (*a < *b);
}

static void overview(FILE *f, const struct check_row *const *v, size_t n)
{
	static const char *const head[] = {
		"Domain", "Protected", "DANE", "MTA-STS", "DNSSEC", "Keys", "Worst finding"};
	size_t i;

	html_table(f, "Overview, the worst first", head, sizeof(head) / sizeof(head[0]));
	for (i = 0; i < n; i++) {
		const struct check_row *r = v[i];

		fputs("<tr>", f);
		html_element(f, "th scope=\"row\"", r->name);
		html_element(f,
			r->status == 1    ? "td class=\"bad\""
			: r->status == 75 ? "td class=\"unknown\""
					  : "td class=\"ok\"",
			r->s.protection);
		html_element(f, "td", r->s.dane);
		html_element(f, "td", r->s.sts);
		html_element(f, "td", r->s.dnssec);
		html_element(f, "td", r->s.wkd);
		html_element(f, "td", r->finding);
		fputs("</tr>\n", f);
	}
	html_table_end(f);
}

int check_html_page(FILE *f, const struct check_row *row, char *const *section, size_t n)
{
	const struct check_row **v = calloc(n + 1, sizeof(*v));
	size_t i, good = 0, none = 0;

	if (!v)
		return -1;
	for (i = 0; i < n; i++) {
		v[i] = &row[i];
		good += row[i].status == 0;
		none += row[i].status == 1;
	}
	qsort(v, n, sizeof(*v), worst_row_first);
	html_begin(f, "How mail to domains travels");
	fprintf(f, "<p>%zu domain%s: %zu protected, %zu not, %zu unknown.</p>\n", n,
		n == 1 ? "" : "s", good, none, n - good - none);
	if (n > 1)
		overview(f, v, n);
	for (i = 0; i < n; i++)
		fputs(section[v[i] - row], f);
	html_end(f);
	free(v);
	return 0;
}
