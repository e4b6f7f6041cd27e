/* SPDX-License-Identifier: ISC */
/* Keys in the user's own keyring, and how good a pin is that a rule names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/candidate.h"
#include "decide/pin_quality.h"

#define NOW ((int64_t)1000000)

static void ranks(void **state)
{
	static const struct {
		const char *name;
		struct keyring_facts f;
		int want;
	} row[] = {
		{"valid", {true, true, false, VALIDITY_FULL}, 3},
		{"valid, from the network", {true, true, true, VALIDITY_FULL}, 3},
		{"marginal", {true, true, false, VALIDITY_MARGINAL}, 2},
		{"marginal, from the network", {true, true, true, VALIDITY_MARGINAL}, 2},
		{"unknown", {true, true, false, VALIDITY_UNKNOWN}, 1},
		{"unknown, from the network", {true, true, true, VALIDITY_UNKNOWN}, 0},
		{"never to be trusted", {true, true, false, VALIDITY_NEVER}, 0},
		{"a validity that does not exist", {true, true, false, (enum keyring_validity)99},
			0},
		{"revoked or the like", {false, true, false, VALIDITY_FULL}, 0},
		{"it cannot encrypt", {true, false, false, VALIDITY_FULL}, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (candidate_rank(&row[i].f) != row[i].want)
			fail_msg("%s: %d", row[i].name, candidate_rank(&row[i].f));
	}
}

static void whom_the_keyring_is_asked_about(void **state)
{
	static const struct {
		const char *name, *address;
		bool wanted;
		enum key_status status;
		enum conf_gnupg rule;
		bool keys, own, doubts;
		enum candidate_look look;
	} row[] = {
		{"absent", "a@b.example", true, KEY_ABSENT_UNPROVED, GNUPG_ASK, false, true, true,
			LOOK_ASK},
		{"absent, and it is used", "a@b.example", true, KEY_ABSENT_PROVED, GNUPG_USE, false,
			true, true, LOOK_USE},
		{"not by this rule", "a@b.example", true, KEY_ABSENT_UNPROVED, GNUPG_IGNORE, false,
			true, true, LOOK_NOT},
		{"a rule names keys", "a@b.example", true, KEY_ABSENT_UNPROVED, GNUPG_ASK, true,
			true, true, LOOK_NOT},
		{"a rule names keys, not used", "a@b.example", true, KEY_ABSENT_UNPROVED, GNUPG_USE,
			true, true, true, LOOK_NOT},
		{"no key is needed", "a@b.example", false, KEY_ABSENT_UNPROVED, GNUPG_ASK, false,
			false, false, LOOK_NOT},
		{"there is one", "a@b.example", true, KEY_USABLE, GNUPG_ASK, false, true, false,
			LOOK_NOT},
		{"there is one, and not used", "a@b.example", true, KEY_USABLE, GNUPG_USE, false,
			true, false, LOOK_NOT},
		{"published, unusable", "a@b.example", true, KEY_UNUSABLE, GNUPG_USE, false, true,
			false, LOOK_NOT},
		{"in conflict", "a@b.example", true, KEY_CONFLICT, GNUPG_USE, false, true, false,
			LOOK_NOT},
		{"nobody knows", "a@b.example", true, KEY_UNKNOWN, GNUPG_ASK, false, true, false,
			LOOK_ASK},
		{"nobody knows, and it is used", "a@b.example", true, KEY_UNKNOWN, GNUPG_USE, false,
			true, false, LOOK_USE_FULL},
		{"a local name", "root", true, KEY_ABSENT_UNPROVED, GNUPG_ASK, false, false, false,
			LOOK_NOT},
		{"a local name, unknown", "root", true, KEY_UNKNOWN, GNUPG_USE, false, false, false,
			LOOK_NOT},
		{"an address literal", "a@[192.0.2.1]", true, KEY_ABSENT_UNPROVED, GNUPG_ASK, false,
			false, true, LOOK_ASK},
	};
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf_policy p = {.name = "x", .to = "b.example"};
		struct conf c = {.gnupg = row[i].rule, .policy = &p, .n_policy = 1};

		const struct candidate_of of = {&a, row[i].wanted, row[i].status, true, PIN_NONE};

		p.n_key = row[i].keys;
		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		if (candidate_may_be_own(&a, row[i].wanted) != row[i].own ||
			candidate_doubts_absence(&a, row[i].wanted, row[i].status) !=
				row[i].doubts ||
			candidate_look(&c, NULL, NULL, &of) != row[i].look)
			fail_msg("%s", row[i].name);
	}
}

static void a_pin_comes_before_a_key_that_is_used(void **state)
{
	static const struct {
		const char *name;
		enum conf_gnupg rule;
		enum key_status status;
		bool asked;
		enum pin_state pin;
		enum candidate_look want;
	} row[] = {
		{"a pin", GNUPG_USE, KEY_ABSENT_PROVED, true, PIN_TOFU, LOOK_NOT},
		{"verified", GNUPG_USE, KEY_ABSENT_PROVED, true, PIN_VERIFIED, LOOK_NOT},
		{"rejected", GNUPG_USE, KEY_ABSENT_PROVED, true, PIN_REJECTED, LOOK_NOT},
		{"allowed clear", GNUPG_USE, KEY_ABSENT_PROVED, true, PIN_CLEAR, LOOK_NOT},
		{"a pin, unknown", GNUPG_USE, KEY_UNKNOWN, true, PIN_TOFU, LOOK_NOT},
		{"no pin, unknown", GNUPG_USE, KEY_UNKNOWN, true, PIN_NONE, LOOK_USE_FULL},
		{"unknown, as it was not asked", GNUPG_USE, KEY_UNKNOWN, false, PIN_NONE, LOOK_NOT},
		{"absent by a rule, not asked", GNUPG_USE, KEY_ABSENT_UNPROVED, false, PIN_NONE,
			LOOK_USE},
		{"a person is asked all the same", GNUPG_ASK, KEY_ABSENT_PROVED, true, PIN_CLEAR,
			LOOK_ASK},
	};
	struct addr a;
	size_t i;

	(void)state;
	assert_int_equal(addr_parse("a@b.example", &a, NULL), 0);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct conf c = {.gnupg = row[i].rule};
		const struct candidate_of of = {&a, true, row[i].status, row[i].asked, row[i].pin};

		if (candidate_look(&c, NULL, NULL, &of) != row[i].want)
			fail_msg("%s", row[i].name);
	}
}

static void a_person_may_be_told_of_one(void **state)
{
	static const struct {
		const char *name, *address;
		bool wanted;
		enum pin_state pin;
		unsigned keys; /* that a policy names */
		bool want;
	} row[] = {
		{"a key wanted, no pin", "a@b.example", true, PIN_NONE, 0, true},
		{"no key is wanted", "a@b.example", false, PIN_NONE, 0, false},
		{"no domain", "root", true, PIN_NONE, 0, false},
		{"a pin", "a@b.example", true, PIN_TOFU, 0, false},
		{"allowed clear", "a@b.example", true, PIN_CLEAR, 0, false},
		{"a policy names its keys", "a@b.example", true, PIN_NONE, 1, false},
		{"a policy names those of another", "a@c.example", true, PIN_NONE, 1, true},
	};
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf_policy p = {.name = "x", .to = "b.example", .n_key = row[i].keys};
		const struct conf c = {.policy = &p, .n_policy = 1};
		const struct candidate_of of = {
			&a, row[i].wanted, KEY_ABSENT_PROVED, true, row[i].pin};

		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		if (candidate_fits(&c, NULL, NULL, &of) != row[i].want)
			fail_msg("%s", row[i].name);
	}
}

static void what_becomes_of_a_key(void **state)
{
	static const struct {
		const char *name;
		enum candidate_look look;
		enum candidate_fate want[4]; /* by rank: none, unknown, marginal, full */
	} row[] = {
		{"not looked for", LOOK_NOT, {CANDIDATE_NONE}},
		{"asked", LOOK_ASK,
			{CANDIDATE_NONE, CANDIDATE_SHOWN, CANDIDATE_SHOWN, CANDIDATE_SHOWN}},
		{"used", LOOK_USE,
			{CANDIDATE_NONE, CANDIDATE_NAMED, CANDIDATE_USED, CANDIDATE_USED}},
		{"used, unknown", LOOK_USE_FULL,
			{CANDIDATE_NONE, CANDIDATE_NONE, CANDIDATE_SHOWN, CANDIDATE_USED}},
	};
	size_t i;
	int rank;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (rank = 0; rank < 4; rank++) {
			if (candidate_fate(row[i].look, rank) != row[i].want[rank])
				fail_msg("%s: %d", row[i].name, rank);
		}
	}
	assert_non_null(strstr(candidate_evidence(3), "full"));
	assert_non_null(strstr(candidate_evidence(2), "marginal"));
}

static void how_good_a_pin_is(void **state)
{
	static const struct {
		const char *name;
		struct pin_facts f;
		enum pin_quality want;
	} row[] = {
		{"good", {PIN_TOFU, false, true, 0, true}, QUALITY_GOOD},
		{"verified", {PIN_VERIFIED, false, true, NOW + 1, true}, QUALITY_GOOD},
		{"weak", {PIN_TOFU, false, true, 0, false}, QUALITY_WEAK},
		{"revoked", {PIN_TOFU, true, true, 0, true}, QUALITY_DEAD},
		{"it cannot encrypt", {PIN_TOFU, false, false, 0, true}, QUALITY_DEAD},
		{"expired", {PIN_VERIFIED, false, true, NOW, true}, QUALITY_DEAD},
		{"rejected", {PIN_REJECTED, false, true, 0, true}, QUALITY_REJECTED},
		{"clear text is allowed", {PIN_CLEAR, false, true, 0, true}, QUALITY_REJECTED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (pin_quality(&row[i].f, NOW) != row[i].want)
			fail_msg("%s: %d", row[i].name, (int)pin_quality(&row[i].f, NOW));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(ranks),
		cmocka_unit_test(whom_the_keyring_is_asked_about),
		cmocka_unit_test(a_pin_comes_before_a_key_that_is_used),
		cmocka_unit_test(a_person_may_be_told_of_one),
		cmocka_unit_test(what_becomes_of_a_key), cmocka_unit_test(how_good_a_pin_is)};

	return cmocka_run_group_tests_name("candidate", tests, NULL, NULL);
}
