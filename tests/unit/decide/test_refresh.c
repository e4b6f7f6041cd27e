/* SPDX-License-Identifier: ISC */
/* When a pin is due, and what an answer means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decide/refresh.h"

#define NOW ((int64_t)1800000000)
#define DAY REFRESH_DAY
#define HOUR ((int64_t)3600)

static void test_due(void **state)
{
	static const struct {
		const char *name;
		struct refresh_when w;
		bool due;
	} row[] = {
		{"seen now", {.last_seen = NOW}, false},
		{"five days ago", {.last_seen = NOW - 5 * DAY}, false},
		{"just before the jitter", {.last_seen = NOW - 6 * DAY + 1}, false},
		{"seven days ago", {.last_seen = NOW - 7 * DAY}, true},
		{"a year ago", {.last_seen = NOW - 365 * DAY}, true},
		{"never", {.last_seen = 0}, true},
		{"answered without the key lately",
			{.last_seen = NOW - 30 * DAY, .answered = NOW - DAY}, false},
		{"answered without the key long ago",
			{.last_seen = NOW - 30 * DAY, .answered = NOW - 8 * DAY}, true},
		{"tried just now", {.last_seen = NOW - 30 * DAY, .tried = NOW - 10}, false},
		{"tried an hour ago", {.last_seen = NOW - 30 * DAY, .tried = NOW - HOUR}, true},
		{"expires in two weeks", {.last_seen = NOW - DAY, .expires = NOW + 14 * DAY},
			false},
		{"expires before", {.last_seen = NOW - DAY, .expires = NOW + 14 * DAY - 1}, true},
		{"expires soon, seen today", {.last_seen = NOW - 2 * HOUR, .expires = NOW + DAY},
			false},
		{"expires soon, asked today",
			{.last_seen = NOW - 3 * DAY, .answered = NOW - HOUR, .expires = NOW + DAY},
			false},
		{"expired lately", {.last_seen = NOW - DAY, .expires = NOW - DAY}, true},
		{"expired long ago: weekly again",
			{.last_seen = NOW - DAY, .expires = NOW - 60 * DAY}, false},
		{"seen an hour from now", {.last_seen = NOW + HOUR}, false},
		{"the clock went back", {.last_seen = NOW + 400 * DAY}, true},
		{"the clock went back since it was tried",
			{.last_seen = NOW - 30 * DAY, .tried = NOW + 400 * DAY}, true},
		{"times that cannot be", {.last_seen = 0, .expires = INT64_MAX}, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (refresh_due("alice@example.org", &row[i].w, NOW) != row[i].due)
			fail_msg("%s", row[i].name);
	}
}

/* Pins that were made together are not all due in the same hour. */
static void test_jitter(void **state)
{
	struct refresh_when w = {.last_seen = NOW};
	unsigned hour[24] = {0}, i, most = 0, k;
	char address[32];

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(address, sizeof(address), "u%u@example.org", i);
		for (k = 0; !refresh_due(address, &w, NOW + 6 * DAY + k * HOUR); k++)
			assert_true(k <= 24);
		hour[k > 0 ? k - 1 : 0]++;
	}
	for (i = 0; i < 24; i++)
		most = hour[i] > most ? hour[i] : most;
	assert_true(most < 100);
}

static void test_outcome(void **state)
{
	enum { NOT_ASKED, KNOWN, FAILED };
	static const struct {
		const char *name;
		enum key_status status;
		enum tofu_verdict tofu;
		int asked;
		bool revoked, was, cert, same;
		enum refresh_outcome want;
		int exit;
	} row[] = {
		{"the same", KEY_USABLE, TOFU_SAME, KNOWN, 0, 0, 0, 1, REFRESH_UNCHANGED, 0},
		{"the same, newer", KEY_USABLE, TOFU_SAME, KNOWN, 0, 0, 1, 0, REFRESH_UPDATED, 0},
		{"successor", KEY_USABLE, TOFU_SUCCESSOR, KNOWN, 0, 0, 1, 0, REFRESH_REPLACED, 0},
		{"different", KEY_CONFLICT, TOFU_HOLD, KNOWN, 0, 0, 1, 0, REFRESH_HELD, 77},
		{"directories disagree", KEY_CONFLICT, TOFU_HOLD, KNOWN, 0, 0, 0, 0,
			REFRESH_CONFLICT, 77},
		{"and no pin", KEY_CONFLICT, TOFU_NOTHING, KNOWN, 0, 0, 0, 0, REFRESH_CONFLICT, 77},
		{"vanished", KEY_USABLE, TOFU_USE_PIN, KNOWN, 0, 0, 1, 0, REFRESH_KEPT, 0},
		{"no answer, pin in use", KEY_USABLE, TOFU_USE_PIN, FAILED, 0, 0, 1, 0,
			REFRESH_UNKNOWN, 75},
		{"no answer, pin dead", KEY_UNUSABLE, TOFU_PIN_DEAD, FAILED, 0, 0, 0, 0,
			REFRESH_UNKNOWN, 75},
		{"no answer at all", KEY_UNKNOWN, TOFU_NOTHING, NOT_ASKED, 0, 0, 0, 0,
			REFRESH_UNKNOWN, 75},
		{"changed meanwhile", KEY_UNKNOWN, TOFU_SAME, KNOWN, 0, 0, 1, 0, REFRESH_UNKNOWN,
			75},
		{"revoked", KEY_UNUSABLE, TOFU_PIN_DEAD, KNOWN, 1, 0, 0, 0, REFRESH_REVOKED, 0},
		{"revoked before", KEY_UNUSABLE, TOFU_PIN_DEAD, KNOWN, 1, 1, 0, 0, REFRESH_DEAD, 0},
		{"expired", KEY_UNUSABLE, TOFU_PIN_DEAD, KNOWN, 0, 0, 0, 0, REFRESH_DEAD, 0},
		{"rejected again", KEY_CONFLICT, TOFU_REJECTED, KNOWN, 0, 0, 1, 0, REFRESH_REJECTED,
			0},
		{"a key where clear text was allowed", KEY_USABLE, TOFU_FIRST, KNOWN, 0, 0, 1, 0,
			REFRESH_PINNED, 0},
		{"another process was first", KEY_CONFLICT, TOFU_FIRST, KNOWN, 0, 0, 1, 0,
			REFRESH_CONFLICT, 77},
		{"what cannot be", KEY_USABLE, (enum tofu_verdict)99, KNOWN, 0, 0, 1, 0,
			REFRESH_KEPT, 0},
		{"not asked, pin in use", KEY_USABLE, TOFU_USE_PIN, NOT_ASKED, 0, 0, 1, 0,
			REFRESH_UNASKED, 0},
		{"not asked, pin dead", KEY_UNUSABLE, TOFU_NOTHING, NOT_ASKED, 1, 1, 0, 0,
			REFRESH_UNASKED, 0},
		{"not asked, and no key", KEY_ABSENT_UNPROVED, TOFU_NOTHING, NOT_ASKED, 0, 0, 0, 0,
			REFRESH_UNASKED, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct refresh_facts f = {.status = row[i].status,
			.seen = row[i].asked == FAILED ? KEY_UNKNOWN : KEY_ABSENT_UNPROVED,
			.asked = row[i].asked != NOT_ASKED,
			.tofu = row[i].tofu,
			.unchanged = row[i].same,
			.has_cert = row[i].cert,
			.revoked = row[i].revoked,
			.was_revoked = row[i].was};
		enum refresh_outcome got = refresh_judge(&f);

		if (got != row[i].want || refresh_exit(got, false) != row[i].exit)
			fail_msg("%s: %s", row[i].name, refresh_outcome_name(got));
	}
	assert_string_equal(refresh_outcome_name(REFRESH_UNCHANGED), "unchanged");
	assert_string_equal(refresh_outcome_name(REFRESH_UNKNOWN), "unknown");
	assert_int_equal(refresh_exit(REFRESH_UNCHANGED, true), 77);
	assert_int_equal(refresh_exit(REFRESH_UNKNOWN, true), 77);
}

static void test_noted(void **state)
{
	static const bool want[] = {[REFRESH_UNCHANGED] = false,
		[REFRESH_UPDATED] = false,
		[REFRESH_REPLACED] = false,
		[REFRESH_PINNED] = false,
		[REFRESH_HELD] = true,
		[REFRESH_CONFLICT] = true,
		[REFRESH_REVOKED] = true,
		[REFRESH_DEAD] = true,
		[REFRESH_KEPT] = true,
		[REFRESH_REJECTED] = true,
		[REFRESH_UNASKED] = false,
		[REFRESH_UNKNOWN] = false};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		if (refresh_is_noted((enum refresh_outcome)i) != want[i])
			fail_msg("%s", refresh_outcome_name((enum refresh_outcome)i));
	}
	assert_false(refresh_is_noted((enum refresh_outcome)99));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_due),
		cmocka_unit_test(test_jitter), cmocka_unit_test(test_outcome),
		cmocka_unit_test(test_noted)};

	return cmocka_run_group_tests_name("refresh", tests, NULL, NULL);
}
