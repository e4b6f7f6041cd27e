/* SPDX-License-Identifier: ISC */
#include "verbs/reports/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "print/csv.h"
#include "print/output.h"
#include "print/term.h"

#define ORGANIZATIONS_SHOWN 5
#define LINE_BYTES 65536 /* of one line before it is wrapped */
#define CAUSES_SHOWN 20  /* of one kind of failure */
#define NOTICE_LINES 60  /* of one notice */
#define DAY_LEN 10       /* of "2026-11-26T..." */
#define CAUSE_COLUMN 16  /* behind the number of sessions */

static const char *plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static void day_of(char *out, int64_t t)
{
	text_time(out, t);
	out[DAY_LEN] = '\0';
}

static const char *policy_words(enum report_policy_type t)
{
	static const char *const words[] = {[POLICY_TYPE_STS] = "MTA-STS",
		[POLICY_TYPE_TLSA] = "DANE",
		[POLICY_TYPE_NONE] = "no policy",
		[POLICY_TYPE_OTHER] = "other policy"};

	_Static_assert(sizeof(words) / sizeof(words[0]) == POLICY_TYPE_OTHER + 1, "for each");
	return words[t];
}

/* The rest of a line of which at columns are written, wrapped. */
static void print_rest(const char *text, int at, int indent)
{
	const struct style t = style_of(stdout);

	term_text(stdout, &t, text, at, indent);
	putchar('\n');
}

static void print_wrapped(const struct buf *b, int indent)
{
	printf("%*s", indent, "");
	print_rest(buf_str(b), indent, indent + 2);
}

static const char *const auth_words[] = {[REPORT_AUTH_YES] = ", authenticated",
	[REPORT_AUTH_NO] = ", NOT authenticated: anybody may have sent this",
	[REPORT_AUTH_UNKNOWN] = ""};

static void add_who(struct buf *b, const struct sum *s)
{
	size_t i;

	for (i = 0; i < s->n_organization && i < ORGANIZATIONS_SHOWN; i++) {
		(void)buf_addf(b, "%s%s", i == 0 ? " by " : ", ", s->organization[i]);
	}
	if (i < s->n_organization)
		(void)buf_addf(b, " and %zu more", s->n_organization - i);
	(void)buf_adds(b, auth_words[s->auth]);
}

static void print_cause(const struct sum_cause *c)
{
	struct buf b = BUF_INIT(LINE_BYTES);

	(void)buf_adds(&b, c->like->host[0] ? c->like->host : "no server named");
	if (c->like->network[0] != '\0')
		(void)buf_addf(&b, ", from %s", c->like->network);
	if (c->like->code[0] != '\0')
		(void)buf_addf(&b, ": %s", c->like->code);
	printf("    %10" PRId64 "  ", c->sessions);
	print_rest(buf_str(&b), CAUSE_COLUMN, CAUSE_COLUMN);
	buf_free(&b);
}

/* Where the causes of the kind at from end. */
static size_t kind_end(const struct sum *s, size_t from)
{
	size_t i = from;

	while (i < s->n_cause && s->cause[i].like->result == s->cause[from].like->result &&
		strcmp(s->cause[i].like->type, s->cause[from].like->type) == 0)
		i++;
	return i;
}

static void print_causes(const struct sum *s)
{
	struct buf b = BUF_INIT(LINE_BYTES);
	size_t i, from, end;

	for (from = 0; from < s->n_cause; from = end) {
		struct report_explained e = report_explain(s->cause[from].like->result);

		end = kind_end(s, from);
		buf_reset(&b);
		(void)buf_addf(&b, "%s: %s", s->cause[from].like->type, e.means);
		print_wrapped(&b, 4);
		buf_reset(&b);
		(void)buf_addf(&b, "fix: %s", e.mend);
		print_wrapped(&b, 6);
		for (i = from; i < end && i < from + CAUSES_SHOWN; i++)
			print_cause(&s->cause[i]);
		if (i < end)
			printf("    and %zu more\n", end - i);
	}
	buf_free(&b);
}

static void print_sum(const struct sum *s)
{
	char begin[TEXT_TIME_MAX], end[TEXT_TIME_MAX];
	struct buf b = BUF_INIT(LINE_BYTES);
	int64_t told = 0;
	size_t i;

	day_of(begin, s->begin);
	day_of(end, s->end);
	(void)buf_addf(&b, "%s, %s: %" PRId64 " of %" PRId64 " session%s failed",
		s->domain[0] ? s->domain : "no domain named", policy_words(s->type), s->failed,
		s->good + s->failed, plural(s->good + s->failed));
	print_wrapped(&b, 0);
	buf_reset(&b);
	(void)buf_addf(&b, "%s%s%s, %zu report%s", begin, strcmp(begin, end) ? " to " : "",
		strcmp(begin, end) ? end : "", s->n_report, plural((int64_t)s->n_report));
	add_who(&b, s);
	print_wrapped(&b, 2);
	buf_free(&b);
	print_causes(s);
	for (i = 0; i < s->n_cause; i++)
		told += s->cause[i].sessions;
	if (told < s->failed)
		printf("    %10" PRId64 "  no reason is given\n", s->failed - told);
}

static void print_notice(const struct notice *n)
{
	const char *p = n->text, *end;
	struct buf line = BUF_INIT(COLLECT_NOTICE_TEXT * 2);
	int lines = 0;

	(void)buf_addf(&line, "notice of a certificate authority (CAA iodef), by %s%s%s%s",
		n->from[0] ? n->from : "nobody", n->date[0] ? ", " : "", n->date,
		auth_words[n->auth]);
	print_wrapped(&line, 0);
	fputs("  Subject: ", stdout);
	print_rest(n->subject, 11, 4);
	for (; *p && lines < NOTICE_LINES; p = *end ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		buf_reset(&line);
		(void)buf_add(&line, p, (size_t)(end - p));
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.p[line.len - 1] = '\0';
		if (buf_str(&line)[0] == '\0')
			continue;
		fputs("  | ", stdout);
		print_rest(buf_str(&line), 4, 4);
		lines++;
	}
	if (*p)
		puts("  | ...");
	buf_free(&line);
}

static void print_remarks(const struct collect *c, const struct sums *s)
{
	if (s->duplicates > 0)
		printf("%zu report%s came more than once, and count%s once\n", s->duplicates,
			plural((int64_t)s->duplicates), s->duplicates == 1 ? "s" : "");
	if (s->differing > 0)
		printf("%zu of them differ%s from the report of the same report-id that counts\n",
			s->differing, s->differing == 1 ? "s" : "");
	if (s->older > 0)
		printf("%zu report%s ended before the day asked for\n", s->older,
			plural((int64_t)s->older));
	if (c->n_other > 0)
		printf("%zu mail%s hold%s no TLS report\n", c->n_other, plural((int64_t)c->n_other),
			c->n_other == 1 ? "s" : "");
	if (c->trusted[0] == '\0' && c->n_report + c->n_notice > 0)
		print_rest("whether these come from where they say is not known: trusted-authserv "
			   "names no host",
			0, 0);
}

int reports_print_text(const struct collect *c, const struct sums *s)
{
	size_t i;

	if (s->n == 0 && c->n_notice == 0)
		puts("no TLS reports");
	for (i = 0; i < s->n; i++)
		print_sum(&s->v[i]);
	for (i = 0; i < c->n_notice; i++)
		print_notice(&c->notice[i]);
	print_remarks(c, s);
	return 0;
}

static void json_cause(struct out *o, const struct sum_cause *c)
{
	struct report_explained e = report_explain(c->like->result);

	out_str(o, "result", c->like->type);
	out_int(o, "sessions", c->sessions);
	out_str(o, "receiving_host", c->like->host);
	out_str(o, "sending_network", c->like->network);
	out_str(o, "reason_code", c->like->code);
	out_str(o, "what", e.means);
	out_str(o, "mend", e.mend);
}

static void json_day(struct out *o, const struct sum_day *d)
{
	char day[TEXT_TIME_MAX];

	day_of(day, d->day);
	out_str(o, "day", day);
	out_int(o, "good", d->good);
	out_int(o, "failed", d->failed);
}

static int json_sum(const struct sum *s)
{
	struct out *o = out_new();

	out_str(o, "kind", "policy");
	out_str(o, "domain", s->domain);
	out_str(o, "policy", report_policy_name(s->type));
	out_str(o, "authenticated", report_auth_name(s->auth));
	out_time(o, "begin", s->begin);
	out_time(o, "end", s->end);
	out_int(o, "reports", (int64_t)s->n_report);
	OUT_TEXTS(o, "organizations", s->organization, s->n_organization);
	out_int(o, "good", s->good);
	out_int(o, "failed", s->failed);
	OUT_LIST(o, "failures", s->cause, s->n_cause, json_cause);
	OUT_LIST(o, "days", s->day, s->n_day, json_day);
	return out_print(o, stdout);
}

static int json_notice(const struct notice *n)
{
	struct out *o = out_new();

	out_str(o, "kind", "notice");
	out_str(o, "authenticated", report_auth_name(n->auth));
	out_str(o, "from", n->from);
	out_str(o, "subject", n->subject);
	out_str(o, "date", n->date);
	out_str(o, "text", n->text);
	return out_print(o, stdout);
}

static int json_unread(const struct unread *u)
{
	struct out *o = out_new();

	out_str(o, "kind", "unread");
	out_str(o, "path", u->path);
	out_str(o, "reason", u->why);
	return out_print(o, stdout);
}

int reports_print_json(const struct collect *c, const struct sums *s)
{
	struct out *o;
	size_t i;
	int rc = 0;

	for (i = 0; i < s->n && rc == 0; i++)
		rc = json_sum(&s->v[i]);
	for (i = 0; i < c->n_notice && rc == 0; i++)
		rc = json_notice(&c->notice[i]);
	for (i = 0; i < c->n_unread && rc == 0; i++)
		rc = json_unread(&c->unread[i]);
	if (rc < 0)
		return rc;
	o = out_new();
	out_str(o, "kind", "summary");
	out_int(o, "reports", (int64_t)c->n_report);
	out_int(o, "duplicates", (int64_t)s->duplicates);
	out_int(o, "differing", (int64_t)s->differing);
	out_int(o, "older", (int64_t)s->older);
	out_int(o, "other_mails", (int64_t)c->n_other);
	out_int(o, "unread", (int64_t)c->n_unread);
	return out_print(o, stdout);
}

/* What all lines of one policy begin with. */
static void csv_head(struct csv *v, const struct sum *s)
{
	char begin[TEXT_TIME_MAX], end[TEXT_TIME_MAX];

	text_time(begin, s->begin);
	text_time(end, s->end);
	csv_text(v, s->domain);
	csv_text(v, report_policy_name(s->type));
	csv_text(v, report_auth_name(s->auth));
	csv_text(v, begin);
	csv_text(v, end);
	csv_int(v, (int64_t)s->n_report);
	csv_int(v, s->good);
	csv_int(v, s->failed);
}

int reports_print_csv(const struct collect *c, const struct sums *s)
{
	struct csv v = {.f = stdout};
	size_t i, k;

	(void)c;
	fputs("domain,policy,authenticated,begin,end,reports,good,failed,result,receiving_host,"
	      "sending_network,reason_code,sessions\r\n",
		stdout);
	for (i = 0; i < s->n; i++) {
		for (k = 0; k < s->v[i].n_cause; k++) {
			const struct sum_cause *x = &s->v[i].cause[k];

			csv_head(&v, &s->v[i]);
			csv_text(&v, x->like->type);
			csv_text(&v, x->like->host);
			csv_text(&v, x->like->network);
			csv_text(&v, x->like->code);
			csv_int(&v, x->sessions);
			csv_end(&v);
		}
		if (k > 0)
			continue;
		csv_head(&v, &s->v[i]);
		for (k = 0; k < 5; k++)
			csv_text(&v, NULL);
		csv_end(&v);
	}
	return 0;
}
