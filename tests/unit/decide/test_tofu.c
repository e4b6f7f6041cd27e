/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/addr.h"
#include "decide/tofu.h"

#define A "1111111111111111111111111111111111111111"
#define B "2222222222222222222222222222222222222222"

struct row {
	const char *name;
	struct tofu_in in;
	enum tofu_verdict verdict;
};

static const struct row rows[] = {
	{"first use", {.seen = KEY_USABLE, .seen_fpr = A}, TOFU_FIRST},
	{"no pin, unusable", {.seen = KEY_UNUSABLE}, TOFU_NOTHING},
	{"no pin, absent", {.seen = KEY_ABSENT_UNPROVED}, TOFU_NOTHING},
	{"no pin, unknown", {.seen = KEY_UNKNOWN}, TOFU_NOTHING},
	{"no pin, certified by nobody's pin",
		{.seen = KEY_USABLE, .seen_fpr = A, .certified_by_pin = true}, TOFU_FIRST},

	{"same", {.state = PIN_TOFU, .pin_fpr = A, .seen = KEY_USABLE, .seen_fpr = A}, TOFU_SAME},
	{"different", {.state = PIN_TOFU, .pin_fpr = A, .seen = KEY_USABLE, .seen_fpr = B},
		TOFU_HOLD},
	{"different, certified by the pin",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.certified_by_pin = true},
		TOFU_SUCCESSOR},
	{"from the gpg keyring, same",
		{.state = PIN_TOFU,
			.candidate = SOURCE_GNUPG,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = A},
		TOFU_SAME},
	{"from the gpg keyring, the domain has another",
		{.state = PIN_TOFU,
			.candidate = SOURCE_GNUPG,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B},
		TOFU_SUCCESSOR},
	{"from the gpg keyring, expired, the domain has another",
		{.state = PIN_TOFU,
			.candidate = SOURCE_GNUPG,
			.pin_fpr = A,
			.pin_expired = true,
			.seen = KEY_USABLE,
			.seen_fpr = B},
		TOFU_SUCCESSOR},
	{"from the gpg keyring, the domain has a rejected one",
		{.state = PIN_TOFU,
			.candidate = SOURCE_GNUPG,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.seen_rejected = true},
		TOFU_REJECTED},
	{"from the gpg keyring, verified since",
		{.state = PIN_VERIFIED,
			.candidate = SOURCE_GNUPG,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B},
		TOFU_HOLD},
	{"from the gpg keyring, none is published",
		{.state = PIN_TOFU,
			.candidate = SOURCE_GNUPG,
			.pin_fpr = A,
			.seen = KEY_ABSENT_PROVED},
		TOFU_USE_PIN},
	{"from the gpg keyring, nobody knows",
		{.state = PIN_TOFU, .candidate = SOURCE_GNUPG, .pin_fpr = A, .seen = KEY_UNKNOWN},
		TOFU_USE_PIN},
	{"from the gpg keyring, what is published is unusable",
		{.state = PIN_TOFU, .candidate = SOURCE_GNUPG, .pin_fpr = A, .seen = KEY_UNUSABLE},
		TOFU_USE_PIN},
	{"from the gpg keyring, revoked, none is published",
		{.state = PIN_TOFU,
			.candidate = SOURCE_GNUPG,
			.pin_fpr = A,
			.pin_revoked = true,
			.seen = KEY_ABSENT_PROVED},
		TOFU_PIN_DEAD},
	{"a prefix is different",
		{.state = PIN_TOFU, .pin_fpr = A, .seen = KEY_USABLE, .seen_fpr = "1111"},
		TOFU_HOLD},
	{"unusable", {.state = PIN_TOFU, .pin_fpr = A, .seen = KEY_UNUSABLE}, TOFU_USE_PIN},
	{"lapsed", {.state = PIN_TOFU, .pin_fpr = A, .pin_lapsed = true, .seen = KEY_UNUSABLE},
		TOFU_PIN_DEAD},
	{"lapsed, verified",
		{.state = PIN_VERIFIED, .pin_fpr = A, .pin_lapsed = true, .seen = KEY_UNUSABLE},
		TOFU_PIN_DEAD},
	{"lapsed by one method, the other failed",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_lapsed = true, .seen = KEY_UNKNOWN},
		TOFU_PIN_DEAD},
	{"lapsed, different",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_lapsed = true,
			.seen = KEY_USABLE,
			.seen_fpr = B},
		TOFU_HOLD},
	{"lapsed, different, certified: the primary key is as it was",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_lapsed = true,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.certified_by_pin = true},
		TOFU_SUCCESSOR},
	{"expired, lapsed, different, certified",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_expired = true,
			.pin_lapsed = true,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.certified_by_pin = true},
		TOFU_HOLD},
	{"vanished", {.state = PIN_TOFU, .pin_fpr = A, .seen = KEY_ABSENT_UNPROVED}, TOFU_USE_PIN},
	{"unknown", {.state = PIN_TOFU, .pin_fpr = A, .seen = KEY_UNKNOWN}, TOFU_USE_PIN},

	{"verified, same", {.state = PIN_VERIFIED, .pin_fpr = A, .seen = KEY_USABLE, .seen_fpr = A},
		TOFU_SAME},
	{"verified, different",
		{.state = PIN_VERIFIED, .pin_fpr = A, .seen = KEY_USABLE, .seen_fpr = B},
		TOFU_HOLD},
	{"verified, certified",
		{.state = PIN_VERIFIED,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.certified_by_pin = true},
		TOFU_HOLD},
	{"verified, vanished", {.state = PIN_VERIFIED, .pin_fpr = A, .seen = KEY_ABSENT_UNPROVED},
		TOFU_USE_PIN},

	{"revoked, same is served",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_revoked = true,
			.seen = KEY_USABLE,
			.seen_fpr = A},
		TOFU_PIN_DEAD},
	{"revoked, different",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_revoked = true,
			.seen = KEY_USABLE,
			.seen_fpr = B},
		TOFU_HOLD},
	{"revoked, different, certified",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_revoked = true,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.certified_by_pin = true},
		TOFU_HOLD},
	{"revoked, absent",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_revoked = true, .seen = KEY_ABSENT_UNPROVED},
		TOFU_PIN_DEAD},
	{"revoked, unknown",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_revoked = true, .seen = KEY_UNKNOWN},
		TOFU_PIN_DEAD},
	{"revoked, unusable",
		{.state = PIN_VERIFIED, .pin_fpr = A, .pin_revoked = true, .seen = KEY_UNUSABLE},
		TOFU_PIN_DEAD},
	{"expired, different",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_expired = true,
			.seen = KEY_USABLE,
			.seen_fpr = B},
		TOFU_HOLD},
	{"expired, different, certified",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_expired = true,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.certified_by_pin = true},
		TOFU_HOLD},
	{"expired, the same one prolonged",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_expired = true,
			.seen = KEY_USABLE,
			.seen_fpr = A},
		TOFU_SAME},
	{"expired and revoked, the same",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_expired = true,
			.pin_revoked = true,
			.seen = KEY_USABLE,
			.seen_fpr = A},
		TOFU_PIN_DEAD},
	{"expired, unknown",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_expired = true, .seen = KEY_UNKNOWN},
		TOFU_PIN_DEAD},
	{"expired, absent",
		{.state = PIN_TOFU, .pin_fpr = A, .pin_expired = true, .seen = KEY_ABSENT_UNPROVED},
		TOFU_PIN_DEAD},

	{"rejected, seen again",
		{.state = PIN_REJECTED, .pin_fpr = A, .seen = KEY_USABLE, .seen_fpr = A},
		TOFU_REJECTED},
	{"rejected, a different one",
		{.state = PIN_REJECTED, .pin_fpr = A, .seen = KEY_USABLE, .seen_fpr = B},
		TOFU_HOLD},
	{"rejected, one that it certified",
		{.state = PIN_REJECTED,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.certified_by_pin = true},
		TOFU_HOLD},
	{"rejected earlier, seen again: the pin stays",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.seen_rejected = true},
		TOFU_REJECTED},
	{"rejected earlier, and certified by the pin",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.seen_rejected = true,
			.certified_by_pin = true},
		TOFU_REJECTED},
	{"rejected earlier, beside a verified pin",
		{.state = PIN_VERIFIED,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.seen_rejected = true},
		TOFU_REJECTED},
	{"rejected earlier, and the pin is revoked",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_revoked = true,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.seen_rejected = true},
		TOFU_REJECTED},
	{"rejected earlier, and the pin has expired",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.pin_expired = true,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.seen_rejected = true},
		TOFU_REJECTED},
	{"rejected earlier, the pin was rejected too",
		{.state = PIN_REJECTED,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = B,
			.seen_rejected = true},
		TOFU_REJECTED},
	{"rejected earlier, and the pin forgotten: no first use",
		{.seen = KEY_USABLE, .seen_fpr = B, .seen_rejected = true}, TOFU_REJECTED},
	{"rejected earlier, and clear text allowed since: it does not win",
		{.state = PIN_CLEAR, .seen = KEY_USABLE, .seen_fpr = B, .seen_rejected = true},
		TOFU_REJECTED},
	{"rejected earlier, and it is the pin all the same",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.seen = KEY_USABLE,
			.seen_fpr = A,
			.seen_rejected = true},
		TOFU_REJECTED},
	{"rejected earlier, vanished since",
		{.state = PIN_TOFU,
			.pin_fpr = A,
			.seen = KEY_ABSENT_UNPROVED,
			.seen_rejected = true},
		TOFU_USE_PIN},
	{"rejected, absent", {.state = PIN_REJECTED, .pin_fpr = A, .seen = KEY_ABSENT_UNPROVED},
		TOFU_NOTHING},
	{"rejected, unknown", {.state = PIN_REJECTED, .pin_fpr = A, .seen = KEY_UNKNOWN},
		TOFU_NOTHING},
	{"rejected, unusable", {.state = PIN_REJECTED, .pin_fpr = A, .seen = KEY_UNUSABLE},
		TOFU_NOTHING},

	{"clear, a key appears", {.state = PIN_CLEAR, .seen = KEY_USABLE, .seen_fpr = A},
		TOFU_FIRST},
	{"clear, absent", {.state = PIN_CLEAR, .seen = KEY_ABSENT_UNPROVED}, TOFU_NOTHING},
	{"clear, unknown", {.state = PIN_CLEAR, .seen = KEY_UNKNOWN}, TOFU_NOTHING},

	{"a certificate without fingerprint", {.seen = KEY_USABLE}, TOFU_HOLD},
	{"a pin without fingerprint, a key", {.state = PIN_TOFU, .seen = KEY_USABLE, .seen_fpr = A},
		TOFU_HOLD},
	{"a pin without fingerprint", {.state = PIN_TOFU, .seen = KEY_ABSENT_UNPROVED},
		TOFU_PIN_DEAD},
	{"a state that is none",
		{.state = (enum pin_state)9, .pin_fpr = A, .seen = KEY_ABSENT_UNPROVED},
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

/* Over everything that can be told: a key that was never accepted is never used, a dead one
 * neither. */
static void test_invariants(void **state)
{
	struct tofu_in in;
	struct tofu_out out;
	unsigned n;

	(void)state;
	for (n = 0; n < 5 * 4 * 2 * 2 * 2 * 2 * 2 * 2 * 2; n++) {
		memset(&in, 0, sizeof(in));
		in.state = (enum pin_state)(n % 5);
		in.seen = (enum key_status)(n / 5 % 4);
		in.pin_revoked = n / 20 & 1;
		in.pin_expired = n / 40 & 1;
		in.certified_by_pin = n / 80 & 1;
		in.seen_rejected = n / 320 & 1;
		in.candidate = n / 640 & 1 ? SOURCE_GNUPG : SOURCE_NONE;
		in.pin_lapsed = n / 1280 & 1 && in.seen != KEY_USABLE;
		if (in.state != PIN_NONE && in.state != PIN_CLEAR)
			memcpy(in.pin_fpr, A, sizeof(A));
		if (in.seen == KEY_USABLE)
			memcpy(in.seen_fpr, n / 160 & 1 ? B : A, sizeof(A));
		out = tofu_decide(&in);
		if (in.pin_revoked && in.pin_fpr[0])
			assert_true(out.verdict != TOFU_USE_PIN && out.verdict != TOFU_SAME &&
				    (out.verdict != TOFU_SUCCESSOR || in.candidate != SOURCE_NONE));
		if (in.state == PIN_REJECTED)
			assert_true(out.verdict == TOFU_REJECTED || out.verdict == TOFU_HOLD ||
				    out.verdict == TOFU_NOTHING);
		if (out.verdict == TOFU_SUCCESSOR)
			assert_true(in.state == PIN_TOFU && !in.seen_rejected &&
				    (in.candidate != SOURCE_NONE ||
					    (in.certified_by_pin && !in.pin_revoked &&
						    !in.pin_expired)));
		if (out.verdict == TOFU_FIRST)
			assert_true(!in.pin_fpr[0]);
		if (in.seen == KEY_USABLE && in.seen_rejected)
			assert_int_equal(out.verdict, TOFU_REJECTED);
		/* A pin that is used, or may stay in use, is one in good order. */
		if (out.verdict == TOFU_USE_PIN ||
			(out.verdict == TOFU_SUCCESSOR && !in.candidate != SOURCE_NONE))
			assert_true(out.pin_good);
		if (out.pin_good)
			assert_true((in.state == PIN_TOFU || in.state == PIN_VERIFIED) &&
				    !in.pin_revoked && !in.pin_expired && !in.pin_lapsed);
		if (out.pin_good && in.seen_rejected && in.seen == KEY_USABLE)
			assert_string_not_equal(in.pin_fpr, in.seen_fpr);
		if (out.verdict == TOFU_SAME)
			assert_string_equal(in.pin_fpr, in.seen_fpr);
	}
}

/* What one method shows, of which the rules see one: the pinned one whenever it is usable. */
static void test_several_certificates(void **state)
{
	static const struct {
		const char *name;
		struct cert v[3];
		size_t n;
		enum tofu_verdict verdict;
	} row[] = {
		{"the pinned one is older than another",
			{{.fpr = A, .created = 1}, {.fpr = B, .created = 2}}, 2, TOFU_SAME},
		{"the pinned one is last", {{.fpr = B, .created = 2}, {.fpr = A, .created = 3}}, 2,
			TOFU_SAME},
		{"the pinned one is not usable",
			{{.fpr = A, .use = CERT_REVOKED, .created = 1}, {.fpr = B, .created = 2}},
			2, TOFU_HOLD},
		{"the pinned one is not among them",
			{{.fpr = B, .created = 2}, {.fpr = "33", .created = 1}}, 2, TOFU_HOLD},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct cert_set set = {.v = (struct cert *)row[i].v, .n = row[i].n};
		const struct cert *c = cert_set_choose(&set, A);
		struct tofu_in in = {.state = PIN_TOFU, .pin_fpr = A, .seen = KEY_USABLE};

		assert_non_null(c);
		memcpy(in.seen_fpr, c->fpr, sizeof(in.seen_fpr));
		if (tofu_decide(&in).verdict != row[i].verdict)
			fail_msg("%s", row[i].name);
	}
}

/* The forms of one address that share a pin, and those that do not. */
static void test_one_name_one_pin(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} row[] = {
		{"alice@example.org", "Alice@EXAMPLE.org", true},
		{"alice@b\xc3\xbc"
		 "cher.example",
			"ALICE@XN--BCHER-KVA.Example", true},
		{"alice@B\xc3\x9c"
		 "CHER.example",
			"alice@xn--bcher-kva.example", true},
		{"\"alice\"@example.org", "alice@example.org", true},
		{"alice@example.org", "alice@example.net", false},
		{"alice@example.org", "a.lice@example.org", false},
		{"\xc3\xbc@example.org", "\xc3\x9c@example.org", false}, /* only ASCII is folded */
	};
	struct err err = ERR_INIT;
	struct addr a, b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (addr_parse(row[i].a, &a, &err) < 0 || addr_parse(row[i].b, &b, &err) < 0)
			fail_msg("%s", err.msg);
		if ((strcmp(a.name, b.name) == 0) != row[i].same)
			fail_msg("%s and %s: %s, %s", row[i].a, row[i].b, a.name, b.name);
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

static void what_cannot_be_seen_teaches_nothing(void **state)
{
	const struct tofu_in in = {
		.state = PIN_TOFU, .pin_fpr = "AA", .seen = (enum key_status)99, .seen_fpr = "BB"};

	(void)state;
	assert_int_equal(tofu_decide(&in).verdict, TOFU_USE_PIN);
}

static void each_verdict_has_an_effect(void **state)
{
	static const struct {
		const char *name;
		struct tofu_out o;
		enum tofu_effect want;
	} row[] = {
		{"nothing", {.verdict = TOFU_NOTHING}, EFFECT_AS_SEEN},
		{"first use", {.verdict = TOFU_FIRST}, EFFECT_AS_SEEN},
		{"the same", {.verdict = TOFU_SAME, .pin_good = true}, EFFECT_AS_SEEN},
		{"a successor", {.verdict = TOFU_SUCCESSOR, .pin_good = true}, EFFECT_AS_SEEN},
		{"the pin stays", {.verdict = TOFU_USE_PIN, .pin_good = true}, EFFECT_PIN},
		{"held", {.verdict = TOFU_HOLD, .pin_good = true}, EFFECT_CONFLICT},
		{"rejected beside a good pin", {.verdict = TOFU_REJECTED, .pin_good = true},
			EFFECT_PIN},
		{"rejected", {.verdict = TOFU_REJECTED}, EFFECT_CONFLICT},
		{"the pin is dead", {.verdict = TOFU_PIN_DEAD}, EFFECT_UNUSABLE},
		{"what cannot be", {.verdict = (enum tofu_verdict)99}, EFFECT_AS_SEEN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (tofu_effect(&row[i].o) != row[i].want)
			fail_msg("%s: %d", row[i].name, (int)tofu_effect(&row[i].o));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verdict_has_an_effect),
		cmocka_unit_test(what_cannot_be_seen_teaches_nothing),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_invariants),
		cmocka_unit_test(test_several_certificates),
		cmocka_unit_test(test_one_name_one_pin),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
