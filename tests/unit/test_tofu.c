#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pgp/tofu.h"

#define A "1111111111111111111111111111111111111111"
#define B "2222222222222222222222222222222222222222"

struct row {
	const char *name;
	struct tofu_in in;
	enum tofu_verdict verdict;
};

static const struct row rows[] = {
	{"first use", {.seen = SEEN_USABLE, .seen_fpr = A}, TOFU_FIRST},
	{"no pin, unusable", {.seen = SEEN_UNUSABLE}, TOFU_NOTHING},
	{"no pin, absent", {.seen = SEEN_ABSENT}, TOFU_NOTHING},
	{"no pin, unknown", {.seen = SEEN_UNKNOWN}, TOFU_NOTHING},
	{"no pin, certified by nobody's pin",
		{.seen = SEEN_USABLE, .seen_fpr = A, .certified_by_pin = true}, TOFU_FIRST},

	{"same", {.state = PIN_TOFU, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = A}, TOFU_SAME},
	{"different", {.state = PIN_TOFU, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = B}, TOFU_HOLD},
	{"different, certified by the pin",
		{.state = PIN_TOFU, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = B,
			.certified_by_pin = true}, TOFU_SUCCESSOR},
	{"a prefix is different",
		{.state = PIN_TOFU, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = "1111"}, TOFU_HOLD},
	{"unusable", {.state = PIN_TOFU, .pin_fpr = A, .seen = SEEN_UNUSABLE}, TOFU_USE_PIN},
	{"vanished", {.state = PIN_TOFU, .pin_fpr = A, .seen = SEEN_ABSENT}, TOFU_USE_PIN},
	{"unknown", {.state = PIN_TOFU, .pin_fpr = A, .seen = SEEN_UNKNOWN}, TOFU_USE_PIN},

	{"verified, same", {.state = PIN_VERIFIED, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = A},
		TOFU_SAME},
	{"verified, different",
		{.state = PIN_VERIFIED, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = B}, TOFU_HOLD},
	{"verified, certified",
		{.state = PIN_VERIFIED, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = B,
			.certified_by_pin = true}, TOFU_SUCCESSOR},
	{"verified, vanished", {.state = PIN_VERIFIED, .pin_fpr = A, .seen = SEEN_ABSENT}, TOFU_USE_PIN},

	{"revoked, same is served",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_revoked = true, .seen = SEEN_USABLE, .seen_fpr = A},
		TOFU_PIN_DEAD},
	{"revoked, different",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_revoked = true, .seen = SEEN_USABLE, .seen_fpr = B},
		TOFU_HOLD},
	{"revoked, different, certified",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_revoked = true, .seen = SEEN_USABLE, .seen_fpr = B,
			.certified_by_pin = true}, TOFU_HOLD},
	{"revoked, absent", {.state = PIN_TOFU, .pin_fpr = A, .pin_revoked = true, .seen = SEEN_ABSENT},
		TOFU_PIN_DEAD},
	{"revoked, unknown", {.state = PIN_TOFU, .pin_fpr = A, .pin_revoked = true, .seen = SEEN_UNKNOWN},
		TOFU_PIN_DEAD},
	{"revoked, unusable",
		{.state = PIN_VERIFIED, .pin_fpr = A, .pin_revoked = true, .seen = SEEN_UNUSABLE},
		TOFU_PIN_DEAD},
	{"expired, different",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_expired = true, .seen = SEEN_USABLE, .seen_fpr = B},
		TOFU_HOLD},
	{"expired, different, certified",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_expired = true, .seen = SEEN_USABLE, .seen_fpr = B,
			.certified_by_pin = true}, TOFU_HOLD},
	{"expired, the same one prolonged",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_expired = true, .seen = SEEN_USABLE, .seen_fpr = A},
		TOFU_SAME},
	{"expired and revoked, the same",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_expired = true, .pin_revoked = true,
			.seen = SEEN_USABLE, .seen_fpr = A}, TOFU_PIN_DEAD},
	{"expired, unknown", {.state = PIN_TOFU, .pin_fpr = A, .pin_expired = true, .seen = SEEN_UNKNOWN},
		TOFU_PIN_DEAD},
	{"expired, absent", {.state = PIN_TOFU, .pin_fpr = A, .pin_expired = true, .seen = SEEN_ABSENT},
		TOFU_PIN_DEAD},

	{"rejected, seen again",
		{.state = PIN_REJECTED, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = A}, TOFU_REJECTED},
	{"rejected, a different one",
		{.state = PIN_REJECTED, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = B}, TOFU_HOLD},
	{"rejected, one that it certified",
		{.state = PIN_REJECTED, .pin_fpr = A, .seen = SEEN_USABLE, .seen_fpr = B,
			.certified_by_pin = true}, TOFU_HOLD},
	{"rejected, absent", {.state = PIN_REJECTED, .pin_fpr = A, .seen = SEEN_ABSENT}, TOFU_NOTHING},
	{"rejected, unknown", {.state = PIN_REJECTED, .pin_fpr = A, .seen = SEEN_UNKNOWN}, TOFU_NOTHING},
	{"rejected, unusable", {.state = PIN_REJECTED, .pin_fpr = A, .seen = SEEN_UNUSABLE}, TOFU_NOTHING},

	{"clear, a key appears", {.state = PIN_CLEAR, .seen = SEEN_USABLE, .seen_fpr = A}, TOFU_FIRST},
	{"clear, absent", {.state = PIN_CLEAR, .seen = SEEN_ABSENT}, TOFU_NOTHING},
	{"clear, unknown", {.state = PIN_CLEAR, .seen = SEEN_UNKNOWN}, TOFU_NOTHING},

	{"a certificate without fingerprint", {.seen = SEEN_USABLE}, TOFU_HOLD},
	{"a pin without fingerprint, a key", {.state = PIN_TOFU, .seen = SEEN_USABLE, .seen_fpr = A},
		TOFU_HOLD},
	{"a pin without fingerprint", {.state = PIN_TOFU, .seen = SEEN_ABSENT}, TOFU_PIN_DEAD},
	{"a state that is none", {.state = (enum pin_state)9, .pin_fpr = A, .seen = SEEN_ABSENT},
		TOFU_PIN_DEAD},
};

static void test_rules(void **state)
{
	struct tofu_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		out = tofu_decide(&rows[i].in);
		if (out.verdict != rows[i].verdict)
			fail_msg("%s: %d, wanted %d", rows[i].name, out.verdict, rows[i].verdict);
		assert_true(out.why && out.why[0]);
	}
}

/* Over everything that can be told: a key that was never accepted is never used, a dead one neither. */
static void test_invariants(void **state)
{
	struct tofu_in in;
	struct tofu_out out;
	unsigned n;

	(void)state;
	for (n = 0; n < 5 * 4 * 2 * 2 * 2 * 2; n++) {
		memset(&in, 0, sizeof(in));
		in.state = (enum pin_state)(n % 5);
		in.seen = (enum tofu_seen)(n / 5 % 4);
		in.pin_revoked = n / 20 & 1;
		in.pin_expired = n / 40 & 1;
		in.certified_by_pin = n / 80 & 1;
		if (in.state != PIN_NONE && in.state != PIN_CLEAR)
			memcpy(in.pin_fpr, A, sizeof(A));
		if (in.seen == SEEN_USABLE)
			memcpy(in.seen_fpr, n / 160 & 1 ? B : A, sizeof(A));
		out = tofu_decide(&in);
		if (in.pin_revoked && in.pin_fpr[0])
			assert_true(out.verdict != TOFU_USE_PIN && out.verdict != TOFU_SAME &&
				    out.verdict != TOFU_SUCCESSOR);
		if (in.state == PIN_REJECTED)
			assert_true(out.verdict == TOFU_REJECTED || out.verdict == TOFU_HOLD ||
				    out.verdict == TOFU_NOTHING);
		if (out.verdict == TOFU_SUCCESSOR)
			assert_true(in.certified_by_pin && !in.pin_revoked && !in.pin_expired);
		if (out.verdict == TOFU_FIRST)
			assert_true(!in.pin_fpr[0]);
		if (out.verdict == TOFU_SAME)
			assert_string_equal(in.pin_fpr, in.seen_fpr);
	}
}

static void test_names(void **state)
{
	enum pin_state s;

	(void)state;
	for (s = PIN_NONE; s <= PIN_CLEAR; s++)
		assert_int_equal(pin_state_parse(pin_state_name(s)), s);
	assert_string_equal(pin_state_name(PIN_VERIFIED), "verified");
	assert_string_equal(pin_state_name((enum pin_state)77), "none");
	assert_int_equal(pin_state_parse("Verified"), PIN_NONE);
	assert_int_equal(pin_state_parse(""), PIN_NONE);
	assert_int_equal(pin_state_parse(NULL), PIN_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_invariants),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
