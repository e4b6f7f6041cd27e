/* SPDX-License-Identifier: ISC */
/* Keys in received mail: which mails count, when they were written, and which key is used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/learnt.h"
#include "decide/policy.h"

#define DAY ((int64_t)86400)
#define T (100 * DAY)

static void which_mails(void **state)
{
	static const struct {
		const char *name;
		struct learnt_mail m;
		const char *why;
	} row[] = {
		{"a mail", {.from = true}, NULL},
		{"several in From", {.from = false}, "exactly one"},
		{"a report", {.from = true, .report = true}, "report"},
		{"From rewritten", {.from = true, .rewritten = true}, "mailing list"},
		{"not signed by its domain", {.from = true, .denied = true}, "does not confirm"},
		{"resent", {.from = true, .resent = true}, "resent"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *why = learnt_skips(&row[i].m);

		if (!why != !row[i].why || (why && !strstr(why, row[i].why)))
			fail_msg("%s: %s", row[i].name, why ? why : "read");
	}
}

static void when(void **state)
{
	static const struct {
		const char *name;
		int64_t date, received, want;
	} row[] = {
		{"Date", 50, 60, 50},
		{"Date in the future", 500, 60, 60},
		{"Date behind the receipt", 70, 60, 60},
		{"no Date", -1, 60, 60},
		{"receipt unknown", 50, -1, 50},
		{"receipt unknown, Date in the future", 500, -1, 100},
		{"nothing known", -1, -1, 100},
		{"receipt in the future", 500, 400, 100},
		{"the very moment", 60, 60, 60},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (learnt_date(row[i].date, row[i].received, 100) != row[i].want)
			fail_msg("%s", row[i].name);
	}
}

#define AUTO(at) .usable = true, .last = {[LEARNT_AUTOCRYPT] = (at)}

static void which_key(void **state)
{
	static const struct {
		const char *name;
		struct learnt_key v[3];
		int64_t last_mail;
		enum source_answer want;
		size_t index;
	} row[] = {
		{"none", {{0}}, T, SOURCE_HAS_NONE, 0},
		{"usable, but never seen in a mail", {{.usable = true}}, T, SOURCE_HAS_NONE, 0},
		{"mutual", {{AUTO(T), .mutual = true}}, T, SOURCE_HAS, 0},
		{"no preference", {{AUTO(T)}}, T, SOURCE_NAMES, 0},
		{"mutual, revoked since", {{.mutual = true, .last = {[LEARNT_AUTOCRYPT] = T}}}, T,
			SOURCE_HAS_NONE, 0},
		{"attached only", {{.usable = true, .last = {[LEARNT_ATTACHED] = T}}}, T,
			SOURCE_NAMES, 0},
		{"gossip only", {{.usable = true, .last = {[LEARNT_GOSSIP] = T}, .mutual = true}},
			T, SOURCE_NAMES, 0},
		{"signature only", {{.usable = true, .last = {[LEARNT_SIGNATURE] = T}}}, T,
			SOURCE_NAMES, 0},
		{"a newer one, mutual too",
			{{AUTO(T), .mutual = true}, {AUTO(T + 1), .mutual = true}}, T + 1,
			SOURCE_HAS, 1},
		{"an older one behind it",
			{{AUTO(T + 1), .mutual = true}, {AUTO(T), .mutual = true}}, T + 1,
			SOURCE_HAS, 0},
		{"a newer one without preference", {{AUTO(T), .mutual = true}, {AUTO(T + 1)}},
			T + 1, SOURCE_NAMES, 1},
		{"a newer one by gossip does not count",
			{{AUTO(T), .mutual = true},
				{.usable = true, .last = {[LEARNT_GOSSIP] = T + 1}}},
			T + 1, SOURCE_HAS, 0},
		{"a newer one attached does not count",
			{{AUTO(T), .mutual = true},
				{.usable = true, .last = {[LEARNT_ATTACHED] = T + 1}}},
			T + 1, SOURCE_HAS, 0},
		{"the newest is unusable",
			{{AUTO(T), .mutual = true},
				{.mutual = true, .last = {[LEARNT_AUTOCRYPT] = T + 1}}},
			T + 1, SOURCE_NAMES, 0},
		{"two at once", {{AUTO(T), .mutual = true}, {AUTO(T), .mutual = true}}, T,
			SOURCE_NAMES, 0},
		{"two at once, and a newer one",
			{{AUTO(T), .mutual = true}, {AUTO(T), .mutual = true},
				{AUTO(T + 1), .mutual = true}},
			T + 1, SOURCE_HAS, 2},
		{"35 days without it", {{AUTO(T), .mutual = true}}, T + LEARNT_STALE, SOURCE_HAS,
			0},
		{"more than 35 days without it", {{AUTO(T), .mutual = true}}, T + LEARNT_STALE + 1,
			SOURCE_NAMES, 0},
		{"no mail is noted", {{AUTO(T), .mutual = true}}, 0, SOURCE_HAS, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct learnt_choice c = learnt_choose(row[i].v, 3, row[i].last_mail);

		if (c.answer != row[i].want ||
			(c.answer != SOURCE_HAS_NONE && c.index != row[i].index) ||
			!c.why != (c.answer != SOURCE_NAMES))
			fail_msg("%s: %d, %zu", row[i].name, (int)c.answer, c.index);
	}
}

/* A key is demanded, and received mail has one that is not used by itself. */
static void a_learnt_key_is_the_way_out(void **state)
{
	static const struct {
		const char *name;
		enum conf_encrypt encrypt;
		const char *learnt;
		enum policy_action action;
		bool hint;
	} row[] = {
		{"required, learnt", ENCRYPT_REQUIRE, "AAAA", ACTION_REFUSE, true},
		{"required, nothing learnt", ENCRYPT_REQUIRE, NULL, ACTION_REFUSE, false},
		{"preferred, learnt", ENCRYPT_PREFER, "AAAA", ACTION_CLEAR, false},
	};
	struct addr bob;
	size_t i;

	(void)state;
	assert_int_equal(addr_parse("bob@bank.example", &bob, NULL), 0);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.encrypt = row[i].encrypt, .mixed = MIXED_REFUSE};
		struct policy_rcpt r = {.addr = &bob,
			.key = KEY_ABSENT_PROVED,
			.domain_unserved = true,
			.learnt = row[i].learnt};
		struct policy_out out;

		policy_decide(&c, NULL, &r, 1, false, &out);
		if (out.action != row[i].action)
			fail_msg("%s: %d", row[i].name, out.action);
		if ((strncmp(out.hint, "sealpost pins accept bob@bank.example AAAA", 42) == 0) !=
			row[i].hint)
			fail_msg("%s: '%s'", row[i].name, out.hint);
	}
}

static void names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LEARNT_HOWS; i++)
		assert_int_equal(learnt_how_parse(learnt_how_name((enum learnt_how)i)), i);
	assert_int_equal(learnt_how_parse("other"), LEARNT_HOWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_mails),
		cmocka_unit_test(when),
		cmocka_unit_test(which_key),
		cmocka_unit_test(a_learnt_key_is_the_way_out),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
