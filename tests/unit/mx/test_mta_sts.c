/* SPDX-License-Identifier: ISC */
/* mx/mta_sts and mx/tlsrpt: records and policies, exactly as RFC 8461 and RFC 8460 write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/pattern.h"
#include "mx/fields.h"
#include "mx/mta_sts.h"
#include "mx/tlsrpt.h"

#define RRS_MAX 4

/* An answer of TXT records; "|" stands between the character-strings of one. */
struct txt {
	uint8_t rdata[RRS_MAX][600];
	const uint8_t *data[RRS_MAX];
	size_t len[RRS_MAX];
	struct dns_answer a;
};

static void make(struct txt *t, const char *const *rr)
{
	size_t i, part;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < RRS_MAX && rr[i]; i++) {
		const char *p = rr[i];

		for (;; p += part + 1) {
			part = strcspn(p, "|");
			t->rdata[i][t->len[i]++] = (uint8_t)part;
			memcpy(t->rdata[i] + t->len[i], p, part);
			t->len[i] += part;
			if (!p[part])
				break;
		}
		t->data[i] = t->rdata[i];
	}
	t->a = (struct dns_answer){.name = "x",
		.type = DNS_TXT,
		.state = DNS_SECURE,
		.n = i,
		.data = t->data,
		.len = t->len,
		.canon = "",
		.note = ""};
}

static void records(void **state)
{
	static const struct {
		const char *rr[RRS_MAX];
		const char *id; /* NULL: no policy */
	} t[] = {
		{{"v=STSv1; id=20160831085700Z;"}, "20160831085700Z"},
		{{"v=STSv1; id=20|16;"}, "2016"},
		{{"v=STSv1;id=a"}, "a"},
		{{"v=STSv1;  id=a  ;  "}, "a"},
		{{"v=STSv1;\tid=a"}, "a"},
		{{"v=STSv1; id=a;", "v=STSv1; id=b;"}, NULL},
		{{"v=STSv1; id=a;", "v=STSv1; broken"}, NULL},
		{{"v=STSv1; id=a;", "v=spf1 -all"}, "a"},
		{{"v=spf1 -all"}, NULL},
		{{"v=STSv1;"}, NULL},
		{{"v=STSv1"}, NULL},
		{{"v=STSv1 ; id=a"}, "a"},
		{{"v=STSv1\t ;id=a"}, "a"},
		{{"v=STSv1 id=a;"}, NULL},
		{{"v=STSv1 ; id=a", "v=STSv1;id=b"}, NULL},
		{{"v=STSv10; id=a"}, NULL},
		{{"v=stsv1; id=a;"}, NULL},
		{{" v=STSv1; id=a;"}, NULL},
		{{"id=a; v=STSv1;"}, NULL},
		{{"v=STSv1; id=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{{"v=STSv1; id=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;"}, NULL},
		{{"v=STSv1; id=a-b;"}, NULL},
		{{"v=STSv1; id=;"}, NULL},
		{{"v=STSv1; ID=a;"}, NULL},
		{{"v=STSv1; id = a;"}, NULL},
		{{"v=STSv1; x=1; id=a"}, "a"},
		{{"v=STSv1; x; id=a"}, "a"},
		{{"v=STSv1; x=a b; id=a"}, NULL},
		{{"v=STSv1; -x=1; id=a"}, NULL},
		{{"v=STSv1;; id=a"}, NULL},
		{{"v=STSv1; id=a; id=b"}, "a"},
		{{"v=STSv1; id=a; id=!"}, "a"},
		{{"v=STSv1; id=\303\244"}, NULL},
	};
	struct buf record = BUF_INIT(FIELDS_TXT_MAX);
	char id[CHECK_STS_ID_MAX + 1];
	struct txt x;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		bool ok;

		make(&x, t[i].rr);
		buf_reset(&record);
		ok = fields_only(&x.a, STS_VERSION, &record) == 1 &&
		     !sts_record(buf_str(&record), record.len, id);
		if (ok != (t[i].id != NULL))
			print_error("record %zu: %s\n", i, t[i].rr[0]);
		assert_int_equal(ok, t[i].id != NULL);
		if (ok)
			assert_string_equal(id, t[i].id);
	}
	buf_free(&record);
}

/* What its owner takes for a record, and nobody else does. */
static void nearly_right(void **state)
{
	static const struct {
		const char *rr[RRS_MAX];
		bool nearly;
	} t[] = {
		{{"v=stsv1; id=a"}, true},
		{{"V=STSv1; id=a"}, true},
		{{" v=STSv1; id=a"}, true},
		{{"v = STSv1; id=a"}, true},
		{{"v=STSv1"}, true},
		{{"v=STSv1 id=a"}, true},
		{{"v=STSv1, id=a"}, true},
		{{"\"v=STSv1; id=a\""}, true},
		{{"v=spf1 -all", "v=stsv1; id=a"}, true},
		{{"v=STSv10; id=a"}, false},
		{{"v=STSv2; id=a"}, false},
		{{"STSv1; id=a"}, false},
		{{"v=spf1 -all"}, false},
		{{"v="}, false},
		{{""}, false},
		{{NULL}, false},
	};
	struct txt x;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		print_message("  row %zu: %s\n", i + 1, t[i].rr[0] ? t[i].rr[0] : "(none)");
		make(&x, t[i].rr);
		assert_int_equal(fields_nearly(&x.a, STS_VERSION), t[i].nearly);
	}
}

#define V "version: STSv1\n"

static void policies(void **state)
{
	static const struct {
		const char *text;
		int mode; /* -1: not valid */
		uint32_t max_age;
		size_t n_mx;
	} t[] = {
		{"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
		 "mx: backupmx.example.com\r\nmax_age: 604800\r\n",
			STS_MODE_ENFORCE, 604800, 3},
		{V "mode: testing\nmx: a.example\nmax_age: 86400", STS_MODE_TESTING, 86400, 1},
		{V "mode: none\nmax_age: 86400\n", STS_MODE_NONE, 86400, 0},
		{"max_age: 1\nmx:a.example\nmode:\tenforce\n" V, STS_MODE_ENFORCE, 1, 1},
		{V "mode: enforce \nmx: a.example\n\nmax_age: 1\n\n", STS_MODE_ENFORCE, 1, 1},
		{V "mode: enforce\nmax_age: 86400\n", -1, 0, 0},
		{"version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n", -1, 0, 0},
		{"version: stsv1\nmode: enforce\nmx: a.example\nmax_age: 1\n", -1, 0, 0},
		{"mode: enforce\nmx: a.example\nmax_age: 1\n", -1, 0, 0},
		{V "mode: Enforce\nmx: a.example\nmax_age: 1\n", -1, 0, 0},
		{V "Mode: enforce\nmx: a.example\nmax_age: 1\n", -1, 0, 0},
		{V "mx: a.example\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\nmx: a.example\n", -1, 0, 0},
		{V "mode: enforce\nmx: a.example\nmax_age: 31557600\n", STS_MODE_ENFORCE, 31557600,
			1},
		{V "mode: enforce\nmx: a.example\nmax_age: 31557601\n", STS_MODE_ENFORCE, 31557600,
			1},
		{V "mode: enforce\nmx: a.example\nmax_age: 9999999999\n", STS_MODE_ENFORCE,
			31557600, 1},
		{V "mode: enforce\nmx: a.example\nmax_age: 99999999999\n", -1, 0, 0},
		{V "mode: enforce\nmx: a.example\nmax_age: -1\n", -1, 0, 0},
		{V "mode: enforce\nmx: a.example\nmax_age: 1d\n", -1, 0, 0},
		{V "mode: enforce\nmx: a.example\nmax_age:\n", -1, 0, 0},
		{V "mode: enforce\nmode: none\nmx: a.example\nmax_age: 1\n", STS_MODE_ENFORCE, 1,
			1},
		{V "mode: enforce\nmx: a.example\nmax_age: 1\nmax_age: x\n", STS_MODE_ENFORCE, 1,
			1},
		{V "mode: enforce\nmx: *.*.example\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\nmx: *\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\nmx: a.*.example\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\nmx: *a.example\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\nmx: a b.example\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\nmx:\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\nmx: b\303\274cher.example\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\nmx: A.Example\nmax_age: 1\n", STS_MODE_ENFORCE, 1, 1},
		{V "mode: enforce\nmx: a.example\nfoo: bar baz\nmax_age: 1\n", STS_MODE_ENFORCE, 1,
			1},
		{V "mode: enforce\nmx: a.example\nno colon here\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\nmx: a.example\n: x\nmax_age: 1\n", -1, 0, 0},
		{V "mode: enforce\rmx: a.example\nmax_age: 1\n", -1, 0, 0},
		{" version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\n", -1, 0, 0},
		{"\357\273\277" V "mode: enforce\nmx: a.example\nmax_age: 1\n", -1, 0, 0},
		{"<html>\n", -1, 0, 0},
		{"", -1, 0, 0},
	};
	struct sts_parsed p;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		why = sts_policy_parse(t[i].text, strlen(t[i].text), &p);
		if (!why != (t[i].mode >= 0))
			print_error("policy %zu: %s: %s\n", i, t[i].text, why ? why : "valid");
		assert_int_equal(!why, t[i].mode >= 0);
		if (why)
			continue;
		assert_int_equal(p.mode, t[i].mode);
		assert_int_equal(p.max_age, t[i].max_age);
		assert_int_equal(p.n_mx, t[i].n_mx);
		sts_parsed_free(&p);
	}
	assert_non_null(sts_policy_parse(
		V "mode: none\nmax_age: 1\0\n", sizeof(V "mode: none\nmax_age: 1\0\n") - 1, &p));
}

static void matches(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool match;
	} t[] = {
		{"*.example.com", "mail.example.com", true},
		{"*.example.com", "example.com", false},
		{"*.example.com", ".example.com", false},
		{"*.example.com", "foo.bar.example.com", false},
		{"*.example.com", "mailexample.com", false},
		{"mail.example.com", "MAIL.example.com.", true},
		{"mail.example.com", "xmail.example.com", false},
		{"mail.example.com", "example.com", false},
		{"mail.example.com", "mail.example.com.evil.example", false},
		{"mail.example.com", "", false},
	};
	static const struct {
		const char *type;
		bool ok;
	} media[] = {
		{"text/plain", true},
		{"text/plain; charset=utf-8", true},
		{"Text/Plain ;x=y", true},
		{"text/html", false},
		{"text/plainer", false},
		{"", false},
		{"application/octet-stream", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(pattern_match_mx(t[i].pattern, t[i].host), t[i].match);
	for (i = 0; i < sizeof(media) / sizeof(media[0]); i++)
		assert_int_equal(sts_media_type(media[i].type), media[i].ok);
}

static void reports(void **state)
{
	static const struct {
		const char *rr[RRS_MAX];
		enum check_outcome outcome;
		size_t n;
		const char *last;
	} t[] = {
		{{"v=TLSRPTv1;rua=mailto:reports@example.com"}, CHECK_FOUND, 1,
			"mailto:reports@example.com"},
		{{"v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt"}, CHECK_FOUND, 1,
			"https://reporting.example.com/v1/tlsrpt"},
		{{"v=TLSRPTv1; rua=mailto:a@b.example,https://c.example/"}, CHECK_FOUND, 2,
			"https://c.example/"},
		{{"v=TLSRPTv1; rua=mailto:a@b.example , https://c.example/?a=b ;"}, CHECK_FOUND, 2,
			"https://c.example/?a=b"},
		{{"v=TLSRPTv1|;rua=mailto:|a@b.example", "v=spf1 -all"}, CHECK_FOUND, 1,
			"mailto:a@b.example"},
		{{"v=TLSRPTv1; x=y; rua=MAILTO:a@b.example"}, CHECK_FOUND, 1, "MAILTO:a@b.example"},
		{{"v=TLSRPTv1;"}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv1; rua="}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv1; rua=mailto:"}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv1; rua=mailto:a@b.example,"}, CHECK_FOUND, 1, "mailto:a@b.example"},
		{{"v=TLSRPTv1 ; rua=mailto:a@b.example"}, CHECK_FOUND, 1, "mailto:a@b.example"},
		{{"v=TLSRPTv1; rua=mailto:a@b.example; rua=https://c.example/"}, CHECK_FOUND, 2,
			"https://c.example/"},
		{{"v=TLSRPTv1; rua=ftp://x/,mailto:a@b.example"}, CHECK_FOUND, 1,
			"mailto:a@b.example"},
		{{"v=TLSRPTv1; rua=ftp://x/; rua=mailto:a@b.example"}, CHECK_FOUND, 1,
			"mailto:a@b.example"},
		{{"v=TLSRPTv1; rua=mailto:a@b.example!10m,mailto:c@d.example"}, CHECK_FOUND, 1,
			"mailto:c@d.example"},
		{{"v=TLSRPTv1; rua=ftp://x/,tel:1"}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv1; rua=ftp://x/"}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv1; rua=http://x.example/"}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv1; rua=mailto:\033]0;x@b.example"}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv1; rua=mailto:a@b.example!10m"}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:c@d.example"},
			CHECK_INVALID, 0, NULL},
		{{"v=tlsrptv1; rua=mailto:a@b.example"}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv1 rua=mailto:a@b.example"}, CHECK_INVALID, 0, NULL},
		{{"\"v=TLSRPTv1; rua=mailto:a@b.example\""}, CHECK_INVALID, 0, NULL},
		{{"v=TLSRPTv2; rua=mailto:a@b.example"}, CHECK_NONE, 0, NULL},
		{{"v=spf1 -all"}, CHECK_NONE, 0, NULL},
		{{NULL}, CHECK_NONE, 0, NULL},
	};
	struct txt x;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct check_tlsrpt r = {.n_rua = 0};

		make(&x, t[i].rr);
		tlsrpt_take(&x.a, &r);
		if (r.outcome != t[i].outcome)
			print_error("reports %zu: %s\n", i, t[i].rr[0]);
		assert_int_equal(r.outcome, t[i].outcome);
		assert_int_equal(r.n_rua, t[i].n);
		if (t[i].n)
			assert_string_equal(r.rua[t[i].n - 1], t[i].last);
		for (j = 0; j < r.n_rua; j++)
			free(r.rua[j]);
		free(r.rua);
		free(r.reason);
	}
}

/* What could not be told is never "none". */
static void untold(void **state)
{
	static const char *const rr[RRS_MAX] = {NULL};
	struct check_tlsrpt r = {.n_rua = 0};
	struct txt x;

	(void)state;
	make(&x, rr);
	x.a.state = DNS_BOGUS;
	tlsrpt_take(&x.a, &r);
	assert_int_equal(r.outcome, CHECK_UNKNOWN);
	x.a.state = DNS_ERROR;
	tlsrpt_take(&x.a, &r);
	assert_int_equal(r.outcome, CHECK_UNKNOWN);
	free(r.rua);
	free(r.reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(nearly_right),
		cmocka_unit_test(policies),
		cmocka_unit_test(matches),
		cmocka_unit_test(reports),
		cmocka_unit_test(untold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
