/* SPDX-License-Identifier: ISC */
/* Which of the certificates of one address go out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decide/publish_keys.h"

#define N 3
#define OK CERT_USABLE
#define OUT CHOICE_PUBLISH
#define BAD CHOICE_UNUSABLE

static const struct {
	int number;
	const char *what;
	size_t n;
	struct key_fact fact[N];
	enum key_choice want[N];
} rows[] = {
	{1, "one usable", 1, {{OK, 1, false}}, {OUT}},
	{2, "one revoked", 1, {{CERT_REVOKED, 1, false}}, {BAD}},
	{3, "one expired", 1, {{CERT_EXPIRED, 1, false}}, {BAD}},
	{4, "one weak", 1, {{CERT_WEAK, 1, false}}, {BAD}},
	{5, "a usable one beside a revoked", 2, {{CERT_REVOKED, 1, false}, {OK, 2, false}},
		{OUT, OUT}},
	{6, "a usable one beside an expired", 2, {{OK, 2, false}, {CERT_EXPIRED, 1, false}},
		{OUT, OUT}},
	{7, "a usable one beside a weak", 2, {{OK, 2, false}, {CERT_WEAK, 1, false}}, {OUT, BAD}},
	{8, "a usable one beside an unreadable", 2, {{CERT_UNSUPPORTED, 0, false}, {OK, 2, false}},
		{BAD, OUT}},
	{9, "a usable one beside one whose User ID is revoked", 2,
		{{OK, 2, false}, {CERT_UID_REVOKED, 1, false}}, {OUT, BAD}},
	{10, "revoked and expired", 2, {{CERT_REVOKED, 2, false}, {CERT_EXPIRED, 1, false}},
		{BAD, BAD}},
	{11, "two usable, the newer certified", 2, {{OK, 1, false}, {OK, 2, true}}, {OUT, OUT}},
	{12, "the same in the other order", 2, {{OK, 2, true}, {OK, 1, false}}, {OUT, OUT}},
	{13, "two usable, not certified", 2, {{OK, 1, false}, {OK, 2, false}},
		{CHOICE_TWO, CHOICE_TWO}},
	{14, "two usable, the older certified by the newer", 2, {{OK, 1, true}, {OK, 2, false}},
		{CHOICE_TWO, CHOICE_TWO}},
	{15, "two of one age", 2, {{OK, 2, true}, {OK, 2, true}}, {CHOICE_TWO, CHOICE_TWO}},
	{16, "two usable not certified, and a revoked", 3,
		{{OK, 1, false}, {CERT_REVOKED, 0, false}, {OK, 2, false}},
		{CHOICE_TWO, BAD, CHOICE_TWO}},
	{17, "two usable certified, and a revoked", 3,
		{{OK, 1, false}, {CERT_REVOKED, 0, false}, {OK, 2, true}}, {OUT, OUT, OUT}},
	{18, "three usable", 3, {{OK, 1, false}, {OK, 2, true}, {OK, 3, true}},
		{CHOICE_MANY, CHOICE_MANY, CHOICE_MANY}},
	{20, "a revoked one that was published", 1, {{CERT_REVOKED, 1, false, true}}, {OUT}},
	{21, "an expired one that was published", 1, {{CERT_EXPIRED, 1, false, true}}, {BAD}},
	{22, "a revoked one that was published, beside a weak", 2,
		{{CERT_REVOKED, 1, false, true}, {CERT_WEAK, 1, false}}, {OUT, BAD}},
	{23, "the same beside two usable that do not know each other", 3,
		{{OK, 1, false}, {CERT_REVOKED, 0, false, true}, {OK, 2, false}},
		{CHOICE_TWO, OUT, CHOICE_TWO}},
	{24, "one revoked that was published, one that was not", 2,
		{{CERT_REVOKED, 1, false, true}, {CERT_REVOKED, 2, false}}, {OUT, BAD}},
	{19, "none", 0, {{OK, 0, false}}, {BAD}},
};

static void choices(void **state)
{
	enum key_choice got[N];
	size_t i, k;
	bool any;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%d %s\n", rows[i].number, rows[i].what);
		any = false;
		(void)publish_choose_keys(rows[i].fact, rows[i].n, got);
		for (k = 0; k < rows[i].n; k++) {
			assert_int_equal(got[k], rows[i].want[k]);
			any |= got[k] == CHOICE_PUBLISH;
		}
		assert_int_equal(publish_choose_keys(rows[i].fact, rows[i].n, got), any);
	}
}

/* Of two that were made in the same second none is the newer. */
static void twins_need_no_certification(void **state)
{
	const struct key_fact twin[2] = {
		{.use = CERT_USABLE, .created = 7}, {.use = CERT_USABLE, .created = 7}};
	size_t older, newer;

	(void)state;
	assert_false(publish_needs_certification(twin, 2, &older, &newer));
	assert_false(publish_needs_certification(twin, 1, &older, &newer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twins_need_no_certification), cmocka_unit_test(choices)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
