/* SPDX-License-Identifier: ISC */
/* What was seen live, since when, and until when others may remember what it replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/live.h"
#include "store_one.h"

#define A "a.example"
#define DAY 86400
#define AT(days) (1800000000 + (days) * (int64_t)DAY)

/* A look at what is live: the day, what is seen, and for how long others keep it. */
struct sight {
	int day;
	const char *thing;
	int keep; /* days */
};

static const struct {
	int number;
	const char *what;
	struct sight sight[5];
	int until;       /* the day until which any "policy-" may be kept; -1: none */
	int until_other; /* the same of those of another number than the last; -1: none */
} rows[] = {
	{1, "one, seen once", {{1, "policy-enforce", 7}}, 8, -1},
	{2, "the same again", {{1, "policy-enforce", 7}, {3, "policy-enforce", 7}}, 10, -1},
	{3, "none takes its place, and nobody looked in between",
		{{1, "policy-enforce", 7}, {6, "left-none", 1}}, 13, 13},
	{4, "and is looked at again",
		{{1, "policy-enforce", 7}, {6, "left-none", 1}, {9, "left-none", 1}}, 13, 13},
	{5, "nobody looked for longer than it is kept",
		{{1, "policy-enforce", 7}, {30, "left-none", 1}}, 37, 37},
	{6, "a shorter one takes its place",
		{{1, "policy-enforce", 30}, {6, "policy-enforce", 1}, {8, "policy-enforce", 1}}, 36,
		36},
	{7, "one before the last stays as it was",
		{{1, "policy-enforce", 30}, {6, "policy-enforce", 7}, {20, "left-none", 1}}, 36,
		36},
	{8, "there and back",
		{{1, "policy-enforce", 7}, {2, "policy-testing", 7}, {4, "policy-enforce", 7},
			{5, "policy-enforce", 7}},
		12, -1},
	{9, "other things do not count", {{1, "policy-enforce", 7}, {6, "key-host", 0}}, 8, 8},
};

static int days_of(int64_t t)
{
	return t == 0 ? -1 : (int)((t - AT(0) + 1) / DAY);
}

static void what_may_be_kept(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sight *v = rows[i].sight;
		char domain[32];
		int64_t t;

		print_message("%d %s\n", rows[i].number, rows[i].what);
		snprintf(domain, sizeof(domain), "d%d.example", rows[i].number);
		for (k = 0; k < 5 && v[k].thing; k++) {
			if (strcmp(v[k].thing, "key-host") != 0)
				assert_int_equal(
					store_live_changed(s, domain, "policy-", v[k].thing,
						v[k].keep * DAY, AT(v[k].day), &err),
					0);
			assert_int_equal(store_live_seen(s, domain, v[k].thing, v[k].keep * DAY,
						 AT(v[k].day), &t, &err),
				0);
		}
		assert_int_equal(store_live_until(s, domain, "policy-", &t, &err), 0);
		assert_int_equal(days_of(t), rows[i].until);
		assert_int_equal(
			store_live_until_other(s, domain, "policy-", v[k - 1].keep * DAY, &t, &err),
			0);
		assert_int_equal(days_of(t), rows[i].until_other);
	}
}

static void since_when(void **state)
{
	int64_t t;

	(void)state;
	assert_int_equal(store_live_seen(s, A, "key-host", 0, AT(3), &t, &err), 0);
	assert_int_equal(days_of(t), 3);
	assert_int_equal(store_live_seen(s, A, "key-host", 0, AT(5), &t, &err), 0);
	assert_int_equal(days_of(t), 3);
	assert_int_equal(store_live_gone(s, A, "key-host", &err), 0);
	assert_int_equal(store_live_since(s, A, "key-host", &t, &err), 0);
	assert_int_equal(t, 0);
	assert_int_equal(store_live_seen(s, A, "key-host", 0, AT(9), &t, &err), 0);
	assert_int_equal(days_of(t), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_may_be_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(since_when, setup, teardown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
