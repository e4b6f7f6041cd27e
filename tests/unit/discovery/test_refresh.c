/* SPDX-License-Identifier: ISC */
/* When a pin is due, and what an answer means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "discovery/refresh_outcome.h"

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

/* The log of the pins; what comes there. */
static char noted[REFRESH_REASON_MAX];

int store_log(
	struct store *s, const char *address, const char *event, const char *what, struct err *err)
{
	(void)s;
	(void)err;
	snprintf(noted, sizeof(noted), "%s %s %s", address, event, what);
	return 0;
}

int store_log_each(struct store *s, const char *address, int (*fn)(const struct log_line *, void *),
	void *arg, struct err *err)
{
	(void)s;
	(void)address;
	(void)fn;
	(void)arg;
	(void)err;
	return 0;
}

static struct pin pinned(bool revoked)
{
	struct pin p = {.state = PIN_TOFU, .fpr = "AA", .revoked = revoked, .n_enc = 1};

	return p;
}

static void test_outcome(void **state)
{
	enum { NOT_ASKED, KNOWN, FAILED };
	static const struct {
		const char *name;
		enum verdict_status status;
		enum tofu_verdict tofu;
		int asked;
		bool revoked, was, cert;
		enum refresh_outcome want;
		int exit;
	} row[] = {
		{"the same", VERDICT_USABLE, TOFU_SAME, KNOWN, 0, 0, 0, REFRESH_UNCHANGED, 0},
		{"successor", VERDICT_USABLE, TOFU_SUCCESSOR, KNOWN, 0, 0, 1, REFRESH_REPLACED, 0},
		{"different", VERDICT_CONFLICT, TOFU_HOLD, KNOWN, 0, 0, 1, REFRESH_HELD, 77},
		{"directories disagree", VERDICT_CONFLICT, TOFU_HOLD, KNOWN, 0, 0, 0,
			REFRESH_CONFLICT, 77},
		{"and no pin", VERDICT_CONFLICT, TOFU_NOTHING, KNOWN, 0, 0, 0, REFRESH_CONFLICT,
			77},
		{"vanished", VERDICT_USABLE, TOFU_USE_PIN, KNOWN, 0, 0, 1, REFRESH_KEPT, 0},
		{"no answer, pin in use", VERDICT_USABLE, TOFU_USE_PIN, FAILED, 0, 0, 1,
			REFRESH_UNKNOWN, 75},
		{"no answer, pin dead", VERDICT_UNUSABLE, TOFU_PIN_DEAD, FAILED, 0, 0, 0,
			REFRESH_UNKNOWN, 75},
		{"no answer at all", VERDICT_UNKNOWN, TOFU_NOTHING, NOT_ASKED, 0, 0, 0,
			REFRESH_UNKNOWN, 75},
		{"changed meanwhile", VERDICT_UNKNOWN, TOFU_SAME, KNOWN, 0, 0, 1, REFRESH_UNKNOWN,
			75},
		{"revoked", VERDICT_UNUSABLE, TOFU_PIN_DEAD, KNOWN, 1, 0, 0, REFRESH_REVOKED, 0},
		{"revoked before", VERDICT_UNUSABLE, TOFU_PIN_DEAD, KNOWN, 1, 1, 0, REFRESH_DEAD,
			0},
		{"expired", VERDICT_UNUSABLE, TOFU_PIN_DEAD, KNOWN, 0, 0, 0, REFRESH_DEAD, 0},
		{"rejected again", VERDICT_CONFLICT, TOFU_REJECTED, KNOWN, 0, 0, 1,
			REFRESH_REJECTED, 0},
		{"a key where clear text was allowed", VERDICT_USABLE, TOFU_FIRST, KNOWN, 0, 0, 1,
			REFRESH_PINNED, 0},
		{"another process was first", VERDICT_CONFLICT, TOFU_FIRST, KNOWN, 0, 0, 1,
			REFRESH_CONFLICT, 77},
		{"not asked, pin in use", VERDICT_USABLE, TOFU_USE_PIN, NOT_ASKED, 0, 0, 1,
			REFRESH_UNASKED, 0},
		{"not asked, pin dead", VERDICT_UNUSABLE, TOFU_NOTHING, NOT_ASKED, 1, 1, 0,
			REFRESH_UNASKED, 0},
		{"not asked, and no key", VERDICT_ABSENT, TOFU_NOTHING, NOT_ASKED, 0, 0, 0,
			REFRESH_UNASKED, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct finding f = {.status = row[i].status,
			.tofu = row[i].tofu,
			.asked = row[i].asked == NOT_ASKED ? 0 : NOW};
		enum refresh_outcome got;

		f.seen = row[i].asked == FAILED ? VERDICT_UNKNOWN : VERDICT_ABSENT;
		f.pin = pinned(row[i].revoked);
		f.cert.n_enc = 1;
		if (row[i].cert)
			memcpy(f.cert.fpr, "BB", 3);
		got = refresh_outcome(&f, row[i].was);
		if (got != row[i].want || refresh_exit(got, false) != row[i].exit)
			fail_msg("%s: %s", row[i].name, refresh_outcome_name(got));
	}
	assert_int_equal(refresh_exit(REFRESH_UNCHANGED, true), 77);
	assert_int_equal(refresh_exit(REFRESH_UNKNOWN, true), 77);
}

/* Each attempt that was answered without the key, and nothing else. */
static void test_note(void **state)
{
	static const struct addr a = {.name = "a@b.example"};
	static const struct finding f = {.addr = &a};
	static const struct {
		enum refresh_outcome outcome;
		const char *noted;
	} row[] = {
		{REFRESH_UNCHANGED, ""},
		{REFRESH_UPDATED, ""},
		{REFRESH_REPLACED, ""},
		{REFRESH_PINNED, ""},
		{REFRESH_HELD, "a@b.example asked held"},
		{REFRESH_CONFLICT, "a@b.example asked conflict"},
		{REFRESH_REVOKED, "a@b.example asked revoked"},
		{REFRESH_DEAD, "a@b.example asked dead"},
		{REFRESH_KEPT, "a@b.example asked kept"},
		{REFRESH_REJECTED, "a@b.example asked rejected"},
		{REFRESH_UNASKED, ""},
		{REFRESH_UNKNOWN, ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		noted[0] = '\0';
		assert_int_equal(refresh_note(NULL, &f, row[i].outcome, NULL), 0);
		assert_string_equal(noted, row[i].noted);
	}
}

static void test_changed(void **state)
{
	static uint8_t a[] = {1, 2}, b[] = {1, 3};
	struct finding f = {.status = VERDICT_USABLE, .tofu = TOFU_SAME, .asked = NOW};
	char reason[REFRESH_REASON_MAX];

	(void)state;
	f.pin = pinned(false);
	f.pin.cert = a;
	f.cert.data = b;
	f.pin.cert_len = f.cert.len = 2;
	f.cert.n_enc = 1;
	assert_int_equal(refresh_outcome(&f, false), REFRESH_UPDATED);
	refresh_reason(reason, &f, REFRESH_UPDATED);
	assert_non_null(strstr(reason, "new signatures"));
	f.cert.enc_keyid[0] = 7;
	refresh_reason(reason, &f, REFRESH_UPDATED);
	assert_non_null(strstr(reason, "other encryption keys"));
	f.cert.expires = NOW;
	refresh_reason(reason, &f, REFRESH_UPDATED);
	assert_string_equal(reason,
		"the pinned key now expires 2027-01-15, before: never; other encryption keys");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_outcome),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
