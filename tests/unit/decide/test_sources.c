/* SPDX-License-Identifier: ISC */
/* The sources of a key in order: each two that differ, each that fails, and who is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/sources.h"

#define A "AAAA"
#define B "BBBB"

#define HAS(fpr)                                                                                   \
	{                                                                                          \
		SOURCE_HAS, fpr                                                                    \
	}
#define NONE                                                                                       \
	{                                                                                          \
		SOURCE_HAS_NONE, NULL                                                              \
	}
#define FAILED                                                                                     \
	{                                                                                          \
		SOURCE_FAILED, NULL                                                                \
	}
#define ASKS(fpr)                                                                                  \
	{                                                                                          \
		SOURCE_ASKS, fpr                                                                   \
	}
#define NAMES(fpr)                                                                                 \
	{                                                                                          \
		SOURCE_NAMES, fpr                                                                  \
	}
#define UNFIT                                                                                      \
	{                                                                                          \
		SOURCE_UNFIT, NULL                                                                 \
	}

static const char *const outcome[] = {
	[OUTCOME_USE] = "use",
	[OUTCOME_ABSENT] = "absent",
	[OUTCOME_NAME] = "name",
	[OUTCOME_ASK] = "ask",
	[OUTCOME_REFUSE] = "refuse",
	[OUTCOME_UNKNOWN] = "unknown",
};

struct row {
	const char *name;
	struct source_said said[SOURCES];
	enum sources_outcome want;
	enum cert_source by;
};

/* V, O, P, D: verified pin, own key, pin, domain; G, K, L: gpg keyring, key server, learnt. */
#define V [SOURCE_VERIFIED]
#define O [SOURCE_OWN]
#define P [SOURCE_PIN]
#define D [SOURCE_DOMAIN]
#define G [SOURCE_GNUPG]
#define K [SOURCE_KEYSERVER]
#define L [SOURCE_LEARNT]

static void decide_each(const struct row *row, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct sources_out o = sources_decide(row[i].said);

		if (o.outcome != row[i].want || o.by != row[i].by)
			fail_msg("%s: %s by %d", row[i].name, outcome[o.outcome], (int)o.by);
	}
}

static void two_that_differ(void **state)
{
	static const struct row row[] = {
		{"verified, own", {V = HAS(A), O = HAS(B)}, OUTCOME_USE, SOURCE_VERIFIED},
		{"verified, domain", {V = HAS(A), D = HAS(B)}, OUTCOME_USE, SOURCE_VERIFIED},
		{"verified, gpg", {V = HAS(A), D = NONE, G = HAS(B)}, OUTCOME_USE, SOURCE_VERIFIED},
		{"verified, key server", {V = HAS(A), D = NONE, K = HAS(B)}, OUTCOME_USE,
			SOURCE_VERIFIED},
		{"verified, learnt", {V = HAS(A), D = NONE, L = HAS(B)}, OUTCOME_USE,
			SOURCE_VERIFIED},
		{"own, pin", {O = HAS(A), P = HAS(B)}, OUTCOME_USE, SOURCE_OWN},
		{"own, domain", {O = HAS(A), D = HAS(B)}, OUTCOME_USE, SOURCE_OWN},
		{"own, gpg", {O = HAS(A), D = NONE, G = HAS(B)}, OUTCOME_USE, SOURCE_OWN},
		{"own, key server", {O = HAS(A), D = NONE, K = HAS(B)}, OUTCOME_USE, SOURCE_OWN},
		{"own, learnt", {O = HAS(A), D = NONE, L = HAS(B)}, OUTCOME_USE, SOURCE_OWN},
		{"pin, and the domain agrees", {P = HAS(A), D = HAS(A)}, OUTCOME_USE, SOURCE_PIN},
		{"pin, and the domain has another: held", {P = UNFIT, D = HAS(B)}, OUTCOME_REFUSE,
			SOURCE_PIN},
		{"pin, gpg", {P = HAS(A), D = NONE, G = HAS(B)}, OUTCOME_USE, SOURCE_PIN},
		{"pin, gpg asks", {P = HAS(A), D = NONE, G = ASKS(B)}, OUTCOME_USE, SOURCE_PIN},
		{"pin, key server", {P = HAS(A), D = NONE, K = HAS(B)}, OUTCOME_USE, SOURCE_PIN},
		{"pin, learnt", {P = HAS(A), D = NONE, L = HAS(B)}, OUTCOME_USE, SOURCE_PIN},
		{"a dead pin, and a candidate", {P = UNFIT, D = NONE, L = HAS(B)}, OUTCOME_REFUSE,
			SOURCE_PIN},
		{"domain, gpg", {D = HAS(A), G = HAS(B)}, OUTCOME_USE, SOURCE_DOMAIN},
		{"domain, gpg asks", {D = HAS(A), G = ASKS(B)}, OUTCOME_USE, SOURCE_DOMAIN},
		{"domain, key server", {D = HAS(A), K = HAS(B)}, OUTCOME_USE, SOURCE_DOMAIN},
		{"domain, learnt", {D = HAS(A), L = HAS(B)}, OUTCOME_USE, SOURCE_DOMAIN},
		{"what the domain has is unusable", {D = UNFIT, G = HAS(B), L = HAS(B)},
			OUTCOME_REFUSE, SOURCE_DOMAIN},
		{"gpg, key server", {D = NONE, G = HAS(A), K = HAS(B)}, OUTCOME_USE, SOURCE_GNUPG},
		{"gpg, learnt", {D = NONE, G = HAS(A), L = HAS(B)}, OUTCOME_USE, SOURCE_GNUPG},
		{"gpg asks, key server", {D = NONE, G = ASKS(A), K = HAS(B)}, OUTCOME_ASK,
			SOURCE_GNUPG},
		{"gpg asks, learnt", {D = NONE, G = ASKS(A), L = HAS(B)}, OUTCOME_ASK,
			SOURCE_GNUPG},
		{"gpg asks, and the key server has the same", {D = NONE, G = ASKS(A), K = HAS(A)},
			OUTCOME_USE, SOURCE_KEYSERVER},
		{"gpg asks, and the same was learnt", {D = NONE, G = ASKS(A), L = HAS(A)},
			OUTCOME_USE, SOURCE_LEARNT},
		{"gpg asks, and one is learnt that is not used",
			{D = NONE, G = ASKS(A), L = NAMES(A)}, OUTCOME_ASK, SOURCE_GNUPG},
		{"gpg asks, and one is learnt that is asked about",
			{D = NONE, G = ASKS(A), L = ASKS(B)}, OUTCOME_ASK, SOURCE_GNUPG},
		{"gpg asks about one whose fingerprint it does not tell",
			{D = NONE, G = ASKS(NULL), L = HAS(A)}, OUTCOME_ASK, SOURCE_GNUPG},
		{"gpg asks, and the fingerprint of what was learnt is not told",
			{D = NONE, G = ASKS(A), L = HAS(NULL)}, OUTCOME_ASK, SOURCE_GNUPG},
		{"gpg names, key server", {D = NONE, G = NAMES(A), K = HAS(B)}, OUTCOME_USE,
			SOURCE_KEYSERVER},
		{"gpg names, learnt", {D = NONE, G = NAMES(A), L = HAS(B)}, OUTCOME_USE,
			SOURCE_LEARNT},
		{"gpg names, one is learnt that is not used",
			{D = NONE, G = NAMES(A), L = NAMES(B)}, OUTCOME_NAME, SOURCE_GNUPG},
		{"key server, learnt", {D = NONE, G = NONE, K = HAS(A), L = HAS(B)}, OUTCOME_USE,
			SOURCE_KEYSERVER},
		{"only learnt", {D = NONE, G = NONE, K = NONE, L = HAS(A)}, OUTCOME_USE,
			SOURCE_LEARNT},
		{"only learnt, and not used", {D = NONE, L = NAMES(A)}, OUTCOME_NAME,
			SOURCE_LEARNT},
		{"nobody", {V = NONE, O = NONE, P = NONE, D = NONE, G = NONE, K = NONE, L = NONE},
			OUTCOME_ABSENT, SOURCE_NONE},
	};

	(void)state;
	decide_each(row, sizeof(row) / sizeof(row[0]));
}

static void one_that_fails(void **state)
{
	static const struct row row[] = {
		{"own keys, nobody has one", {O = FAILED, D = NONE}, OUTCOME_UNKNOWN, SOURCE_OWN},
		{"own keys, and the pin has one", {O = FAILED, P = HAS(A)}, OUTCOME_USE,
			SOURCE_PIN},
		{"own keys, and the domain has one", {O = FAILED, D = HAS(A)}, OUTCOME_USE,
			SOURCE_DOMAIN},
		{"own keys, and one was learnt", {O = FAILED, D = NONE, L = HAS(A)},
			OUTCOME_UNKNOWN, SOURCE_OWN},
		{"the domain", {D = FAILED}, OUTCOME_UNKNOWN, SOURCE_DOMAIN},
		{"the domain, and gpg has a key beyond doubt", {D = FAILED, G = HAS(A)},
			OUTCOME_USE, SOURCE_GNUPG},
		{"the domain, and gpg has none", {D = FAILED, G = NONE}, OUTCOME_UNKNOWN,
			SOURCE_DOMAIN},
		{"the domain, and gpg fails too", {D = FAILED, G = FAILED}, OUTCOME_UNKNOWN,
			SOURCE_DOMAIN},
		{"the domain, and the key server has one", {D = FAILED, K = HAS(A)},
			OUTCOME_UNKNOWN, SOURCE_DOMAIN},
		{"the domain, and one was learnt", {D = FAILED, L = HAS(A)}, OUTCOME_UNKNOWN,
			SOURCE_DOMAIN},
		{"the domain, and gpg asks", {D = FAILED, G = ASKS(A)}, OUTCOME_UNKNOWN,
			SOURCE_DOMAIN},
		{"own keys, and the domain was not asked", {O = FAILED}, OUTCOME_UNKNOWN,
			SOURCE_OWN},
		{"gpg", {D = NONE, G = FAILED}, OUTCOME_UNKNOWN, SOURCE_GNUPG},
		{"gpg, and the key server has one", {D = NONE, G = FAILED, K = HAS(A)},
			OUTCOME_UNKNOWN, SOURCE_GNUPG},
		{"gpg, and one was learnt", {D = NONE, G = FAILED, L = HAS(A)}, OUTCOME_UNKNOWN,
			SOURCE_GNUPG},
		{"the key server: absent stays absent", {D = NONE, G = NONE, K = FAILED, L = NONE},
			OUTCOME_ABSENT, SOURCE_NONE},
		{"the key server, and one was learnt", {D = NONE, K = FAILED, L = HAS(A)},
			OUTCOME_USE, SOURCE_LEARNT},
		{"the key server, and gpg asks", {D = NONE, G = ASKS(A), K = FAILED}, OUTCOME_ASK,
			SOURCE_GNUPG},
		{"what was learnt", {D = NONE, L = FAILED}, OUTCOME_UNKNOWN, SOURCE_LEARNT},
		{"what was learnt, and gpg has one", {D = NONE, G = HAS(A), L = FAILED},
			OUTCOME_USE, SOURCE_GNUPG},
		{"what was learnt, and gpg asks", {D = NONE, G = ASKS(A), L = FAILED}, OUTCOME_ASK,
			SOURCE_GNUPG},
		{"nobody was asked", {V = {SOURCE_UNASKED, NULL}}, OUTCOME_UNKNOWN, SOURCE_DOMAIN},
		{"all but the domain", {V = NONE, O = NONE, P = NONE, G = NONE, L = NONE},
			OUTCOME_UNKNOWN, SOURCE_DOMAIN},
	};

	(void)state;
	decide_each(row, sizeof(row) / sizeof(row[0]));
}

static void what_stands_beside(void **state)
{
	static const struct {
		const char *name;
		struct source_said said[SOURCES];
		enum cert_source asks, unread;
	} row[] = {
		{"nothing", {D = NONE}, SOURCE_NONE, SOURCE_NONE},
		{"the domain fails, and gpg asks", {D = FAILED, G = ASKS(A)}, SOURCE_GNUPG,
			SOURCE_NONE},
		{"the domain fails, and gpg fails", {D = FAILED, G = FAILED}, SOURCE_NONE,
			SOURCE_GNUPG},
		{"gpg fails, and what was learnt fails", {D = NONE, G = FAILED, L = FAILED},
			SOURCE_NONE, SOURCE_GNUPG},
		{"gpg asks, and what was learnt fails", {D = NONE, G = ASKS(A), L = FAILED},
			SOURCE_GNUPG, SOURCE_LEARNT},
		{"a key server fails", {D = NONE, K = FAILED}, SOURCE_NONE, SOURCE_NONE},
		{"the domain fails", {D = FAILED}, SOURCE_NONE, SOURCE_NONE},
		{"own keys fail", {O = FAILED, D = NONE}, SOURCE_NONE, SOURCE_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct sources_out o = sources_decide(row[i].said);

		if (o.asks != row[i].asks || o.unread != row[i].unread)
			fail_msg("%s: %d %d", row[i].name, (int)o.asks, (int)o.unread);
	}
}

static void who_is_looked_at(void **state)
{
	static const struct {
		const char *name;
		struct source_said said[SOURCES];
		bool own, gnupg, keyserver, learnt;
	} row[] = {
		{"absent", {D = NONE}, true, true, true, true},
		{"a verified pin", {V = HAS(A)}, false, false, false, false},
		{"a verified pin that has expired", {V = UNFIT}, false, false, false, false},
		{"an own key", {O = HAS(A)}, true, false, false, false},
		{"a pin", {P = HAS(A)}, true, false, false, false},
		{"the domain has one", {D = HAS(A)}, true, false, false, false},
		{"what the domain has is unusable", {D = UNFIT}, true, false, false, false},
		{"the domain fails", {D = FAILED}, true, true, false, false},
		{"the domain was not asked", {P = NONE}, true, false, false, false},
		{"own keys fail", {O = FAILED, D = NONE}, true, true, false, false},
		{"the pin fails", {V = FAILED, D = NONE}, true, true, false, false},
		{"gpg has one", {D = NONE, G = HAS(A)}, true, true, false, false},
		{"gpg asks", {D = NONE, G = ASKS(A)}, true, true, false, true},
		{"gpg names", {D = NONE, G = NAMES(A)}, true, true, true, true},
		{"gpg fails", {D = NONE, G = FAILED}, true, true, false, false},
		{"the key server has one", {D = NONE, G = NONE, K = HAS(A)}, true, true, true,
			false},
		{"the key server fails", {D = NONE, G = NONE, K = FAILED}, true, true, true, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (sources_look(SOURCE_OWN, row[i].said) != row[i].own ||
			sources_look(SOURCE_GNUPG, row[i].said) != row[i].gnupg ||
			sources_look(SOURCE_KEYSERVER, row[i].said) != row[i].keyserver ||
			sources_look(SOURCE_LEARNT, row[i].said) != row[i].learnt)
			fail_msg("%s", row[i].name);
	}
}

static void what_is_known_before(void **state)
{
	static const struct {
		const char *name;
		enum key_status status;
		bool own, by_pin;
		enum sources_outcome want;
		enum cert_source by;
	} row[] = {
		{"own", KEY_USABLE, true, true, OUTCOME_USE, SOURCE_OWN},
		{"pinned", KEY_USABLE, false, true, OUTCOME_USE, SOURCE_PIN},
		{"published", KEY_USABLE, false, false, OUTCOME_USE, SOURCE_DOMAIN},
		{"absent", KEY_ABSENT_UNPROVED, false, true, OUTCOME_ABSENT, SOURCE_NONE},
		{"absent, proved", KEY_ABSENT_PROVED, false, false, OUTCOME_ABSENT, SOURCE_NONE},
		{"unknown", KEY_UNKNOWN, false, true, OUTCOME_UNKNOWN, SOURCE_DOMAIN},
		{"unusable", KEY_UNUSABLE, false, false, OUTCOME_REFUSE, SOURCE_DOMAIN},
		{"conflict", KEY_CONFLICT, false, true, OUTCOME_REFUSE, SOURCE_PIN},
	};
	struct source_said said[SOURCES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct sources_out o;

		sources_begin(said, row[i].status, row[i].own, row[i].by_pin);
		o = sources_decide(said);
		if (o.outcome != row[i].want || o.by != row[i].by)
			fail_msg("%s: %s by %d", row[i].name, outcome[o.outcome], (int)o.by);
	}
}

static void pins_of_candidates(void **state)
{
	enum cert_source s;

	(void)state;
	for (s = SOURCE_NONE; s < SOURCES; s++) {
		const char *method = source_pin_method(s);

		assert_true((method != NULL) == (s > SOURCE_DOMAIN));
		assert_true((source_place(s) != NULL) == (method != NULL));
		if (method)
			assert_int_equal(source_of_pin(method), s);
	}
	assert_int_equal(source_of_pin("wkd-advanced"), SOURCE_NONE);
	assert_int_equal(source_of_pin(""), SOURCE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_that_differ),
		cmocka_unit_test(one_that_fails),
		cmocka_unit_test(what_stands_beside),
		cmocka_unit_test(who_is_looked_at),
		cmocka_unit_test(what_is_known_before),
		cmocka_unit_test(pins_of_candidates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
