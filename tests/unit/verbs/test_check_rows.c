/* SPDX-License-Identifier: ISC */
/* What a line says of a domain, row by row; findings that stand above are named, not told again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verbs/check/rows.h"

#define S(text) ((char *)(uintptr_t)(text))
#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Two mail servers; 0 ends the list. */
static const struct {
	const char *name;
	enum dns_state mx_dnssec;
	enum check_dane dane[2];
	enum check_outcome policy;
	enum check_sts_mode mode;
	enum check_outcome wkd;
	const char *want; /* dane, sts, wkd */
} row[] = {
	{"1 all", DNS_SECURE, {DANE_USABLE, DANE_USABLE}, CHECK_FOUND, STS_MODE_ENFORCE,
		CHECK_FOUND, "all enforce advanced"},
	{"2 some", DNS_SECURE, {DANE_USABLE, DANE_NONE}, CHECK_FOUND, STS_MODE_TESTING, CHECK_NONE,
		"some testing none"},
	{"3 none", DNS_SECURE, {DANE_NONE, DANE_UNUSABLE}, CHECK_NONE, 0, CHECK_UNKNOWN,
		"none absent unknown"},
	{"4 unknown", DNS_SECURE, {DANE_USABLE, DANE_UNKNOWN}, CHECK_UNKNOWN, 0, CHECK_NOT_ASKED,
		"unknown unknown -"},
	{"5 MX not signed", DNS_INSECURE, {DANE_USABLE, DANE_USABLE}, CHECK_INVALID, 0, CHECK_NONE,
		"none absent none"},
	{"6 no mail server", DNS_SECURE, {0, 0}, CHECK_NOT_ASKED, 0, CHECK_NONE, "- - none"},
};

static struct check_mx servers[2];
static struct protection bound = {.kind = PROTECTION_DANE};

static struct check_reply reply_of(size_t i)
{
	struct check_reply r = {.domain = S("d.example"),
		.failed = S(""),
		.mx_outcome = CHECK_FOUND,
		.mx_dnssec = row[i].mx_dnssec,
		.mx = servers,
		.wkd_outcome = row[i].wkd,
		.wkd_method = METHOD_WKD_ADVANCED};

	for (; r.n_mx < 2 && row[i].dane[r.n_mx] != 0; r.n_mx++)
		servers[r.n_mx] =
			(struct check_mx){.address = CHECK_FOUND, .dane = row[i].dane[r.n_mx]};
	r.sts.policy = row[i].policy;
	r.sts.mode = row[i].mode;
	return r;
}

static void lines_sum_up(void **state)
{
	struct check_page p = {.n = 0};
	char got[200];
	size_t i;

	(void)state;
	for (i = 0; i < N(row); i++) {
		struct check_reply r = reply_of(i);
		struct check_summary s = check_summary(&r, &bound, &p);

		snprintf(got, sizeof(got), "%s %s %s", s.dane, s.sts, s.wkd);
		if (strcmp(got, row[i].want) != 0 || s.worst)
			fail_msg("%s: %s", row[i].name, got);
	}
}

static void the_worst_is_first_of_its_level(void **state)
{
	static const enum check_level order[] = {
		LEVEL_OK, LEVEL_NOTE, LEVEL_WARN, LEVEL_UNKNOWN, LEVEL_BAD};
	struct check_reply r = reply_of(0);
	struct check_page p = {.n = 0};
	struct check_summary s;
	size_t i;

	(void)state;
	for (i = 0; i < N(order); i++) {
		struct check_line l = {.group = GROUP_TRANSPORT, .level = order[i]};

		page_add(&p, &l, "first", NULL, "x");
		page_add(&p, &l, "second", NULL, "x");
		s = check_summary(&r, &bound, &p);
		assert_int_equal(s.worst->level, order[i]);
		assert_string_equal(s.worst->subject, "first");
	}
	assert_int_equal(s.bad, 2);
	assert_int_equal(s.warn, 2);
	assert_int_equal(s.unknown, 2);
	page_free(&p);
}

static char *rows_text(const struct check_row *v, size_t n)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(check_rows_print(f, v, n), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void findings_are_told_once(void **state)
{
	static const struct check_line bad = {.group = GROUP_TRANSPORT, .level = LEVEL_BAD};
	struct check_row *v = calloc(3, sizeof(*v));
	struct check_reply r = reply_of(0);
	struct check_page p = {.n = 0};
	char *text;

	(void)state;
	page_add(&p, &bad, "mx.p.example", NULL, "no \033[2J TLS");
	bound.kind = PROTECTION_NONE;
	assert_int_equal(check_row_set(&v[0], "a.example", &r, &bound, &p), 0);
	assert_int_equal(check_row_set(&v[1], "b.example", &r, &bound, &p), 0);
	bound.kind = PROTECTION_DANE;
	page_free(&p);
	assert_int_equal(check_row_set(&v[2], "c.example", &r, &bound, &p), 0);
	text = rows_text(v, 3);
	assert_non_null(strstr(text, "3 domains: 1 protected, 2 not, 0 unknown; 2 bad"));
	assert_non_null(strstr(text, "mx.p.example: no \\x1b[2J TLS\n"));
	assert_non_null(strstr(text, "as a.example\n"));
	assert_null(strchr(text, '\033'));
	free(text);
	check_rows_free(v, 3);
}

static void one_cause_for_all_is_told_once(void **state)
{
	struct check_row *v = calloc(2, sizeof(*v));
	struct check_reply r = reply_of(0);
	struct check_page p = {.n = 0};
	char *text;

	(void)state;
	r.failed = S("a proxy is set");
	bound.kind = PROTECTION_UNKNOWN;
	page_transport(&p, &r, &bound);
	assert_int_equal(check_row_set(&v[0], "a.example", &r, &bound, &p), 0);
	assert_int_equal(check_row_set(&v[1], "b.example", &r, &bound, &p), 0);
	page_free(&p);
	text = rows_text(v, 2);
	assert_non_null(strstr(text, "a proxy is set\n"));
	assert_null(strstr(text, "a.example"));
	free(text);
	check_rows_free(v, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines_sum_up),
		cmocka_unit_test(the_worst_is_first_of_its_level),
		cmocka_unit_test(findings_are_told_once),
		cmocka_unit_test(one_cause_for_all_is_told_once)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
