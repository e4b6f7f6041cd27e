/* SPDX-License-Identifier: ISC */
/* mx/live.c: what comes of a session with a mail server, by its DANE records, the MTA-STS policy
 * and how far it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mx/live.h"

enum policy { NO_POLICY, TESTING, ENFORCED, UNKNOWN_POLICY };

static const struct {
	const char *name;
	enum smtp_stage stage;
	enum check_dane dane;
	enum policy policy;
	enum check_fact named; /* by the policy */
	bool matched, trusted, expired, wrong_name;
	enum check_live status;
	enum check_result result;
	enum check_fact starttls, dane_fact, pkix;
	const char *reason;
} row[] = {
	{"1 no connection", SMTP_NO_CONNECTION, DANE_NONE, NO_POLICY, FACT_UNKNOWN,
		.status = LIVE_UNKNOWN, .starttls = FACT_UNKNOWN, .reason = "stage"},
	{"2 no server, whatever is demanded", SMTP_NO_SERVER, DANE_USABLE, ENFORCED, FACT_YES,
		.status = LIVE_UNKNOWN, .starttls = FACT_UNKNOWN, .reason = "stage"},
	{"3 no STARTTLS", SMTP_NO_STARTTLS, DANE_NONE, NO_POLICY, FACT_UNKNOWN,
		.status = LIVE_FAILED, .result = RESULT_STARTTLS_NOT_SUPPORTED, .starttls = FACT_NO,
		.reason = "stage"},
	{"4 no TLS", SMTP_NO_TLS, DANE_NONE, NO_POLICY, FACT_UNKNOWN, .status = LIVE_FAILED,
		.result = RESULT_VALIDATION_FAILURE, .starttls = FACT_YES, .reason = "stage"},
	{"5 TLS, and nothing demands more", SMTP_TLS, DANE_NONE, NO_POLICY, FACT_UNKNOWN,
		.status = LIVE_ENCRYPTED, .starttls = FACT_YES, .pkix = FACT_NO, .reason = "trust"},
	{"6 likewise, and trusted", SMTP_TLS, DANE_NONE, NO_POLICY, FACT_UNKNOWN, .trusted = true,
		.status = LIVE_ENCRYPTED, .starttls = FACT_YES, .pkix = FACT_YES, .reason = ""},
	{"7 a policy under test demands nothing", SMTP_TLS, DANE_NONE, TESTING, FACT_NO,
		.status = LIVE_ENCRYPTED, .starttls = FACT_YES, .pkix = FACT_NO, .reason = "trust"},
	{"8 nor does one that could not be had", SMTP_TLS, DANE_NONE, UNKNOWN_POLICY, FACT_UNKNOWN,
		.trusted = true, .status = LIVE_ENCRYPTED, .starttls = FACT_YES, .pkix = FACT_YES,
		.reason = ""},
	{"9 the policy, trusted", SMTP_TLS, DANE_NONE, ENFORCED, FACT_YES, .trusted = true,
		.status = LIVE_AUTHENTICATED, .starttls = FACT_YES, .pkix = FACT_YES, .reason = ""},
	{"10 the policy, not trusted", SMTP_TLS, DANE_NONE, ENFORCED, FACT_YES,
		.status = LIVE_FAILED, .result = RESULT_CERTIFICATE_NOT_TRUSTED,
		.starttls = FACT_YES, .pkix = FACT_NO, .reason = "trust"},
	{"11 the policy, expired", SMTP_TLS, DANE_NONE, ENFORCED, FACT_YES, .expired = true,
		.status = LIVE_FAILED, .result = RESULT_CERTIFICATE_EXPIRED, .starttls = FACT_YES,
		.pkix = FACT_NO, .reason = "trust"},
	{"12 the policy, another name", SMTP_TLS, DANE_NONE, ENFORCED, FACT_YES, .wrong_name = true,
		.status = LIVE_FAILED, .result = RESULT_CERTIFICATE_HOST_MISMATCH,
		.starttls = FACT_YES, .pkix = FACT_NO, .reason = "trust"},
	{"13 the policy names other servers", SMTP_TLS, DANE_NONE, ENFORCED, FACT_NO,
		.trusted = true, .status = LIVE_FAILED, .result = RESULT_VALIDATION_FAILURE,
		.starttls = FACT_YES, .pkix = FACT_YES,
		.reason = "it does not match the MTA-STS policy"},
	{"14 whether it names this one is unknown", SMTP_TLS, DANE_NONE, ENFORCED, FACT_UNKNOWN,
		.trusted = true, .status = LIVE_FAILED, .result = RESULT_VALIDATION_FAILURE,
		.starttls = FACT_YES, .pkix = FACT_YES,
		.reason = "it does not match the MTA-STS policy"},
	{"15 a record matches", SMTP_TLS, DANE_USABLE, NO_POLICY, FACT_UNKNOWN, .matched = true,
		.status = LIVE_AUTHENTICATED, .starttls = FACT_YES, .dane_fact = FACT_YES,
		.pkix = FACT_NO, .reason = ""},
	{"16 no record matches, and trusted", SMTP_TLS, DANE_USABLE, NO_POLICY, FACT_UNKNOWN,
		.trusted = true, .status = LIVE_FAILED, .result = RESULT_VALIDATION_FAILURE,
		.starttls = FACT_YES, .dane_fact = FACT_NO, .pkix = FACT_YES, .reason = "tlsa"},
	{"17 the policy does not make up for that", SMTP_TLS, DANE_USABLE, ENFORCED, FACT_YES,
		.trusted = true, .status = LIVE_FAILED, .result = RESULT_VALIDATION_FAILURE,
		.starttls = FACT_YES, .dane_fact = FACT_NO, .pkix = FACT_YES, .reason = "tlsa"},
	{"18 a record matches, the policy names others", SMTP_TLS, DANE_USABLE, ENFORCED, FACT_NO,
		.matched = true, .status = LIVE_AUTHENTICATED, .starttls = FACT_YES,
		.dane_fact = FACT_YES, .pkix = FACT_NO, .reason = ""},
	{"19 whether there are records is unknown", SMTP_TLS, DANE_UNKNOWN, NO_POLICY, FACT_UNKNOWN,
		.trusted = true, .status = LIVE_UNKNOWN, .starttls = FACT_YES, .pkix = FACT_YES,
		.reason = "whether DANE asks for more cannot be told"},
	{"20 likewise, and the policy is met", SMTP_TLS, DANE_UNKNOWN, ENFORCED, FACT_YES,
		.trusted = true, .status = LIVE_UNKNOWN, .starttls = FACT_YES, .pkix = FACT_YES,
		.reason = "whether DANE asks for more cannot be told"},
	{"21 no record can be used", SMTP_TLS, DANE_UNUSABLE, NO_POLICY, FACT_UNKNOWN,
		.trusted = true, .status = LIVE_ENCRYPTED, .starttls = FACT_YES, .pkix = FACT_YES,
		.reason = ""},
	{"22 the zone is not signed, and the policy is met", SMTP_TLS, DANE_INSECURE, ENFORCED,
		FACT_YES, .trusted = true, .status = LIVE_AUTHENTICATED, .starttls = FACT_YES,
		.pkix = FACT_YES, .reason = ""},
};

static void judged(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct check_reply a = {
			.sts = {.policy = row[i].policy == NO_POLICY        ? CHECK_NONE
					  : row[i].policy == UNKNOWN_POLICY ? CHECK_UNKNOWN
									    : CHECK_FOUND,
				.mode = row[i].policy == TESTING ? STS_MODE_TESTING
								 : STS_MODE_ENFORCE}};
		struct check_mx m = {.dane = row[i].dane, .sts = row[i].named};
		struct smtp_result r = {.stage = row[i].stage,
			.injected = true,
			.requiretls = true,
			.ip = "192.0.2.25",
			.tls = "TLSv1.3",
			.cipher = "X",
			.tlsa_matched = row[i].matched,
			.trusted = row[i].trusted,
			.expired = row[i].expired,
			.wrong_name = row[i].wrong_name,
			.why = "stage",
			.why_tlsa = "tlsa",
			.why_trust = "trust"};

		live_judge(&a, &m, &r);
		if (m.live.status != row[i].status || m.live.result != row[i].result ||
			m.live.starttls != row[i].starttls || m.live.dane != row[i].dane_fact ||
			m.live.pkix != row[i].pkix ||
			m.live.requiretls !=
				(row[i].stage == SMTP_TLS ? FACT_YES : FACT_NOT_ASKED) ||
			strcmp(m.live.reason ? m.live.reason : "", row[i].reason) != 0)
			fail_msg("%s: %d %d %d %d %d %d \"%s\"", row[i].name, (int)m.live.status,
				(int)m.live.result, (int)m.live.starttls, (int)m.live.dane,
				(int)m.live.pkix, (int)m.live.requiretls, m.live.reason);
		assert_string_equal(m.live.ip, "192.0.2.25");
		assert_string_equal(m.live.tls, "TLSv1.3");
		assert_true(m.live.injected);
		free(m.live.reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(judged)};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
