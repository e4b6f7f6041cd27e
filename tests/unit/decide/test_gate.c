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
		struct conf c = {.tls = row[i].global, .policy = p, .n_policy = 2};
		char place[POLICY_PLACE_MAX];
		const char *hop, *by;

		c.demand.tls = row[i].demanded ? REQ : TRANSPORT_UNSET;
		memcpy(c.smart_host, row[i].relay, strlen(row[i].relay) + 1);
		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		assert_int_equal(gate_way(&c, NULL, &a, &hop, &by), row[i].want);
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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_recipient_has_a_way),
		cmocka_unit_test(the_waiver_is_one_word)};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
