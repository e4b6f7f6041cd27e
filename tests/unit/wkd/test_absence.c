/* SPDX-License-Identifier: ISC */
/* wkd/absence: "proved" is what nobody on the path can have forged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wkd/absence.h"

#define ADV .advanced = true
#define SIGNED .denial = DNS_SECURE
#define UNSIGNED .denial = DNS_INSECURE
#define BY(a, b) .first = PROOF_##a, .weakest = PROOF_##b

static void table(void **state)
{
	static const struct {
		const char *name;
		struct absence_facts in;
		enum absence_proof want;
	} row[] = {
		{"advanced, signed", {ADV, BY(DNSSEC, DNSSEC)}, ABSENCE_PROVED},
		{"advanced, unsigned, wildcard certificate", {ADV, BY(NONE, NONE)},
			ABSENCE_UNPROVED},
		{"advanced, unsigned, wildcard certificate, policy",
			{ADV, BY(NONE, NONE), .policy = POLICY_VALID}, ABSENCE_UNPROVED},
		{"advanced, unsigned, named", {ADV, BY(NAME, NAME)}, ABSENCE_ASK_POLICY},
		{"advanced, unsigned, named, policy", {ADV, BY(NAME, NAME), .policy = POLICY_VALID},
			ABSENCE_PROVED},
		{"advanced, unsigned, named, a web page for a policy",
			{ADV, BY(NAME, NAME), .policy = POLICY_NOT_VALID}, ABSENCE_UNPROVED},
		{"redirected to a wildcard certificate", {ADV, BY(DNSSEC, NONE)}, ABSENCE_UNPROVED},
		{"redirected to a named host", {ADV, BY(DNSSEC, NAME)}, ABSENCE_PROVED},
		{"named, redirected to a signed host", {ADV, BY(NAME, NAME)}, ABSENCE_ASK_POLICY},
		{"named, redirected to a wildcard certificate", {ADV, BY(NAME, NONE)},
			ABSENCE_UNPROVED},
		{"direct, all signed", {SIGNED, BY(DNSSEC, DNSSEC)}, ABSENCE_PROVED},
		{"direct, a forgeable denial", {UNSIGNED, BY(DNSSEC, DNSSEC)}, ABSENCE_UNPROVED},
		{"direct, a forgeable denial, policy",
			{UNSIGNED, BY(NAME, NAME), .policy = POLICY_VALID}, ABSENCE_UNPROVED},
		{"direct, denied, its host an unsigned alias, named", {SIGNED, BY(NAME, NAME)},
			ABSENCE_ASK_POLICY},
		{"direct, denied, its host an unsigned alias, named, policy",
			{SIGNED, BY(NAME, NAME), .policy = POLICY_VALID}, ABSENCE_PROVED},
		{"direct, denied, its host an unsigned alias, wildcard", {SIGNED, BY(NONE, NONE)},
			ABSENCE_UNPROVED},
		{"by a proxy", {ADV, .proxied = true, BY(NAME, NAME)}, ABSENCE_UNPROVED},
		{"by a proxy, policy",
			{ADV, .proxied = true, BY(NAME, NAME), .policy = POLICY_VALID},
			ABSENCE_UNPROVED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("  row %zu: %s\n", i + 1, row[i].name);
		assert_int_equal(absence_proof(&row[i].in), row[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(table)};

	return cmocka_run_group_tests_name("absence", tests, NULL, NULL);
}
