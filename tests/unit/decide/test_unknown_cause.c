/* SPDX-License-Identifier: ISC */
/* Whose fault it is that nobody knows whether there is a key, from what the look-up saw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "decide/unknown_cause.h"

#define OWN "https://openpgpkey.d.example/.well-known/openpgpkey/d.example/hu/x"
#define DIRECT "https://d.example/.well-known/openpgpkey/hu/x"
#define OTHER "https://other.example/x"

static const struct row {
	const char *name;
	enum method_status wkd, dane;
	uint8_t dns[2]; /* enum dns_state; 0: not asked */
	const char *url;
	uint16_t status;
	uint8_t tls;
	const char *ip, *spki;
	enum unknown_cause want;
} rows[] = {
	{"1 no method failed", METHOD_ABSENT, METHOD_ABSENT, {DNS_SECURE}, .want = CAUSE_OURS},
	{"2 no DNS answer at all", METHOD_FAILED, METHOD_FAILED, {DNS_ERROR, DNS_ERROR},
		.want = CAUSE_UNPROVEN},
	{"3 everything bogus", METHOD_FAILED, METHOD_FAILED, {DNS_BOGUS, DNS_BOGUS},
		.want = CAUSE_UNPROVEN},
	{"4 bogus beside a good answer", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE, DNS_BOGUS},
		.want = CAUSE_THEIRS},
	{"5 server failure beside an insecure answer", METHOD_FAILED, METHOD_ABSENT,
		{DNS_INSECURE, DNS_ERROR}, .want = CAUSE_THEIRS},
	{"6 refused, or no route", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OWN, 0, TLS_NONE, "",
		"", CAUSE_UNPROVEN},
	{"7 time-out of its host", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OWN, 0, TLS_NONE,
		"192.0.2.1", "", CAUSE_THEIRS},
	{"8 a certificate that does not hold", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OWN, 0,
		TLS_NONE, "192.0.2.1", "ab", CAUSE_UNPROVEN},
	{"9 401", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OWN, 401, TLS_WEBPKI, "192.0.2.1",
		"ab", CAUSE_ANSWERED},
	{"10 403", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OWN, 403, TLS_WEBPKI, "192.0.2.1",
		"ab", CAUSE_ANSWERED},
	{"11 406, direct", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, DIRECT, 406, TLS_WEBPKI,
		"192.0.2.1", "ab", CAUSE_ANSWERED},
	{"12 451, with a matched TLSA", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OWN, 451,
		TLS_WEBPKI_DANE, "192.0.2.1", "ab", CAUSE_ANSWERED},
	{"13 403 of somebody else's host", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OTHER, 403,
		TLS_WEBPKI, "192.0.2.1", "ab", CAUSE_THEIRS},
	{"14 a name that only begins like it", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE},
		"https://d.example.other.example/x", 403, TLS_WEBPKI, "192.0.2.1", "ab",
		CAUSE_THEIRS},
	{"15 403 without TLS", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OWN, 403, TLS_NONE,
		"192.0.2.1", "ab", CAUSE_UNPROVEN},
	{"16 500", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OWN, 500, TLS_WEBPKI, "192.0.2.1",
		"ab", CAUSE_THEIRS},
	{"17 429", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, OWN, 429, TLS_WEBPKI, "192.0.2.1",
		"ab", CAUSE_THEIRS},
	{"18 403, and OPENPGPKEY failed as well: the weaker one", METHOD_FAILED, METHOD_FAILED,
		{DNS_SECURE, DNS_BOGUS}, OWN, 403, TLS_WEBPKI, "192.0.2.1", "ab", CAUSE_THEIRS},
	{"19 OPENPGPKEY alone failed", METHOD_ABSENT, METHOD_FAILED, {DNS_SECURE, DNS_BOGUS},
		.want = CAUSE_THEIRS},
	{"20 of http", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, "http://d.example/x", 403,
		TLS_WEBPKI, "192.0.2.1", "ab", CAUSE_THEIRS},
	{"20 the name alone", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, "https://d.example", 403,
		TLS_WEBPKI, "192.0.2.1", "ab", CAUSE_ANSWERED},
	{"20 a longer name", METHOD_FAILED, METHOD_ABSENT, {DNS_SECURE}, "https://d.examples/x",
		403, TLS_WEBPKI, "192.0.2.1", "ab", CAUSE_THEIRS},
	{"20 something was found, and the control got 500", METHOD_FOUND, METHOD_ABSENT,
		{DNS_SECURE}, DIRECT, 500, TLS_WEBPKI, "192.0.2.1", "ab", CAUSE_THEIRS},
	{"21 something was found, and the control got no connection", METHOD_FOUND, METHOD_ABSENT,
		{DNS_SECURE}, DIRECT, 0, TLS_NONE, "", "", CAUSE_UNPROVEN},
};

static void each_failure_has_its_cause(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct evidence_dns dns[2] = {{.state = r->dns[0]}, {.state = r->dns[1]}};
		struct evidence_url url = {
			.url = (char *)(uintptr_t)r->url, .status = r->status, .tls = r->tls};
		struct lookup_reply reply = {.dns = dns,
			.n_dns = r->dns[1] ? 2 : 1,
			.url = &url,
			.n_url = r->url != NULL};

		reply.wkd.status = r->wkd;
		reply.dane.status = r->dane;
		if (r->url) {
			memcpy(url.ip, r->ip, strlen(r->ip) + 1);
			memcpy(url.spki, r->spki, strlen(r->spki) + 1);
		}
		if (unknown_cause(&reply, "d.example") != r->want)
			fail_msg("%s: %d", r->name, (int)unknown_cause(&reply, "d.example"));
	}
}

/* What another recipient's answer says of this machine. */
static void connected(void **state)
{
	static const struct {
		const char *name;
		struct evidence_url url[2];
		size_t n;
		bool answered;
	} row[] = {
		{"1 nothing was asked", {{NULL}}, 0, false},
		{"2 200", {{.status = 200, .tls = TLS_WEBPKI}}, 1, true},
		{"3 404: no key", {{.status = 404, .tls = TLS_WEBPKI}}, 1, true},
		{"4 500", {{.status = 500, .tls = TLS_WEBPKI_DANE}}, 1, true},
		{"5 no connection", {{.status = 0, .tls = TLS_NONE}}, 1, false},
		{"6 a certificate that does not hold", {{.tls = TLS_NONE, .spki = "ab"}}, 1, false},
		{"7 verified, and no answer", {{.status = 0, .tls = TLS_WEBPKI}}, 1, false},
		{"8 a redirect to a dead host",
			{{.status = 301, .tls = TLS_WEBPKI}, {.status = 0, .tls = TLS_NONE}}, 2,
			true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct lookup_reply reply = {
			.url = (struct evidence_url *)(uintptr_t)row[i].url, .n_url = row[i].n};

		if (web_answered(&reply) != row[i].answered)
			fail_msg("%s", row[i].name);
	}
}

static void a_dead_resolver_is_never_their_fault(void **state)
{
	struct evidence_dns dns = {.state = DNS_ERROR};
	struct evidence_url url = {.url = (char *)(uintptr_t)OWN, .status = 403, .tls = TLS_WEBPKI};
	struct lookup_reply reply = {
		.dns = &dns, .n_dns = 1, .url = &url, .n_url = 1, .ours = true};

	(void)state;
	reply.dane.status = METHOD_FAILED;
	assert_int_equal(unknown_cause(&reply, "d.example"), CAUSE_OURS);
	reply.wkd.status = METHOD_FAILED;
	assert_int_equal(unknown_cause(&reply, "d.example"), CAUSE_OURS);
	assert_int_equal(unknown_wait(CAUSE_OURS, true), -1);
}

static void an_answer_without_url_is_not_its_own(void **state)
{
	struct evidence_dns dns = {.state = DNS_SECURE};
	struct evidence_url url = {.status = 403, .tls = TLS_WEBPKI};
	struct lookup_reply reply = {.dns = &dns, .n_dns = 1, .url = &url, .n_url = 1};

	(void)state;
	reply.wkd.status = METHOD_FAILED;
	assert_int_equal(unknown_cause(&reply, "d.example"), CAUSE_THEIRS);
}

static void each_cause_has_its_time(void **state)
{
	(void)state;
	assert_int_equal(unknown_wait(CAUSE_OURS, true), -1);
	assert_int_equal(unknown_wait(CAUSE_OTHERWISE, true), -1);
	assert_int_equal(unknown_wait(CAUSE_UNPROVEN, false), -1);
	assert_int_equal(unknown_wait(CAUSE_UNPROVEN, true), 4 * 3600);
	assert_int_equal(unknown_wait(CAUSE_THEIRS, false), 4 * 3600);
	assert_int_equal(unknown_wait(CAUSE_ANSWERED, false), 900);
	assert_int_equal(unknown_wait((enum unknown_cause)99, true), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure_has_its_cause),
		cmocka_unit_test(connected),
		cmocka_unit_test(a_dead_resolver_is_never_their_fault),
		cmocka_unit_test(an_answer_without_url_is_not_its_own),
		cmocka_unit_test(each_cause_has_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
