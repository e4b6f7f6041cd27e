/* SPDX-License-Identifier: ISC */
/* Sums of many reports: for each domain, kind of policy and authenticity, by cause and by day.
 * Pure. */
#ifndef SEALPOST_REPORTS_SUMS_H
#define SEALPOST_REPORTS_SUMS_H

#include "verbs/reports/report.h"

/* Failures of one kind, at one server, for senders in one network. */
struct sum_cause {
	const struct report_failure *like; /* borrowed; one of them */
	int64_t sessions;
};

struct sum_day {
	int64_t day; /* its first second, in UTC */
	int64_t good, failed;
};

struct sum {
	const char *domain; /* borrowed, as all texts here, from the reports */
	enum report_policy_type type;
	enum report_auth auth;
	int64_t begin, end; /* of the first and last report */
	int64_t good, failed;
	size_t n_report;
	const char **organization; /* owned; sorted, each once */
	size_t n_organization;
	struct sum_cause *cause; /* owned; by kind, those with the most sessions first */
	size_t n_cause;
	struct sum_day *day; /* owned; in order */
	size_t n_day;
};

struct sums {
	struct sum *v; /* owned; the worst first */
	size_t n;
	size_t duplicates; /* reports that arrived before */
	size_t differing;  /* of those, with another text: not counted, but reported */
	size_t older;      /* that ended before --since */
};

/*
 * Adds up the n reports, which must outlive s, and are put in order. A report counts once: of those
 * with the same organization and report-id the one that is authenticated, else the first by its
 * text. One that ended before since does not count. 0 or ERR_OS.
 */
int sums_make(struct sums *s, struct report *r, size_t n, int64_t since, struct err *err);
void sums_free(struct sums *s);

#endif
