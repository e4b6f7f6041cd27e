/* SPDX-License-Identifier: ISC */
#include "verbs/check/summary.h"

/* Usable TLSA records count only below signed MX records. */
static const char *dane_of(const struct check_reply *r)
{
	size_t i, usable = 0, doubtful = 0;

	if (r->mx_outcome == CHECK_UNKNOWN)
		return "unknown";
	for (i = 0; i < r->n_mx; i++) {
		usable += r->mx_dnssec == DNS_SECURE && r->mx[i].dane == DANE_USABLE;
		doubtful += r->mx[i].dane == DANE_UNKNOWN || r->mx[i].address == CHECK_UNKNOWN;
	}
	if (r->n_mx == 0)
		return "-";
	return doubtful ? "unknown" : usable == r->n_mx ? "all" : usable ? "some" : "none";
}

static const char *sts_of(const struct check_sts *s)
{
	switch (s->policy) {
	case CHECK_FOUND:
		return check_sts_mode_name(s->mode);
	case CHECK_UNKNOWN:
		return "unknown";
	case CHECK_NONE:
	case CHECK_INVALID:
		return "absent";
	case CHECK_NOT_ASKED:
		break;
	}
	return "-";
}

static const char *wkd_of(const struct check_reply *r)
{
	switch (r->wkd_outcome) {
	case CHECK_FOUND:
		return r->wkd_method == METHOD_WKD_DIRECT ? "direct" : "advanced";
	case CHECK_NONE:
		return "none";
	case CHECK_INVALID:
	case CHECK_UNKNOWN:
		return "unknown";
	case CHECK_NOT_ASKED:
		break;
	}
	return "-";
}

/* How much a level matters. */
static int weight_of(enum check_level l)
{
	static const int weight[] = {[LEVEL_OK] = 0,
		[LEVEL_NOTE] = 1,
		[LEVEL_WARN] = 2,
		[LEVEL_UNKNOWN] = 3,
		[LEVEL_BAD] = 4};

	_Static_assert(sizeof(weight) / sizeof(weight[0]) == LEVEL_UNKNOWN + 1, "one for each");
	return weight[l];
}

struct check_summary check_summary(
	const struct check_reply *r, const struct protection *bound, const struct check_page *p)
{
	struct check_summary s = {.protection = protection_name(bound->kind),
		.dane = dane_of(r),
		.sts = sts_of(&r->sts),
		.dnssec = r->dnssec ? dns_state_name(r->dnssec) : "-",
		.wkd = wkd_of(r)};
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct check_line *l = &p->v[i];

		s.bad += l->level == LEVEL_BAD;
		s.warn += l->level == LEVEL_WARN;
		s.unknown += l->level == LEVEL_UNKNOWN;
		if (!s.worst || weight_of(l->level) > weight_of(s.worst->level))
			s.worst = l;
	}
	return s;
}
