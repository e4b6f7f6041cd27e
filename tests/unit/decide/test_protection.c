/* SPDX-License-Identifier: ISC */
/* What binds the way to a domain, from the facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/protection.h"

#define S(text) ((char *)(uintptr_t)(text))

static struct check_reply r;
static struct check_mx mx[2];

/* A signed domain with two hosts that have usable TLSA records, and no MTA-STS. */
static void begin_facts(void)
{
	size_t i;

	for (i = 0; i < 2; i++)
		mx[i] = (struct check_mx){.host = S(i ? "mx2" : "mx1"),
			.address = CHECK_FOUND,
			.dnssec = DNS_SECURE,
			.dane = DANE_USABLE,
			.tlsa_dnssec = DNS_SECURE,
			.reason = S("")};
	r = (struct check_reply){.domain = S("d.example"),
		.failed = S(""),
		.mx_outcome = CHECK_FOUND,
		.mx_dnssec = DNS_SECURE,
		.mx_reason = S(""),
		.mx = mx,
		.n_mx = 2,
		.sts = {.txt = CHECK_NONE,
			.txt_reason = S(""),
			.fetch_reason = S(""),
			.policy = CHECK_NONE}};
}

static void as_it_is(void)
{
}
static void nothing_asked(void)
{
	r.failed = S("no trust anchor");
}
static void null_mx(void)
{
	r.null_mx = true;
	r.n_mx = 0;
}
static void mx_bogus(void)
{
	r.mx_outcome = CHECK_UNKNOWN;
	r.mx_dnssec = DNS_BOGUS;
	r.mx_reason = S("forged");
}
static void mx_late(void)
{
	r.mx_outcome = CHECK_UNKNOWN;
	r.mx_dnssec = DNS_ERROR;
	r.mx_reason = S("late");
}
static void no_mx(void)
{
	r.mx_outcome = CHECK_NONE;
	r.n_mx = 0;
}
static void no_domain(void)
{
	no_mx();
	r.mx_reason = S("the domain does not exist");
}
static void too_many(void)
{
	r.mx_left_off = 1;
}
static void address_bogus(void)
{
	mx[1].dane = DANE_UNKNOWN;
	mx[1].dnssec = DNS_BOGUS;
	mx[1].reason = S("forged");
}
static void tlsa_bogus(void)
{
	mx[1].dane = DANE_UNKNOWN;
	mx[1].tlsa_dnssec = DNS_BOGUS;
	mx[1].reason = S("forged");
}
static void tlsa_late(void)
{
	mx[1].dane = DANE_UNKNOWN;
	mx[1].tlsa_dnssec = DNS_ERROR;
	mx[1].reason = S("late");
}
static void mx_unsigned(void)
{
	r.mx_dnssec = DNS_INSECURE;
}
static void one_unusable(void)
{
	mx[1].dane = DANE_UNUSABLE;
}
static void one_unsigned(void)
{
	mx[1].dane = DANE_INSECURE;
}
static void one_without(void)
{
	mx[1].dane = DANE_NONE;
}
static void one_nowhere(void)
{
	mx[1].dane = DANE_NONE;
	mx[1].address = CHECK_NONE;
}
static void one_nowhere_unsigned(void)
{
	one_nowhere();
	mx[1].dnssec = DNS_INSECURE;
}
static void all_nowhere(void)
{
	one_nowhere();
	mx[0] = mx[1];
}
static void with_policy(void)
{
	mx_unsigned();
	r.sts.txt = r.sts.policy = CHECK_FOUND;
	r.sts.mode = STS_MODE_ENFORCE;
	mx[0].sts = mx[1].sts = FACT_YES;
}
static void policy_and_dane(void)
{
	with_policy();
	r.mx_dnssec = DNS_SECURE;
}
static void policy_for_one(void)
{
	with_policy();
	mx[1].sts = FACT_NO;
}
static void policy_testing(void)
{
	with_policy();
	r.sts.mode = STS_MODE_TESTING;
}
static void policy_and_tlsa_late(void)
{
	policy_and_dane();
	tlsa_late();
}
static void policy_late(void)
{
	mx_unsigned();
	r.sts.txt = CHECK_FOUND;
	r.sts.policy = CHECK_UNKNOWN;
	r.sts.result = RESULT_STS_POLICY_FETCH_ERROR;
	r.sts.fetch_reason = S("no connection");
}
static void policy_record_late(void)
{
	mx_unsigned();
	r.sts.txt = r.sts.policy = CHECK_UNKNOWN;
	r.sts.txt_reason = S("no answer");
}
static void policy_unsaid(void)
{
	mx_unsigned();
	r.sts.txt = r.sts.policy = CHECK_UNKNOWN;
}
static void policy_late_beside_dane(void)
{
	policy_late();
	r.mx_dnssec = DNS_SECURE;
}
static void policy_broken(void)
{
	one_unusable();
	r.sts.txt = CHECK_FOUND;
	r.sts.policy = CHECK_NONE;
	r.sts.result = RESULT_STS_POLICY_INVALID;
	r.sts.fetch_reason = S("no mode");
}

#define UNSIGNED "the domain's MX records are not signed, so DANE does not bind"

static const struct {
	const char *name;
	void (*make)(void);
	enum protection_kind kind;
	enum check_result result;
	const char *reason;
} row[] = {
	{"DANE", as_it_is, PROTECTION_DANE, RESULT_NONE,
		"its MX records are signed, and each host has a usable TLSA record"},
	{"nothing was asked", nothing_asked, PROTECTION_UNKNOWN, RESULT_NONE, "no trust anchor"},
	{"a null MX", null_mx, PROTECTION_NONE, RESULT_NONE,
		"the domain accepts no mail (null MX)"},
	{"MX bogus", mx_bogus, PROTECTION_UNKNOWN, RESULT_DNSSEC_INVALID, "forged"},
	{"MX without an answer", mx_late, PROTECTION_UNKNOWN, RESULT_NONE, "late"},
	{"no MX", no_mx, PROTECTION_NONE, RESULT_NONE, "the domain has no mail server"},
	{"no domain", no_domain, PROTECTION_NONE, RESULT_NONE, "the domain does not exist"},
	{"too many hosts", too_many, PROTECTION_UNKNOWN, RESULT_NONE,
		"it has more mail servers than can be looked at"},
	{"an address bogus", address_bogus, PROTECTION_UNKNOWN, RESULT_DNSSEC_INVALID, "forged"},
	{"TLSA bogus", tlsa_bogus, PROTECTION_UNKNOWN, RESULT_DNSSEC_INVALID, "forged"},
	{"TLSA without an answer", tlsa_late, PROTECTION_UNKNOWN, RESULT_NONE, "late"},
	{"MX not signed", mx_unsigned, PROTECTION_NONE, RESULT_NONE,
		UNSIGNED "; it has no MTA-STS policy"},
	{"one host's TLSA unusable", one_unusable, PROTECTION_NONE, RESULT_TLSA_INVALID,
		"mx2 has only TLSA records that cannot be used; it has no MTA-STS policy"},
	{"one host not signed", one_unsigned, PROTECTION_NONE, RESULT_NONE,
		"mx2 lies in a zone that is not signed; it has no MTA-STS policy"},
	{"one host without TLSA", one_without, PROTECTION_NONE, RESULT_NONE,
		"mx2 has no TLSA record; it has no MTA-STS policy"},
	{"one host that is nowhere, proved", one_nowhere, PROTECTION_DANE, RESULT_NONE,
		"its MX records are signed, and each host has a usable TLSA record"},
	{"one host that is nowhere, not proved", one_nowhere_unsigned, PROTECTION_NONE, RESULT_NONE,
		"mx2 has no TLSA record; it has no MTA-STS policy"},
	{"all are nowhere", all_nowhere, PROTECTION_NONE, RESULT_NONE,
		"none of its mail servers can be reached; it has no MTA-STS policy"},
	{"MTA-STS", with_policy, PROTECTION_MTA_STS, RESULT_NONE,
		"its MTA-STS policy is enforced, and each host matches it"},
	{"both", policy_and_dane, PROTECTION_DANE, RESULT_NONE,
		"its MX records are signed, and each host has a usable TLSA record"},
	{"one host that the policy does not name", policy_for_one, PROTECTION_NONE, RESULT_NONE,
		UNSIGNED "; mx2 does not match its MTA-STS policy"},
	{"a policy in testing", policy_testing, PROTECTION_NONE, RESULT_NONE,
		UNSIGNED "; its MTA-STS policy is in mode testing"},
	{"MTA-STS makes not up for TLSA", policy_and_tlsa_late, PROTECTION_UNKNOWN, RESULT_NONE,
		"late"},
	{"no answer about the policy", policy_late, PROTECTION_UNKNOWN,
		RESULT_STS_POLICY_FETCH_ERROR, UNSIGNED "; MTA-STS: no connection"},
	{"nor about its record", policy_record_late, PROTECTION_UNKNOWN, RESULT_NONE,
		UNSIGNED "; MTA-STS: no answer"},
	{"and nobody says why", policy_unsaid, PROTECTION_UNKNOWN, RESULT_NONE,
		UNSIGNED "; MTA-STS: its MTA-STS policy is unknown"},
	{"DANE needs no policy", policy_late_beside_dane, PROTECTION_DANE, RESULT_NONE,
		"its MX records are signed, and each host has a usable TLSA record"},
	{"a policy that is none", policy_broken, PROTECTION_NONE, RESULT_STS_POLICY_INVALID,
		"mx2 has only TLSA records that cannot be used; MTA-STS: no mode"},
};

static void each_fact(void **state)
{
	struct protection p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		begin_facts();
		row[i].make();
		protection_decide(&r, &p);
		if (p.kind != row[i].kind || p.result != row[i].result ||
			strcmp(p.reason, row[i].reason) != 0)
			fail_msg("%s: %s (%d): %s", row[i].name, protection_name(p.kind),
				(int)p.result, p.reason);
	}
}

/* A sentence with others in it is cut, never lost. */
static void long_reasons_are_cut(void **state)
{
	char text[CHECK_TEXT_MAX + 1];
	struct protection p;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	begin_facts();
	policy_late();
	r.sts.fetch_reason = text;
	protection_decide(&r, &p);
	assert_int_equal(strncmp(p.reason, UNSIGNED "; MTA-STS: xxx", sizeof(UNSIGNED) + 13), 0);
	r.failed = text;
	protection_decide(&r, &p);
	assert_string_equal(p.reason, text);
}

static void names_are_those_of_the_json(void **state)
{
	(void)state;
	assert_string_equal(protection_name(PROTECTION_NONE), "none");
	assert_string_equal(protection_name(PROTECTION_DANE), "dane");
	assert_string_equal(protection_name(PROTECTION_MTA_STS), "mta-sts");
	assert_string_equal(protection_name(PROTECTION_UNKNOWN), "unknown");
}

static void who_takes_no_mail(void **state)
{
	static const struct {
		const char *name;
		enum protection_kind kind;
		bool null_mx, implicit_mx;
		enum check_outcome mx;
		bool want;
	} none[] = {
		{"a null MX", PROTECTION_NONE, true, false, CHECK_FOUND, true},
		{"no server", PROTECTION_NONE, false, false, CHECK_NONE, true},
		{"the domain itself is the server", PROTECTION_NONE, false, true, CHECK_NONE,
			false},
		{"a server", PROTECTION_NONE, false, false, CHECK_FOUND, false},
		{"nobody knows", PROTECTION_UNKNOWN, true, false, CHECK_NONE, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct protection p = {.kind = none[i].kind};

		begin_facts();
		r.null_mx = none[i].null_mx;
		r.implicit_mx = none[i].implicit_mx;
		r.mx_outcome = none[i].mx;
		if (protection_takes_no_mail(&r, &p) != none[i].want)
			fail_msg("%s", none[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_fact),
		cmocka_unit_test(long_reasons_are_cut), cmocka_unit_test(who_takes_no_mail),
		cmocka_unit_test(names_are_those_of_the_json)};

	return cmocka_run_group_tests_name("protection", tests, NULL, NULL);
}
