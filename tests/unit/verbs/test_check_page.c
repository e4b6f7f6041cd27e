/* SPDX-License-Identifier: ISC */
/* What a check says of what came back: the lines, what is to be mended, and the exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verbs/check/page.h"

#define S(text) ((char *)(uintptr_t)(text))

static struct check_reply r;
static struct protection bound;
static struct check_mx mx[2];
static struct check_tlsa tlsa[2];
static struct check_page page;

static struct check_http no_http(void)
{
	return (struct check_http){.content_type = S(""), .reason = S("")};
}

/* A signed domain with two mail servers, each with a usable TLSA record. */
static void base(void)
{
	size_t i;

	tlsa[0] = (struct check_tlsa){.usage = 3,
		.selector = 1,
		.matching = 1,
		.usable = true,
		.data = S("00"),
		.why = S("")};
	tlsa[1] = (struct check_tlsa){.usage = 1,
		.selector = 1,
		.matching = 1,
		.data = S("00"),
		.why = S("has a usage for the web")};
	for (i = 0; i < 2; i++) {
		mx[i] = (struct check_mx){.host = S(i ? "mx2.d.example" : "mx1.d.example"),
			.preference = (uint16_t)(10 + i),
			.address = CHECK_FOUND,
			.dnssec = DNS_SECURE,
			.ip = {"192.0.2.1"},
			.n_ip = 1,
			.dane = DANE_USABLE,
			.tlsa_dnssec = DNS_SECURE,
			.tlsa_base = S(""),
			.tlsa = tlsa,
			.n_tlsa = 1,
			.reason = S("")};
		mx[i].live.reason = S("");
	}
	r = (struct check_reply){.domain = S("d.example"),
		.failed = S(""),
		.exists = CHECK_FOUND,
		.dnssec = DNS_SECURE,
		.dnssec_reason = S(""),
		.mx_outcome = CHECK_FOUND,
		.mx_dnssec = DNS_SECURE,
		.mx_alias = S(""),
		.mx_reason = S(""),
		.mx = mx,
		.n_mx = 2};
	bound = (struct protection){.kind = PROTECTION_DANE, .reason = "all are bound"};
	r.sts = (struct check_sts){.txt = CHECK_NONE,
		.txt_reason = S(""),
		.content_type = S(""),
		.fetch_reason = S(""),
		.policy = CHECK_NONE,
		.text = S("")};
	r.tlsrpt = (struct check_tlsrpt){.outcome = CHECK_NONE, .reason = S("")};
	r.wkd_outcome = CHECK_FOUND;
	r.wkd_method = METHOD_WKD_ADVANCED;
	for (i = 0; i < 2; i++) {
		r.wkd[i] = (struct check_wkd){.host = S(i ? "d.example" : "openpgpkey.d.example"),
			.address = CHECK_FOUND,
			.dnssec = DNS_SECURE,
			.dane = DANE_USABLE,
			.dane_match = FACT_YES,
			.covers = FACT_YES,
			.policy = no_http(),
			.policy_flags = S(""),
			.key = no_http(),
			.head = no_http(),
			.reason = S("")};
		r.wkd[i].policy.outcome = r.wkd[i].head.outcome = r.wkd[i].key.outcome =
			CHECK_FOUND;
		r.wkd[i].key.openpgp = r.wkd[i].key.cors = true;
		r.wkd[i].key.tls = TLS_WEBPKI;
		r.wkd[i].key.content_type = S("application/octet-stream");
	}
	r.openpgpkey = (struct check_openpgpkey){
		.zone = CHECK_NONE, .dnssec = DNS_SECURE, .reason = S("")};
}

static void make_page(void)
{
	page_free(&page);
	page_transport(&page, &r, &bound);
	page_keys(&page, &r);
	page_certificates(&page, &r);
	assert_false(page.failed);
}

static void dump(void)
{
	size_t i;

	for (i = 0; i < page.n; i++)
		print_message("%s %s: %s [%s] fix: %s\n", check_level_name(page.v[i].level),
			page.v[i].subject, page.v[i].what,
			check_result_name(page.v[i].result) ? check_result_name(page.v[i].result)
							    : "",
			page.v[i].mend);
}

/* A line of this level, subject and result, whose sentence holds what, and which has a mend or not.
 */
static bool has(enum check_level level, const char *subject, const char *what,
	enum check_result result, bool mend)
{
	size_t i;

	for (i = 0; i < page.n; i++) {
		if (page.v[i].level == level && strcmp(page.v[i].subject, subject) == 0 &&
			strstr(page.v[i].what, what) && page.v[i].result == result &&
			(page.v[i].mend[0] != '\0') == mend)
			return true;
	}
	return false;
}

static void a_good_domain_has_nothing_bad(void **state)
{
	size_t i;

	(void)state;
	base();
	make_page();
	for (i = 0; i < page.n; i++) {
		if (page.v[i].level != LEVEL_OK && page.v[i].level != LEVEL_NOTE) {
			dump();
			fail();
		}
	}
	assert_true(has(LEVEL_OK, "protection", "dane: all are bound", RESULT_NONE, false));
	assert_true(has(LEVEL_OK, "mx2.d.example", "DANE: TLSA 3 1 1", RESULT_NONE, false));
	assert_int_equal(check_exit(&r, &bound), 0);
}

static void no_dane(void)
{
	mx[1].dane = DANE_NONE;
}
static void no_dane_sts(void)
{
	mx[1].dane = DANE_NONE;
	r.sts.policy = CHECK_FOUND;
	r.sts.mode = STS_MODE_ENFORCE;
	r.sts.max_age = 700000;
}
static void insecure_mx(void)
{
	r.mx_dnssec = DNS_INSECURE;
}
static void unusable(void)
{
	mx[0].dane = DANE_UNUSABLE;
	mx[0].n_tlsa = 2;
	tlsa[0].usable = false;
	tlsa[0].why = S("is too short");
}
static void tlsa_bogus(void)
{
	mx[0].dane = DANE_UNKNOWN;
	mx[0].tlsa_dnssec = DNS_BOGUS;
	mx[0].reason = S("bogus: no signature");
}
static void tlsa_dead(void)
{
	mx[0].dane = DANE_UNKNOWN;
	mx[0].tlsa_dnssec = DNS_ERROR;
	mx[0].reason = S("no answer");
}
static void null_mx(void)
{
	r.null_mx = true;
	r.n_mx = 0;
	r.mx_outcome = CHECK_NONE;
	bound.kind = PROTECTION_NONE;
}
static void no_mx(void)
{
	r.n_mx = 0;
	r.mx_outcome = CHECK_NONE;
	bound.kind = PROTECTION_NONE;
}
static void bogus(void)
{
	r.dnssec = DNS_BOGUS;
	r.dnssec_reason = S("no good signature");
	bound.kind = PROTECTION_UNKNOWN;
}
static void mismatch(void)
{
	mx[1].sts = FACT_NO;
}
static void bad_record(void)
{
	r.sts.txt = CHECK_INVALID;
	r.sts.txt_reason = S("two records");
}
static void no_fetch(void)
{
	r.sts.fetch = CHECK_UNKNOWN;
	r.sts.result = RESULT_STS_WEBPKI_INVALID;
	r.sts.fetch_reason = S("certificate has expired");
}
static void testing(void)
{
	r.sts.policy = CHECK_FOUND;
	r.sts.mode = STS_MODE_TESTING;
	r.sts.max_age = 700000;
}
static void short_lived(void)
{
	r.sts.policy = CHECK_FOUND;
	r.sts.mode = STS_MODE_ENFORCE;
	r.sts.max_age = 3600;
}
static void live_failed(void)
{
	mx[0].live.status = LIVE_FAILED;
	mx[0].live.result = RESULT_CERTIFICATE_EXPIRED;
	mx[0].live.reason = S("expired");
}
static void injected(void)
{
	mx[0].live.status = LIVE_ENCRYPTED;
	mx[0].live.injected = true;
}
static void bad_rua(void)
{
	r.tlsrpt.outcome = CHECK_INVALID;
	r.tlsrpt.reason = S("no rua");
}
static void wildcard(void)
{
	r.wkd[0].wildcard = FACT_YES;
}
static void no_cors(void)
{
	r.wkd[0].key.cors = false;
}
static void armoured(void)
{
	r.wkd[0].key.armoured = true;
	r.wkd[0].key.openpgp = false;
}
static void web_page(void)
{
	r.wkd[0].key.openpgp = false;
	r.wkd[0].key.html = true;
}
static void text_type(void)
{
	r.wkd[0].key.content_type = S("text/plain");
}
static void head_differs(void)
{
	r.wkd[0].head.outcome = CHECK_UNKNOWN;
	r.wkd[0].head.reason = S("405");
}
static void wrong_name(void)
{
	r.wkd[0].covers = FACT_NO;
}
static void no_policy(void)
{
	r.wkd[0].policy.outcome = CHECK_NONE;
}
static void key_tlsa(void)
{
	r.wkd[0].dane_match = FACT_NO;
}
static void key_500(void)
{
	r.wkd[0].key.outcome = CHECK_UNKNOWN;
	r.wkd[0].key.reason = S("status 500");
}
static void opk_unsigned(void)
{
	r.openpgpkey.zone = CHECK_FOUND;
	r.openpgpkey.dnssec = DNS_INSECURE;
}

static void each_fault_is_told_with_its_mend(void **state)
{
	static const struct {
		void (*spoil)(void);
		enum check_level level;
		const char *subject, *what;
		enum check_result result;
		bool mend;
	} row[] = {
		{no_dane, LEVEL_WARN, "mx2.d.example", "no TLSA record", RESULT_NONE, true},
		{no_dane_sts, LEVEL_NOTE, "mx2.d.example", "no TLSA record", RESULT_NONE, true},
		{insecure_mx, LEVEL_WARN, "mx1.d.example", "for this host only", RESULT_NONE, true},
		{unusable, LEVEL_BAD, "mx1.d.example", "no TLSA record can be used",
			RESULT_TLSA_INVALID, true},
		{unusable, LEVEL_WARN, "mx1.d.example", "TLSA 1 1 1 has a usage for the web",
			RESULT_NONE, true},
		{tlsa_bogus, LEVEL_UNKNOWN, "mx1.d.example", "bogus", RESULT_DNSSEC_INVALID, true},
		{tlsa_dead, LEVEL_UNKNOWN, "mx1.d.example", "no answer", RESULT_NONE, true},
		{null_mx, LEVEL_NOTE, "MX", "accepts no mail", RESULT_NONE, false},
		{no_mx, LEVEL_BAD, "MX", "no mail server", RESULT_NONE, true},
		{bogus, LEVEL_UNKNOWN, "DNSSEC", "no good signature", RESULT_DNSSEC_INVALID, true},
		{mismatch, LEVEL_BAD, "mx2.d.example", "does not name it",
			RESULT_VALIDATION_FAILURE, true},
		{bad_record, LEVEL_BAD, "MTA-STS record", "two records", RESULT_STS_POLICY_INVALID,
			true},
		{no_fetch, LEVEL_UNKNOWN, "MTA-STS server", "expired", RESULT_STS_WEBPKI_INVALID,
			true},
		{testing, LEVEL_WARN, "MTA-STS policy", "testing", RESULT_NONE, true},
		{short_lived, LEVEL_WARN, "MTA-STS policy", "max_age 3600", RESULT_NONE, true},
		{live_failed, LEVEL_BAD, "mx1.d.example", "expired", RESULT_CERTIFICATE_EXPIRED,
			true},
		{injected, LEVEL_BAD, "mx1.d.example", "STARTTLS", RESULT_NONE, true},
		{bad_rua, LEVEL_BAD, "TLS reports", "no rua", RESULT_NONE, true},
		{wildcard, LEVEL_BAD, "openpgpkey.d.example", "hides the direct method",
			RESULT_NONE, true},
		{no_cors, LEVEL_WARN, "openpgpkey.d.example", "no CORS header", RESULT_NONE, true},
		{armoured, LEVEL_WARN, "openpgpkey.d.example", "ASCII armour", RESULT_NONE, true},
		{web_page, LEVEL_BAD, "openpgpkey.d.example", "a web page in place", RESULT_NONE,
			true},
		{text_type, LEVEL_WARN, "openpgpkey.d.example", "text/plain", RESULT_NONE, true},
		{head_differs, LEVEL_WARN, "openpgpkey.d.example", "HEAD: 405", RESULT_NONE, true},
		{wrong_name, LEVEL_BAD, "openpgpkey.d.example", "other names", RESULT_NONE, true},
		{no_policy, LEVEL_WARN, "openpgpkey.d.example", "no policy file", RESULT_NONE,
			true},
		{key_tlsa, LEVEL_BAD, "openpgpkey.d.example", "does not match", RESULT_NONE, true},
		{key_500, LEVEL_BAD, "openpgpkey.d.example", "status 500", RESULT_NONE, true},
		{opk_unsigned, LEVEL_WARN, "OPENPGPKEY", "nobody may use it", RESULT_NONE, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		base();
		row[i].spoil();
		make_page();
		if (!has(row[i].level, row[i].subject, row[i].what, row[i].result, row[i].mend)) {
			dump();
			fail_msg("row %zu: no line \"%s: %s\"", i, row[i].subject, row[i].what);
		}
	}
}

static void the_exit_status_follows_the_protection(void **state)
{
	static const struct {
		enum protection_kind protection;
		enum check_live live;
		int want;
	} row[] = {{PROTECTION_DANE, LIVE_NOT_ASKED, 0}, {PROTECTION_MTA_STS, LIVE_NOT_ASKED, 0},
		{PROTECTION_NONE, LIVE_NOT_ASKED, 1}, {PROTECTION_UNKNOWN, LIVE_NOT_ASKED, 75},
		{PROTECTION_DANE, LIVE_AUTHENTICATED, 0}, {PROTECTION_DANE, LIVE_UNKNOWN, 0},
		{PROTECTION_DANE, LIVE_FAILED, 1}, {PROTECTION_NONE, LIVE_ENCRYPTED, 1},
		{PROTECTION_UNKNOWN, LIVE_AUTHENTICATED, 75},
		{(enum protection_kind)99, LIVE_NOT_ASKED, 75}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		base();
		bound.kind = row[i].protection;
		mx[1].live.status = row[i].live;
		assert_int_equal(check_exit(&r, &bound), row[i].want);
	}
}

static void nothing_asked_is_one_line(void **state)
{
	(void)state;
	base();
	r.failed = S("no trust anchor");
	make_page();
	assert_int_equal(page.n, 1);
	assert_true(has(LEVEL_UNKNOWN, "protection", "no trust anchor", RESULT_NONE, false));
	page_free(&page);
}

/* Where one thing is the cause of all, nothing else is said. */
static void one_cause(void **state)
{
	static const struct {
		const char *name;
		enum check_outcome exists;
		enum dns_state dnssec;
		const char *says; /* NULL: there is no such cause */
	} row[] = {
		{"1 no such name", CHECK_NONE, DNS_SECURE, "does not exist"},
		{"2 no such name, not signed", CHECK_NONE, DNS_INSECURE, "does not exist"},
		{"3 bogus", CHECK_FOUND, DNS_BOGUS, "no good signature"},
		{"4 bogus, so that nobody knows", CHECK_UNKNOWN, DNS_BOGUS, "no good signature"},
		{"5 no answer", CHECK_UNKNOWN, DNS_ERROR, "no good signature"},
		{"6 there, and one answer failed", CHECK_FOUND, DNS_ERROR, NULL},
		{"7 signed", CHECK_FOUND, DNS_SECURE, NULL},
		{"8 not signed", CHECK_FOUND, DNS_INSECURE, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s\n", row[i].name);
		page_free(&page);
		r.exists = row[i].exists;
		r.dnssec = row[i].dnssec;
		r.dnssec_reason = S("no good signature");
		assert_int_equal(page_cause(&page, &r), row[i].says != NULL);
		assert_int_equal(page.n, row[i].says != NULL);
		if (row[i].says)
			assert_non_null(strstr(page.v[0].what, row[i].says));
	}
}

static void what_stands_below_its_subject(void **state)
{
	static const struct {
		const char *subject, *what, *want;
	} lines[] = {
		{"h.example", "h.example: connection refused", "connection refused"},
		{"h.example", "h.example does not exist", "h.example does not exist"},
		{"h.example", "www.h.example: connection refused",
			"www.h.example: connection refused"},
		{"h.example", "policy file: h.example: 500", "policy file: h.example: 500"},
		{"", ": x", ": x"},
	};
	const struct check_line kind = {.level = LEVEL_BAD};
	struct check_page p = {.n = 0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		page_add(&p, &kind, lines[i].subject, NULL, "%s", lines[i].what);
		assert_string_equal(p.v[i].what, lines[i].want);
	}
	page_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_good_domain_has_nothing_bad),
		cmocka_unit_test(each_fault_is_told_with_its_mend),
		cmocka_unit_test(the_exit_status_follows_the_protection),
		cmocka_unit_test(nothing_asked_is_one_line),
		cmocka_unit_test(what_stands_below_its_subject), cmocka_unit_test(one_cause)};

	return cmocka_run_group_tests_name("check_page", tests, NULL, NULL);
}
