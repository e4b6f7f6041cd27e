/* SPDX-License-Identifier: ISC */
/* The steps of publishing that can lose mail or keys: which facts let one be taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decide/publish_steps.h"

#define NOW 1800000000
#define DAY 86400
#define YES FACT_YES
#define NO FACT_NO
#define UNK FACT_UNKNOWN
#define NOT FACT_NOT_ASKED

static const struct {
	int number;
	const char *what;
	enum publish_step step;
	struct step_facts f;
	enum step_state state;
	int64_t not_before;
} rows[] = {
	{1, "host: nothing to do", STEP_HOST, {.wanted = false, .ready = NO}, STATE_DONE, 0},
	{2, "host: served there, CAA allows", STEP_HOST,
		{.wanted = true, .ready = YES, .allowed = YES}, STATE_NEXT, 0},
	{3, "host: not served there yet", STEP_HOST, {.wanted = true, .ready = NO, .allowed = YES},
		STATE_UNSAFE, 0},
	{4, "host: CAA forbids the issuer", STEP_HOST,
		{.wanted = true, .ready = YES, .allowed = NO}, STATE_UNSAFE, 0},
	{5, "host: cannot be told whether it is served", STEP_HOST,
		{.wanted = true, .ready = UNK, .allowed = YES}, STATE_UNKNOWN, 0},
	{6, "host: CAA cannot be told", STEP_HOST, {.wanted = true, .ready = YES, .allowed = UNK},
		STATE_UNKNOWN, 0},
	{7, "host: CAA was not asked for", STEP_HOST,
		{.wanted = true, .ready = YES, .allowed = NOT}, STATE_UNKNOWN, 0},
	{8, "direct: serves the same keys", STEP_DIRECT,
		{.wanted = true, .ready = YES, .allowed = YES}, STATE_NEXT, 0},
	{9, "direct: does not", STEP_DIRECT, {.wanted = true, .ready = NO, .allowed = YES},
		STATE_UNSAFE, 0},
	{10, "direct: a wildcard hides it", STEP_DIRECT,
		{.wanted = true, .ready = YES, .allowed = NO}, STATE_UNSAFE, 0},
	{11, "direct: cannot be told", STEP_DIRECT, {.wanted = true, .ready = UNK, .allowed = UNK},
		STATE_UNKNOWN, 0},
	{12, "enforce: every MX named and valid", STEP_ENFORCE,
		{.wanted = true, .ready = YES, .allowed = YES}, STATE_NEXT, 0},
	{13, "enforce: an MX is not named", STEP_ENFORCE,
		{.wanted = true, .ready = NO, .allowed = YES}, STATE_UNSAFE, 0},
	{14, "enforce: an MX fails STARTTLS", STEP_ENFORCE,
		{.wanted = true, .ready = YES, .allowed = NO}, STATE_UNSAFE, 0},
	{15, "enforce: not named counts more than port 25 closed", STEP_ENFORCE,
		{.wanted = true, .ready = NO, .allowed = UNK}, STATE_UNSAFE, 0},
	{16, "enforce: port 25 is closed from here", STEP_ENFORCE,
		{.wanted = true, .ready = YES, .allowed = UNK}, STATE_UNKNOWN, 0},
	{17, "enforce: the live MX cannot be told", STEP_ENFORCE,
		{.wanted = true, .ready = UNK, .allowed = YES}, STATE_UNKNOWN, 0},
	{18, "mx: every live MX in the policy", STEP_MX, {.wanted = true, .ready = YES}, STATE_NEXT,
		0},
	{19, "mx: one is not", STEP_MX, {.wanted = true, .ready = NO}, STATE_UNSAFE, 0},
	{20, "mx: cannot be told", STEP_MX, {.wanted = true, .ready = UNK}, STATE_UNKNOWN, 0},
	{21, "leave: mode none is not live", STEP_LEAVE,
		{.wanted = true, .ready = NO, .wait = 7 * DAY}, STATE_UNSAFE, 0},
	{22, "leave: live, never seen so before", STEP_LEAVE,
		{.wanted = true, .ready = YES, .wait = 7 * DAY}, STATE_WAIT, 0},
	{23, "leave: live for a day of seven", STEP_LEAVE,
		{.wanted = true, .ready = YES, .since = NOW - DAY, .wait = 7 * DAY}, STATE_WAIT,
		NOW + 6 * DAY},
	{24, "leave: a second is missing", STEP_LEAVE,
		{.wanted = true, .ready = YES, .since = NOW - 7 * DAY + 1, .wait = 7 * DAY},
		STATE_WAIT, NOW + 1},
	{25, "leave: live for all of the old max_age", STEP_LEAVE,
		{.wanted = true, .ready = YES, .since = NOW - 7 * DAY, .wait = 7 * DAY}, STATE_NEXT,
		0},
	{26, "leave: cannot be told", STEP_LEAVE,
		{.wanted = true, .ready = UNK, .since = NOW - 70 * DAY, .wait = 7 * DAY},
		STATE_UNKNOWN, 0},
	{27, "tlsa: every address shows a key with a record", STEP_TLSA,
		{.wanted = true, .ready = YES, .allowed = YES}, STATE_NEXT, 0},
	{28, "tlsa: one does not", STEP_TLSA, {.wanted = true, .ready = NO, .allowed = YES},
		STATE_UNSAFE, 0},
	{29, "tlsa: the zone is not signed", STEP_TLSA,
		{.wanted = true, .ready = YES, .allowed = NO}, STATE_UNSAFE, 0},
	{30, "tlsa: a server does not answer", STEP_TLSA,
		{.wanted = true, .ready = UNK, .allowed = YES}, STATE_UNKNOWN, 0},
	{31, "rotate: certified, both served for 30 days", STEP_ROTATE,
		{.wanted = true, .ready = YES, .since = NOW - 30 * DAY, .wait = 30 * DAY},
		STATE_NEXT, 0},
	{32, "rotate: not certified", STEP_ROTATE,
		{.wanted = true, .ready = NO, .since = NOW - 30 * DAY, .wait = 30 * DAY},
		STATE_UNSAFE, 0},
	{33, "rotate: certified, both served for a day", STEP_ROTATE,
		{.wanted = true, .ready = YES, .since = NOW - DAY, .wait = 30 * DAY}, STATE_WAIT,
		NOW + 29 * DAY},
	{34, "withdraw: without revocation or successor", STEP_WITHDRAW,
		{.wanted = true, .ready = NO, .until = NOW + DAY}, STATE_UNSAFE, NOW + DAY},
	{35, "withdraw: revoked, would never have expired", STEP_WITHDRAW,
		{.wanted = true, .ready = YES}, STATE_WAIT, 0},
	{48, "withdraw: revoked, would expire in a day", STEP_WITHDRAW,
		{.wanted = true, .ready = YES, .since = NOW, .wait = DAY}, STATE_WAIT, NOW + DAY},
	{49, "withdraw: revoked, would have expired", STEP_WITHDRAW,
		{.wanted = true, .ready = YES, .since = NOW - DAY, .wait = DAY}, STATE_NEXT, 0},
	{50, "enforce: two days in testing: advised to wait, not refused", STEP_ENFORCE,
		{.wanted = true,
			.ready = YES,
			.allowed = YES,
			.since = NOW - 2 * DAY,
			.wait = 7 * DAY},
		STATE_NEXT, NOW + 5 * DAY},
	{51, "enforce: long in testing", STEP_ENFORCE,
		{.wanted = true,
			.ready = YES,
			.allowed = YES,
			.since = NOW - 7 * DAY,
			.wait = 7 * DAY},
		STATE_NEXT, 0},
	{36, "caa: every live certificate is of the set", STEP_CAA,
		{.wanted = true, .ready = YES, .since = 1}, STATE_NEXT, 0},
	{60, "caa: live, and its TTL runs", STEP_CAA,
		{.wanted = true, .ready = YES, .since = NOW - 60, .wait = 300}, STATE_WAIT,
		NOW + 240},
	{37, "caa: one is not", STEP_CAA, {.wanted = true, .ready = NO}, STATE_UNSAFE, 0},
	{38, "caa: cannot be told", STEP_CAA, {.wanted = true, .ready = UNK}, STATE_UNKNOWN, 0},
	{39, "customer: its names point here", STEP_CUSTOMER,
		{.wanted = true, .ready = NO, .wait = DAY}, STATE_UNSAFE, 0},
	{40, "customer: gone, its policy may be remembered", STEP_CUSTOMER,
		{.wanted = true, .ready = YES, .since = NOW - 1, .wait = DAY}, STATE_WAIT,
		NOW - 1 + DAY},
	{41, "customer: gone for long", STEP_CUSTOMER,
		{.wanted = true, .ready = YES, .since = NOW - DAY, .wait = DAY}, STATE_NEXT, 0},
	{42, "offline: whatever the facts", STEP_ENFORCE,
		{.wanted = true, .offline = true, .ready = YES, .allowed = YES}, STATE_UNKNOWN, 0},
	{43, "offline, nothing to do", STEP_ENFORCE, {.wanted = false, .offline = true}, STATE_DONE,
		0},
	{44, "forced, whatever the facts", STEP_WITHDRAW,
		{.wanted = true, .forced = true, .ready = NO}, STATE_NEXT, 0},
	{45, "forced and offline", STEP_ENFORCE, {.wanted = true, .forced = true, .offline = true},
		STATE_NEXT, 0},
	{46, "forced, nothing to do", STEP_ENFORCE, {.wanted = false, .forced = true}, STATE_DONE,
		0},
	{47, "the clock went back", STEP_LEAVE,
		{.wanted = true, .ready = YES, .since = NOW + DAY, .wait = DAY}, STATE_WAIT,
		NOW + 2 * DAY},
};

static void steps(void **state)
{
	struct step_verdict v;
	struct step_facts f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%d %s\n", rows[i].number, rows[i].what);
		f = rows[i].f;
		f.now = NOW;
		publish_judge_step(rows[i].step, &f, &v);
		assert_int_equal(v.state, rows[i].state);
		assert_int_equal(v.not_before, rows[i].not_before);
		/* What is refused says why, and what helps. */
		if (v.state == STATE_UNSAFE || v.state == STATE_UNKNOWN) {
			assert_true(v.reason[0] != '\0');
			assert_true(v.mend[0] != '\0');
		}
	}
}

static void names(void **state)
{
	enum publish_step step;
	unsigned i;

	(void)state;
	for (i = 0; i < STEPS_N; i++) {
		assert_int_equal(publish_step_word(publish_step_name(i), &step), 0);
		assert_int_equal(step, i);
	}
	assert_int_equal(publish_step_word("", &step), -1);
	assert_int_equal(publish_step_word("enforce:", &step), -1);
}

/* 78, 73, 74, 69, 75, 1, 0. */
static void exits(void **state)
{
	static const int order[] = {78, 73, 74, 69, 75, 1, 0};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		for (k = i; k < sizeof(order) / sizeof(order[0]); k++) {
			assert_int_equal(publish_worse_exit(order[i], order[k]), order[i]);
			assert_int_equal(publish_worse_exit(order[k], order[i]), order[i]);
		}
	}
	assert_int_equal(publish_worse_exit(2, 3), 3);
	assert_int_equal(publish_worse_exit(3, 2), 3);
	assert_string_equal(publish_state_name(STATE_WAIT), "wait");
	assert_int_equal(publish_state_exit(STATE_DONE), 0);
	assert_int_equal(publish_state_exit(STATE_NEXT), 1);
	assert_int_equal(publish_state_exit(STATE_WAIT), 1);
	assert_int_equal(publish_state_exit(STATE_UNSAFE), 69);
	assert_int_equal(publish_state_exit(STATE_UNKNOWN), 75);
	/* Codes that no step makes: the higher. */
	assert_int_equal(publish_worse_exit(2, 3), 3);
	assert_int_equal(publish_worse_exit(3, 2), 3);
	assert_int_equal(publish_worse_exit(3, 0), 0);
}

static void states_have_names(void **state)
{
	int i, k;

	(void)state;
	for (i = STATE_DONE; i <= STATE_UNKNOWN; i++) {
		assert_non_null(publish_state_name((enum step_state)i));
		for (k = STATE_DONE; k < i; k++)
			assert_string_not_equal(publish_state_name((enum step_state)i),
				publish_state_name((enum step_state)k));
	}
}

/* When openpgpkey. may lose its address in one step. */
static void hiding(void **state)
{
	static const struct {
		int number;
		const char *what;
		struct hiding_facts f;
		enum check_fact want;
	} row[] = {
		{1, "no wildcard", {.wildcard = NO}, YES},
		{2, "it cannot be told", {.wildcard = UNK}, YES},
		{3, "a wildcard with the same address", {.wildcard = YES}, NO},
		{4, "the same, and the record is live", {.wildcard = YES, .guarded = true}, YES},
		{5, "proved: nothing but the wildcard", {.wildcard = YES, .proved = true}, YES},
		{6, "an alias, which the record replaces", {.wildcard = YES, .alias = true}, YES},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d %s\n", row[i].number, row[i].what);
		assert_int_equal(publish_may_hide(&row[i].f), row[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(hiding), cmocka_unit_test(steps),
		cmocka_unit_test(names), cmocka_unit_test(exits),
		cmocka_unit_test(states_have_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
