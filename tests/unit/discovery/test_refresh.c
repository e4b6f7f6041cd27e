/* SPDX-License-Identifier: ISC */
/* What came of asking about a pin again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "discovery/refresh_outcome.h"

#define NOW ((int64_t)1800000000)

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
	struct finding f = {.status = KEY_USABLE, .tofu = TOFU_SAME, .asked = NOW};
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
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
