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
#include "net/net.h"

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

/* Of two addresses of one host. */
static void the_worse_is_told(void **state)
{
	static const struct check_smtp worst_first[] = {
		{.status = LIVE_FAILED},
		{.status = LIVE_ENCRYPTED, .pkix = FACT_NO},
		{.status = LIVE_AUTHENTICATED, .pkix = FACT_YES},
		{.status = LIVE_UNKNOWN},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (k = 0; k < 4; k++) {
			print_message("%zu beside %zu\n", i, k);
			assert_int_equal(live_is_worse(&worst_first[i], &worst_first[k]), i < k);
		}
	}
}

/* Servers on paper: each session waits until it is answered by the table. */
static struct {
	smtp_done *done;
	void *arg;
	char ip[IP_TEXT_MAX];
} session;
static unsigned n_sessions;

int smtp_start(struct net *net, const struct smtp_request *q, smtp_done *done, void *arg,
	struct smtp_session **out, struct err *err)
{
	(void)net;
	(void)err;
	session.done = done;
	session.arg = arg;
	ip_text(&q->ip, session.ip);
	*out = (struct smtp_session *)(void *)&session;
	n_sessions++;
	return 0;
}

void smtp_cancel(struct smtp_session *s)
{
	if (s)
		session.done = NULL;
}

const struct tlsa_set *transport_tlsa(const struct transport *t, size_t i)
{
	(void)t;
	(void)i;
	return NULL;
}

static void on_live(void *arg)
{
	*(bool *)arg = true;
}

/* The stage that each of three addresses comes to; '!': trusted, '?': not, '-': no connection, 'x':
 * no STARTTLS, ' ': it never answers. */
static const struct {
	const char *name, *address[3], *answer;
	uint8_t want;
	unsigned sessions;
	enum check_live status;
	enum check_fact pkix;
	const char *ip;
} address_rows[] = {
	{"23 the first answers", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "!xx", 0, 1,
		LIVE_ENCRYPTED, FACT_YES, "192.0.2.1"},
	{"24 the first does not", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "-!x", 0, 2,
		LIVE_ENCRYPTED, FACT_YES, "192.0.2.2"},
	{"25 each, all good", {"192.0.2.1", "192.0.2.2", "2001:db8::3"}, "!!!", CHECK_EACH_IP, 3,
		LIVE_ENCRYPTED, FACT_YES, "2001:db8::3"},
	{"26 each, the last without STARTTLS", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "!!x",
		CHECK_EACH_IP, 3, LIVE_FAILED, FACT_NOT_ASKED, "192.0.2.3"},
	{"27 each, the second not trusted", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "!?!",
		CHECK_EACH_IP, 3, LIVE_ENCRYPTED, FACT_NO, "192.0.2.2"},
	{"28 each, one is down", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "!-!", CHECK_EACH_IP, 3,
		LIVE_ENCRYPTED, FACT_YES, "192.0.2.3"},
	{"29 each, all are down", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "---", CHECK_EACH_IP, 3,
		LIVE_UNKNOWN, FACT_NOT_ASKED, "192.0.2.3"},
	{"30 each, one is no host's", {"192.0.2.1", "0.0.0.0", "192.0.2.3"}, "!x", CHECK_EACH_IP, 2,
		LIVE_FAILED, FACT_NOT_ASKED, "192.0.2.3"},
	{"31 each, the time is over", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "! ", CHECK_EACH_IP,
		2, LIVE_UNKNOWN, FACT_YES, "192.0.2.1"},
	{"32 each, the time is over, one failed", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "x ",
		CHECK_EACH_IP, 2, LIVE_FAILED, FACT_NOT_ASKED, "192.0.2.1"},
};

static void visit_addresses(size_t i, struct check_mx *m)
{
	const char *answer = address_rows[i].answer;
	const struct check_request q = {.want = CHECK_LIVE | address_rows[i].want};
	struct check_reply a = {.mx = m, .n_mx = 1};
	struct net net = {.timers = {NULL}};
	bool over = false;
	struct live *l = live_start(&net, &q, &a, NULL, on_live, &over);

	assert_non_null(l);
	for (; session.done && *answer && *answer != ' '; answer++) {
		struct smtp_result r = {.stage = *answer == '-'   ? SMTP_NO_CONNECTION
						 : *answer == 'x' ? SMTP_NO_STARTTLS
								  : SMTP_TLS,
			.trusted = *answer == '!'};
		smtp_done *done = session.done;

		snprintf(r.ip, sizeof(r.ip), "%s", session.ip);
		session.done = NULL;
		done(session.arg, &r);
	}
	if (session.done)
		live_expire(l, "late");
	timers_run(&net.timers, INT64_MAX);
	assert_true(over);
	live_free(l);
}

static void addresses(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(address_rows) / sizeof(address_rows[0]); i++) {
		struct check_mx m = {.host = (char *)(uintptr_t) "mx.example", .n_ip = 3};

		print_message("%s\n", address_rows[i].name);
		for (k = 0; k < 3; k++)
			snprintf(m.ip[k], sizeof(m.ip[k]), "%s", address_rows[i].address[k]);
		n_sessions = 0;
		visit_addresses(i, &m);
		assert_int_equal(n_sessions, address_rows[i].sessions);
		assert_int_equal(m.live.status, address_rows[i].status);
		assert_int_equal(m.live.pkix, address_rows[i].pkix);
		assert_string_equal(m.live.ip, address_rows[i].ip);
		free(m.live.reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(judged),
		cmocka_unit_test(the_worse_is_told), cmocka_unit_test(addresses)};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
