/* SPDX-License-Identifier: ISC */
/* Reports as a page: for each policy the figures, a chart by day with its table, and the causes. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "print/html.h"
#include "verbs/reports/output.h"

#define DAY 86400
#define DAY_LEN 10
#define CHART_DAYS_MAX 400 /* the last ones, if there are more */
#define CHART_WIDTH 1000
#define CHART_HEIGHT 100
#define ROWS_MAX 1000 /* of one table */

static void day_text(char *out, int64_t t)
{
	text_time(out, t);
	out[DAY_LEN] = '\0';
}

static void number_cell(FILE *f, int64_t v)
{
	fprintf(f, "<td class=\"n\">%" PRId64 "</td>", v);
}

/* A bar of one day: what failed lies on top, and is always seen. */
static void print_bar(FILE *f, const struct sum_day *d, int64_t first, int64_t days, int64_t most)
{
	const double wide = (double)CHART_WIDTH / (double)days;
	const double x = (double)((d->day - first) / DAY) * wide;
	double good = (double)d->good / (double)most * CHART_HEIGHT;
	double failed = (double)d->failed / (double)most * CHART_HEIGHT;

	if (d->failed > 0 && failed < 1.5)
		failed = 1.5;
	if (good + failed > CHART_HEIGHT)
		good = CHART_HEIGHT - failed;
	fprintf(f, "<rect class=\"good\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>", x,
		CHART_HEIGHT - good, wide * 0.85, good);
	fprintf(f,
		"<rect class=\"failed\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>\n",
		x, CHART_HEIGHT - good - failed, wide * 0.85, failed);
}

static void print_chart(FILE *f, const struct sum *s)
{
	char begin[TEXT_TIME_MAX], end[TEXT_TIME_MAX];
	int64_t last = s->day[s->n_day - 1].day, first = s->day[0].day, most = 1;
	size_t i, from = 0;

	if ((last - first) / DAY >= CHART_DAYS_MAX)
		first = last - (CHART_DAYS_MAX - 1) * (int64_t)DAY;
	while (s->day[from].day < first)
		from++;
	first = s->day[from].day;
	for (i = from; i < s->n_day; i++) {
		if (s->day[i].good + s->day[i].failed > most)
			most = s->day[i].good + s->day[i].failed;
	}
	day_text(begin, first);
	day_text(end, last);
	fprintf(f,
		"<figure><svg role=\"img\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\">"
		"<title>Good and failed sessions by day, %s to %s, at most %" PRId64
		" a day</title>\n",
		CHART_WIDTH, CHART_HEIGHT, begin, end, most);
	for (i = from; i < s->n_day; i++)
		print_bar(f, &s->day[i], first, (last - first) / DAY + 1, most);
	fprintf(f,
		"</svg><figcaption class=\"dim\">Sessions by day, %s to %s: good in green, failed "
		"in red on top; the tallest bar is %" PRId64 ".</figcaption></figure>\n",
		begin, end, most);
}

static void print_days(FILE *f, const struct sum *s)
{
	static const char *const head[] = {"Day (UTC)", "Good", "Failed"};
	size_t i, from = s->n_day > ROWS_MAX ? s->n_day - ROWS_MAX : 0;
	char day[TEXT_TIME_MAX];

	html_table(f, "Sessions by day", head, 3);
	for (i = from; i < s->n_day; i++) {
		day_text(day, s->day[i].day);
		fprintf(f, "<tr><th scope=\"row\">%s</th>", day);
		number_cell(f, s->day[i].good);
		number_cell(f, s->day[i].failed);
		fputs("</tr>\n", f);
	}
	html_table_end(f);
}

static void print_cause_row(FILE *f, const struct sum_cause *c)
{
	fputs("<tr>", f);
	html_element(f, "td", c->like->host[0] ? c->like->host : "not named");
	html_element(f, "td", c->like->network);
	number_cell(f, c->sessions);
	html_element(f, "td", c->like->code);
	fputs("</tr>\n", f);
}

static bool same_kind(const struct sum_cause *a, const struct sum_cause *b)
{
	return a->like->result == b->like->result && strcmp(a->like->type, b->like->type) == 0;
}

/* The causes of one kind, from the first on; where they end. */
static size_t print_kind(FILE *f, const struct sum *s, size_t from)
{
	static const char *const head[] = {
		"Your server", "Sending network", "Sessions", "Reason code"};
	const struct report_explained e = report_explain(s->cause[from].like->result);
	int64_t sessions = 0;
	size_t i, end = from;

	while (end < s->n_cause && same_kind(&s->cause[from], &s->cause[end]))
		sessions += s->cause[end++].sessions;
	fputs("<h3 class=\"failed\">", f);
	html_text(f, s->cause[from].like->type);
	fprintf(f, ": %" PRId64 "</h3>\n<p>", sessions);
	html_text(f, e.means);
	fputs(".<br><strong>Fix:</strong> ", f);
	html_text(f, e.mend);
	fputs(".</p>\n", f);
	html_table(f, "Where", head, sizeof(head) / sizeof(head[0]));
	for (i = from; i < end && i < from + ROWS_MAX; i++)
		print_cause_row(f, &s->cause[i]);
	html_table_end(f);
	if (i < end)
		fprintf(f, "<p>And %zu more.</p>\n", end - i);
	return end;
}

static void print_kinds(FILE *f, const struct sum *s)
{
	size_t i = 0;

	while (i < s->n_cause)
		i = print_kind(f, s, i);
}

static void print_policy_section(FILE *f, const struct sum *s)
{
	static const char *const auth[] = {[REPORT_AUTH_YES] = "authenticated",
		[REPORT_AUTH_NO] = "<strong class=\"bad\">not authenticated: anybody may have sent "
				   "them</strong>",
		[REPORT_AUTH_UNKNOWN] = "not known whether authentic"};
	size_t i;

	fputs("<section>\n<h2>", f);
	html_text(f, s->domain[0] ? s->domain : "no domain named");
	fprintf(f, ", policy %s: ", report_policy_name(s->type));
	fprintf(f, "<span class=\"%s\">%" PRId64 " of %" PRId64 " sessions failed</span></h2>\n<p>",
		s->failed > 0 ? "failed" : "good", s->failed, s->good + s->failed);
	fprintf(f, "%zu report%s by ", s->n_report, s->n_report == 1 ? "" : "s");
	for (i = 0; i < s->n_organization && i < 10; i++) {
		fputs(i ? ", " : "", f);
		html_text(f, s->organization[i]);
	}
	if (i < s->n_organization)
		fprintf(f, " and %zu more", s->n_organization - i);
	fprintf(f, "; %s.</p>\n", auth[s->auth]);
	print_chart(f, s);
	print_kinds(f, s);
	print_days(f, s);
	fputs("</section>\n", f);
}

/* Its text, line by line: what is not text within a line is made safe. */
static void print_notice_section(FILE *f, const struct notice *n)
{
	const char *p = n->text, *end;
	struct buf line = BUF_INIT(COLLECT_NOTICE_TEXT * 2);

	fputs("<section>\n<h2>Notice of a certificate authority (CAA iodef)</h2>\n<p>", f);
	html_text(f, n->subject);
	fputs("<br><span class=\"dim\">", f);
	html_text(f, n->from);
	fputs(", ", f);
	html_text(f, n->date);
	fprintf(f, "; authenticated: %s</span></p>\n<pre>", report_auth_name(n->auth));
	for (; *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		buf_reset(&line);
		(void)buf_add(&line, p, (size_t)(end - p));
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.p[line.len - 1] = '\0';
		html_text(f, buf_str(&line));
		fputc('\n', f);
	}
	fputs("</pre>\n</section>\n", f);
	buf_free(&line);
}

int reports_print_html(const struct collect *c, const struct sums *s)
{
	int64_t good = 0, failed = 0;
	size_t i;

	html_begin(stdout, "TLS reports");
	for (i = 0; i < s->n; i++) {
		good += s->v[i].good;
		failed += s->v[i].failed;
	}
	printf("<p>%zu report%s: %" PRId64 " sessions good, <span class=\"%s\">%" PRId64
	       " failed</span>.",
		c->n_report, c->n_report == 1 ? "" : "s", good, failed > 0 ? "failed" : "good",
		failed);
	if (s->duplicates > 0)
		printf(" %zu came more than once and count once.", s->duplicates);
	if (c->n_unread > 0)
		printf(" <span class=\"bad\">%zu could not be read.</span>", c->n_unread);
	puts("</p>");
	for (i = 0; i < s->n; i++)
		print_policy_section(stdout, &s->v[i]);
	for (i = 0; i < c->n_notice; i++)
		print_notice_section(stdout, &c->notice[i]);
	html_end(stdout);
	return 0;
}
