/* SPDX-License-Identifier: ISC */
/* mx/caa: CAA records as RFC 8659 writes them, whom they allow, and how the names are climbed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_net.h"
#include "mx/caa.h"

static size_t make(uint8_t *out, uint8_t flags, const char *tag, const char *value)
{
	size_t n = strlen(tag), len = strlen(value);

	out[0] = flags;
	out[1] = (uint8_t)n;
	memcpy(out + 2, tag, n);
	memcpy(out + 2 + n, value, len);
	return 2 + n + len;
}

static void records(void **state)
{
	static const struct {
		const char *tag, *value, *issuer, *params;
	} t[] = {
		{"issue", "ca1.example.net", "ca1.example.net", ""},
		{"issue", "CA1.Example.Net", "ca1.example.net", ""},
		{"ISSUE", "  ca1.example.net  ", "ca1.example.net", ""},
		{"issue", ";", "", ""},
		{"issue", "", "", ""},
		{"issue", "%%%%%", "", ""},
		{"issue", "ca1.example.net; account=230123", "ca1.example.net", "account=230123"},
		{"issue", "ca1.example.net; a=b ; c-d=e", "ca1.example.net", "a=b ; c-d=e"},
		{"issue", "ca1.example.net; account 230123", "", ""},
		{"issue", "ca1.example.net account=230123", "", ""},
		{"issue", "ca1..example", "", ""},
		{"issue", "-ca.example", "", ""},
		{"issuewild", "ca.example", "ca.example", ""},
		{"iodef", "mailto:a@b.example", "", ""},
	};
	struct check_caa_record x;
	uint8_t p[600];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		len = make(p, 0, t[i].tag, t[i].value);
		assert_true(caa_parse(p, len, &x));
		assert_string_equal(x.issuer ? x.issuer : "", t[i].issuer);
		assert_string_equal(x.params ? x.params : "", t[i].params);
		caa_record_free(&x);
	}
	/* Flags as they are; foreign text safe; what is cut, or has a strange tag, is none. */
	len = make(p, 128, "tbs", "\033[31m");
	assert_true(caa_parse(p, len, &x));
	assert_int_equal(x.flags, 128);
	assert_string_equal(x.value, "\\x1b[31m");
	caa_record_free(&x);
	for (i = 0; i < 5; i++)
		assert_false(caa_parse(p, i, &x));
	assert_false(caa_parse(p, make(p, 0, "", "x"), &x));
	assert_false(caa_parse(p, make(p, 0, "a_b", "x"), &x));
}

/* Whether every authority may issue a certificate, or none. */
static void whom(void **state)
{
	static const struct {
		const char *what;
		uint8_t flags;
		const char *tag, *value, *tag2, *value2;
		bool wildcard;
		enum check_fact allowed;
	} t[] = {
		{"1 one is named", 0, "issue", "ca.example", "", "", false, FACT_UNKNOWN},
		{"2 two are named", 0, "issue", "ca.example", "issue", "pki.example", false,
			FACT_UNKNOWN},
		{"3 nobody", 0, "issue", ";", "", "", false, FACT_NO},
		{"4 nobody, and one", 0, "issue", ";", "issue", "ca.example", false, FACT_UNKNOWN},
		{"5 malformed: nobody", 0, "issue", "%%%", "", "", false, FACT_NO},
		{"6 no wildcard, and it is none", 0, "issue", "ca.example", "issuewild", ";", false,
			FACT_UNKNOWN},
		{"7 no wildcard", 0, "issue", "ca.example", "issuewild", ";", true, FACT_NO},
		{"8 issue counts for a wildcard", 0, "issue", ";", "", "", true, FACT_NO},
		{"9 nothing but wildcards is restricted", 0, "issuewild", ";", "", "", false,
			FACT_YES},
		{"10 nothing is restricted", 0, "iodef", "mailto:a@b.example", "", "", false,
			FACT_YES},
		{"11 unknown, not critical", 1, "tbs", "x", "", "", false, FACT_YES},
		{"12 unknown and critical", 128, "tbs", "x", "", "", false, FACT_NO},
		{"13 critical, and known", 128, "issue", "ca.example", "", "", false, FACT_UNKNOWN},
	};
	struct check_caa_record record[2];
	uint8_t p[600];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct check_caa c = {.outcome = CHECK_FOUND,
			.record = record,
			.n_record = t[i].tag2[0] ? 2 : 1,
			.forbidden = t[i].flags == 128 && strcmp(t[i].tag, "tbs") == 0};
		enum check_fact allowed;

		assert_true(caa_parse(p, make(p, t[i].flags, t[i].tag, t[i].value), &record[0]));
		if (c.n_record == 2)
			assert_true(caa_parse(p, make(p, 0, t[i].tag2, t[i].value2), &record[1]));
		allowed = caa_allows(&c, t[i].wildcard);
		if (allowed != t[i].allowed)
			print_error("row %s\n", t[i].what);
		assert_int_equal(allowed, t[i].allowed);
		c.outcome = CHECK_UNKNOWN;
		assert_int_equal(caa_allows(&c, t[i].wildcard), FACT_UNKNOWN);
		for (j = 0; j < c.n_record; j++)
			caa_record_free(&record[j]);
	}
}

static void nothing(void *arg)
{
	(void)arg;
}

static void climb(const struct fake_dns *dns, struct check_reply *reply)
{
	struct net net = {0};
	struct asks asks = {.net = &net};
	struct caa c;

	fake_reset(dns, NULL);
	memset(reply, 0, sizeof(*reply));
	caa_init(&c, &asks, nothing, NULL);
	caa_add(&c, "x.y.z");
	caa_add(&c, "y.z");
	while (fake_step(&net.timers))
		;
	caa_take(&c, reply);
	caa_free(&c);
}

#define ISSUE "#000569737375656578616d706c652e636f6d" /* 0 issue "example.com" */

/* Levels that are shared are asked once; the first that has any is the one; what cannot be told is
 * not passed over. */
static void climbing(void **state)
{
	static const struct fake_dns none[] = {{NULL}};
	static const struct fake_dns middle[] = {
		{"y.z", DNS_CAA, DNS_SECURE, ISSUE}, {"z", DNS_CAA, DNS_SECURE, ISSUE}, {NULL}};
	static const struct fake_dns bogus[] = {
		{"y.z", DNS_CAA, DNS_BOGUS}, {"z", DNS_CAA, DNS_SECURE, ISSUE}, {NULL}};
	static const struct fake_dns above[] = {
		{"y.z", DNS_CAA, DNS_SECURE, ISSUE}, {"z", DNS_CAA, DNS_ERROR}, {NULL}};
	struct check_reply r;

	(void)state;
	climb(none, &r);
	assert_int_equal(r.n_caa, 2);
	assert_int_equal(r.caa[0].outcome, CHECK_NONE);
	assert_int_equal(fake_n_asked, 3);
	assert_string_equal(fake_asked[0], "CAA x.y.z");
	assert_string_equal(fake_asked[2], "CAA z");
	check_reply_free(&r);
	climb(middle, &r);
	assert_int_equal(r.caa[0].outcome, CHECK_FOUND);
	assert_string_equal(r.caa[0].found_at, "y.z");
	assert_string_equal(r.caa[0].record[0].issuer, "example.com");
	check_reply_free(&r);
	climb(bogus, &r);
	assert_int_equal(r.caa[0].outcome, CHECK_UNKNOWN);
	assert_int_equal(r.caa[1].outcome, CHECK_UNKNOWN);
	check_reply_free(&r);
	climb(above, &r);
	assert_int_equal(r.caa[0].outcome, CHECK_FOUND);
	check_reply_free(&r);
}

/* Names that no certificate is wanted for, in any place. */
static void dropping(void **state)
{
	static const struct fake_dns none[] = {{NULL}};
	static const struct {
		const char *drop[2];
		const char *left[3];
	} row[] = {
		{{"a.z"}, {"b.z", "c.z"}},
		{{"b.z"}, {"a.z", "c.z"}},
		{{"c.z"}, {"a.z", "b.z"}},
		{{"c.z", "a.z"}, {"b.z"}},
		{{"z", "c"}, {"a.z", "b.z", "c.z"}},
	};
	struct net net = {0};
	struct asks asks = {.net = &net};
	struct check_reply r;
	struct caa c;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		fake_reset(none, NULL);
		r = (struct check_reply){.n_caa = 0};
		caa_init(&c, &asks, nothing, NULL);
		caa_add(&c, "a.z");
		caa_add(&c, "b.z");
		caa_add(&c, "c.z");
		while (fake_step(&net.timers))
			;
		for (j = 0; j < 2 && row[i].drop[j]; j++)
			caa_drop(&c, row[i].drop[j]);
		caa_take(&c, &r);
		for (j = 0; j < 3 && row[i].left[j]; j++)
			assert_string_equal(r.caa[j].name, row[i].left[j]);
		assert_int_equal(r.n_caa, j);
		check_reply_free(&r);
		caa_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(whom),
		cmocka_unit_test(climbing),
		cmocka_unit_test(dropping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
