/* SPDX-License-Identifier: ISC */
#include "verbs/reports/sums.h"

#include <stdlib.h>
#include <string.h>

#define DAY 86400

/* One policy's part of a report that counts. */
struct counted {
	const struct report *report;
	const struct report_part *part;
};

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static const char *first_domain(const struct report *r)
{
	return r->n_part > 0 ? r->part[0].domain : "";
}

/* Some give the same report-id every day, or to each domain. */
static int same_id(const struct report *a, const struct report *b)
{
	int d = strcmp(a->organization, b->organization);

	if (d == 0)
		d = strcmp(a->id, b->id);
	if (d == 0)
		d = ORDER(a->begin, b->begin);
	return d ? d : strcmp(first_domain(a), first_domain(b));
}

/* By who and what; of the same the one to be believed first. */
static int by_report_id(const void *x, const void *y)
{
	const struct report *a = x, *b = y;
	int d = same_id(a, b);

	if (d == 0)
		d = ORDER(a->auth == REPORT_AUTH_YES ? 0 : 1, b->auth == REPORT_AUTH_YES ? 0 : 1);
	return d ? d : memcmp(a->digest, b->digest, DIGEST_LEN);
}

static int by_policy(const void *x, const void *y)
{
	const struct counted *a = x, *b = y;
	int d = strcmp(a->part->domain, b->part->domain);

	if (d == 0)
		d = ORDER(a->part->type, b->part->type);
	return d ? d : ORDER(a->report->auth, b->report->auth);
}

static int by_letters(const void *x, const void *y)
{
	const char *const *a = x, *const *b = y;

	return strcmp(*a, *b);
}

static int like_cause(const struct report_failure *a, const struct report_failure *b)
{
	int d = ORDER(a->result, b->result);

	if (d == 0)
		d = strcmp(a->type, b->type);
	if (d == 0)
		d = strcmp(a->host, b->host);
	if (d == 0)
		d = strcmp(a->network, b->network);
	return d ? d : strcmp(a->code, b->code);
}

static int by_cause(const void *x, const void *y)
{
	const struct sum_cause *a = x, *b = y;

	return like_cause(a->like, b->like);
}

static int by_sessions(const void *x, const void *y)
{
	const struct sum_cause *a = x, *b = y;
	int d = ORDER(a->like->result, b->like->result);

	if (d == 0)
		d = strcmp(a->like->type, b->like->type);
	if (d == 0)
		d = ORDER(b->sessions, a->sessions);
	return d ? d : like_cause(a->like, b->like);
}

static int by_day(const void *x, const void *y)
{
	const struct sum_day *a = x, *b = y;

	return ORDER(a->day, b->day);
}

static int worst_first(const void *x, const void *y)
{
	const struct sum *a = x, *b = y;
	int d = ORDER(b->failed, a->failed);

	if (d == 0)
		d = strcmp(a->domain, b->domain);
	if (d == 0)
		d = ORDER(a->type, b->type);
	return d ? d : ORDER(a->auth, b->auth);
}

/* The run's causes, each once. */
static int add_causes(struct sum *s, const struct counted *c, size_t n)
{
	size_t i, k, all = 0;

	for (i = 0; i < n; i++)
		all += c[i].part->n_failure;
	s->cause = calloc(all + 1, sizeof(*s->cause));
	if (!s->cause)
		return -1;
	for (all = i = 0; i < n; i++) {
		for (k = 0; k < c[i].part->n_failure; k++)
			s->cause[all++] = (struct sum_cause){
				&c[i].part->failure[k], c[i].part->failure[k].sessions};
	}
	qsort(s->cause, all, sizeof(*s->cause), by_cause);
	for (i = 0; i < all; i++) {
		if (i > 0 && like_cause(s->cause[s->n_cause - 1].like, s->cause[i].like) == 0)
			s->cause[s->n_cause - 1].sessions += s->cause[i].sessions;
		else
			s->cause[s->n_cause++] = s->cause[i];
	}
	qsort(s->cause, s->n_cause, sizeof(*s->cause), by_sessions);
	return 0;
}

/* A report stands for the day that it begins on. */
static int add_days(struct sum *s, const struct counted *c, size_t n)
{
	size_t i;

	s->day = calloc(n, sizeof(*s->day));
	if (!s->day)
		return -1;
	for (i = 0; i < n; i++)
		s->day[i] = (struct sum_day){c[i].report->begin - c[i].report->begin % DAY,
			c[i].part->good, c[i].part->failed};
	qsort(s->day, n, sizeof(*s->day), by_day);
	for (i = 0; i < n; i++) {
		if (i > 0 && s->day[s->n_day - 1].day == s->day[i].day) {
			s->day[s->n_day - 1].good += s->day[i].good;
			s->day[s->n_day - 1].failed += s->day[i].failed;
		} else {
			s->day[s->n_day++] = s->day[i];
		}
	}
	return 0;
}

static int add_organizations(struct sum *s, const struct counted *c, size_t n)
{
	size_t i;

	s->organization = calloc(n, sizeof(*s->organization));
	if (!s->organization)
		return -1;
	for (i = 0; i < n; i++)
		s->organization[i] = c[i].report->organization;
	qsort(s->organization, n, sizeof(*s->organization), by_letters);
	for (i = 0; i < n; i++) {
		if (i == 0 || strcmp(s->organization[s->n_organization - 1], s->organization[i]))
			s->organization[s->n_organization++] = s->organization[i];
	}
	return 0;
}

/* A run of one domain, kind of policy and trust. */
static int sum_run(struct sum *s, const struct counted *c, size_t n)
{
	size_t i;

	*s = (struct sum){.domain = c->part->domain,
		.type = c->part->type,
		.auth = c->report->auth,
		.begin = c->report->begin,
		.end = c->report->end,
		.n_report = n};
	for (i = 0; i < n; i++) {
		s->good += c[i].part->good;
		s->failed += c[i].part->failed;
		if (c[i].report->begin < s->begin)
			s->begin = c[i].report->begin;
		if (c[i].report->end > s->end)
			s->end = c[i].report->end;
	}
	return add_causes(s, c, n) < 0 || add_days(s, c, n) < 0 || add_organizations(s, c, n) < 0
		       ? -1
		       : 0;
}

/* The parts of reports that count, in order; how many. */
static size_t choose_counted(
	struct sums *s, struct report *r, size_t n, int64_t since, struct counted *c)
{
	const struct report *last = NULL;
	size_t i, k, all = 0;

	if (n > 0)
		qsort(r, n, sizeof(*r), by_report_id);
	for (i = 0; i < n; i++) {
		if (r[i].end < since) {
			s->older++;
			continue;
		}
		if (last && same_id(last, &r[i]) == 0) {
			s->duplicates++;
			s->differing += memcmp(last->digest, r[i].digest, DIGEST_LEN) != 0;
			continue;
		}
		last = &r[i];
		for (k = 0; k < r[i].n_part; k++)
			c[all++] = (struct counted){&r[i], &r[i].part[k]};
	}
	qsort(c, all, sizeof(*c), by_policy);
	return all;
}

int sums_make(struct sums *s, struct report *r, size_t n, int64_t since, struct err *err)
{
	struct counted *c;
	size_t i, from, all = 0;
	int rc = 0;

	*s = (struct sums){.n = 0};
	for (i = 0; i < n; i++)
		all += r[i].n_part;
	c = calloc(all + 1, sizeof(*c));
	s->v = calloc(all + 1, sizeof(*s->v));
	if (c && s->v) {
		all = choose_counted(s, r, n, since, c);
		for (from = i = 0; i < all && rc == 0; i++) {
			if (i + 1 < all && by_policy(&c[from], &c[i + 1]) == 0)
				continue;
			rc = sum_run(&s->v[s->n++], c + from, i + 1 - from);
			from = i + 1;
		}
		qsort(s->v, s->n, sizeof(*s->v), worst_first);
	}
	if (!c || !s->v || rc < 0) {
		sums_free(s);
		rc = err_set(err, ERR_OS, "out of memory");
	}
	free(c);
	return rc;
}

void sums_free(struct sums *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->v[i].organization);
		free(s->v[i].cause);
		free(s->v[i].day);
	}
	free(s->v);
	*s = (struct sums){.n = 0};
}
