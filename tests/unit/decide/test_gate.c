/* SPDX-License-Identifier: ISC */
/* Who has to be reached by a bound way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/tls_required.h"
#include "decide/rules.h"

#define ANY TRANSPORT_ANY
#define REQ TRANSPORT_REQUIRE

static void each_recipient_has_a_way(void **state)
{
	static const struct {
		const char *address;
		enum conf_transport global;
		const char *relay;
		bool demanded;
		enum gate_way want;
		const char *hop, *by;
	} row[] = {
		{"a@b.example", ANY, "", false, GATE_FREE, NULL, NULL},
		{"a@b.example", REQ, "", false, GATE_ASK, "b.example", NULL},
		{"a@b.example", ANY, "", true, GATE_ASK, "b.example", "the message's X-Sealpost"},
		{"a@b.example", REQ, "relay.example", false, GATE_ASK, "relay.example", NULL},
		{"a@bank.example", ANY, "", false, GATE_ASK, "bank.example", "[policy bank]"},
		{"a@bank.example", ANY, "relay.example", false, GATE_ASK, "relay.example",
			"[policy bank]"},
		{"a@lan.example", REQ, "", false, GATE_FREE, NULL, NULL},
		{"a@lan.example", REQ, "", true, GATE_ASK, "lan.example", NULL},
		{"root", REQ, "", false, GATE_LOCAL, NULL, NULL},
		{"root@localhost", REQ, "", false, GATE_LOCAL, NULL, NULL},
		{"root", REQ, "relay.example", false, GATE_ASK, "relay.example", NULL},
		{"root", ANY, "relay.example", false, GATE_FREE, NULL, NULL},
		{"a@host", REQ, "", false, GATE_NEVER, NULL, NULL},
		{"a@[192.0.2.1]", REQ, "", false, GATE_NEVER, NULL, NULL},
		{"a@[192.0.2.1]", REQ, "relay.example", false, GATE_ASK, "relay.example", NULL},
	};
	struct conf_policy p[] = {{.name = "bank", .to = "bank.example", .tls = REQ},
		{.name = "lan", .to = "lan.example", .tls = ANY}};
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct mail_rules one = {.once = {.n_key = 0}};
		struct conf c = {.tls = row[i].global, .policy = p, .n_policy = 2};
		char place[POLICY_PLACE_MAX];
		const char *hop, *by;

		one.demand.tls = row[i].demanded ? REQ : TRANSPORT_UNSET;
		memcpy(c.smart_host, row[i].relay, strlen(row[i].relay) + 1);
		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		assert_int_equal(gate_way(&c, &one, NULL, &a, &hop, &by), row[i].want);
		if (row[i].want == GATE_ASK)
			assert_string_equal(hop, row[i].hop);
		policy_place(by, place);
		if (row[i].by)
			assert_string_equal(place, row[i].by);
	}
}

static void the_waiver_is_one_word(void **state)
{
	static const struct {
		const char *name, *value;
		bool want;
	} row[] = {{"TLS-Required", " No", true}, {"tls-required", "no\n", true},
		{"TLS-Required", "\n \tNO \t", true}, {"TLS-Required", " None", false},
		{"TLS-Required", " No, yes", false}, {"TLS-Required", "", false},
		{"TLS-Required", " Yes", false}, {"X-TLS-Required", " No", false}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct field f[] = {{.name = (char *)(uintptr_t) "TLS-Required",
					    .value = (char *)(uintptr_t) " maybe"},
			{.name = (char *)(uintptr_t)row[i].name,
				.value = (char *)(uintptr_t)row[i].value}};
		struct message m = {.field = f, .n_field = 2};

		if (gate_waived(&m) != row[i].want)
			fail_msg("%s:%s", row[i].name, row[i].value);
	}
}

static void what_can_be_told_without_asking(void **state)
{
	static const struct {
		const char *name, *address;
		enum conf_transport tls;
		bool waived;
		enum err_code code;
		const char *why;
	} row[] = {
		{"nothing is required", "a@b.example", ANY, true, ERR_NONE, ""},
		{"the message waives it", "a@b.example", REQ, true, ERR_POLICY,
			"the message says TLS-Required: No, and tls = require in [sealpost]"},
		{"it travels", "a@b.example", REQ, false, ERR_NONE, ""},
		{"it stays here", "root", REQ, false, ERR_NONE, "delivered on this machine"},
		{"a name without a dot", "a@host", REQ, false, ERR_POLICY,
			"TLS cannot be enforced for a name without a dot, and tls = require in "
			"[sealpost]"},
		{"an address literal", "a@[192.0.2.1]", REQ, false, ERR_POLICY,
			"TLS cannot be enforced for an address literal, and tls = require in "
			"[sealpost]"},
	};
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.tls = row[i].tls};
		struct gate_rcpt g = {.code = ERR_NONE};

		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		gate_begin(&g, &c, NULL, NULL, &a, row[i].waived);
		if (g.code != row[i].code || strcmp(g.why, row[i].why) != 0)
			fail_msg("%s: %d: %s", row[i].name, (int)g.code, g.why);
	}
}

static void each_answer_lets_it_go_or_not(void **state)
{
	static const struct {
		const char *name;
		bool answered, null_mx, no_mx;
		enum protection_kind kind;
		enum err_code code;
		const char *why;
	} row[] = {
		{"no answer", false, false, false, PROTECTION_DANE, ERR_TEMP,
			"cannot tell whether the route to b.example is bound to TLS, and tls = "
			"require in [sealpost]: gone"},
		{"DANE", true, false, false, PROTECTION_DANE, ERR_NONE,
			"the route to b.example is bound to TLS by DANE"},
		{"MTA-STS", true, false, false, PROTECTION_MTA_STS, ERR_NONE,
			"the route to b.example is bound to TLS by MTA-STS"},
		{"cannot be told", true, false, false, PROTECTION_UNKNOWN, ERR_TEMP,
			"cannot tell whether the route to b.example is bound to TLS, and tls = "
			"require in [sealpost]: because"},
		{"nothing binds", true, false, false, PROTECTION_NONE, ERR_POLICY,
			"the route to b.example is not bound to TLS, and tls = require in "
			"[sealpost]: because"},
		{"a null MX", true, true, false, PROTECTION_NONE, ERR_NOHOST,
			"b.example accepts no mail: it says so (null MX)"},
		{"no server", true, false, true, PROTECTION_NONE, ERR_NOHOST,
			"b.example accepts no mail: because"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct gate_rcpt g = {.way = GATE_ASK, .hop = "b.example"};
		struct check_reply facts = {.null_mx = row[i].null_mx,
			.mx_outcome = row[i].no_mx ? CHECK_NONE : CHECK_FOUND};
		struct protection p = {.kind = row[i].kind, .reason = "because"};

		gate_judge(&g, row[i].answered ? &facts : NULL, &p, "gone");
		if (g.code != row[i].code || strcmp(g.why, row[i].why) != 0)
			fail_msg("%s: %d: %s", row[i].name, (int)g.code, g.why);
	}
}

static void the_gravest_decides(void **state)
{
	static const struct {
		const char *name;
		enum err_code code[3];
		int want; /* -1: nobody */
	} row[] = {
		{"all may go", {ERR_NONE, ERR_NONE, ERR_NONE}, -1},
		{"one may not", {ERR_NONE, ERR_POLICY, ERR_NONE}, 1},
		{"the first of two alike", {ERR_NONE, ERR_TEMP, ERR_TEMP}, 1},
		{"what may pass before what will not", {ERR_POLICY, ERR_NONE, ERR_TEMP}, 2},
		{"who accepts no mail before all", {ERR_TEMP, ERR_NOHOST, ERR_POLICY}, 1},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct gate_rcpt g[3] = {{.code = ERR_NONE}};

		for (k = 0; k < 3; k++)
			g[k].code = row[i].code[k];
		if (gate_gravest(g, 3) != (row[i].want < 0 ? NULL : &g[row[i].want]))
			fail_msg("%s", row[i].name);
	}
}

static void the_hint_answers_the_cause(void **state)
{
	static const struct {
		const char *name;
		enum gate_way way;
		const char *hop;
		enum err_code code;
		bool waived, unasked;
		const char *want;
	} row[] = {
		{"the message waives it", GATE_ASK, "b.example", ERR_POLICY, true, true,
			"take TLS-Required out of the message, or set tls = any for the recipient"},
		{"nobody was asked", GATE_ASK, "b.example", ERR_TEMP, false, true,
			"add --online to ask the network as well"},
		{"nobody was asked, and it needs no asking", GATE_NEVER, "host", ERR_POLICY, false,
			true, "set tls = any in a policy for a@host"},
		{"nothing binds", GATE_ASK, "b.example", ERR_POLICY, false, false,
			"sealpost check b.example"},
		{"no answer", GATE_ASK, "b.example", ERR_TEMP, false, false,
			"sealpost check b.example"},
		{"a relay", GATE_ASK, "[relay.example]", ERR_POLICY, false, false,
			"sealpost check relay.example"},
	};
	char hint[ERR_HINT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct gate_rcpt g = {.way = row[i].way, .hop = row[i].hop, .code = row[i].code};

		hint[0] = '\0';
		gate_hint(&g, "a@host", row[i].waived, row[i].unasked, hint);
		if (strcmp(hint, row[i].want) != 0)
			fail_msg("%s: %s", row[i].name, hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_recipient_has_a_way),
		cmocka_unit_test(the_waiver_is_one_word),
		cmocka_unit_test(what_can_be_told_without_asking),
		cmocka_unit_test(each_answer_lets_it_go_or_not),
		cmocka_unit_test(the_gravest_decides),
		cmocka_unit_test(the_hint_answers_the_cause)};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
