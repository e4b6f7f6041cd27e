/* SPDX-License-Identifier: ISC */
/* What certificates cost in days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decide/publish_rates.h"

static void days(void **state)
{
	static const struct {
		size_t n, orders, domain;
	} rows[] = {{0, 0, 0}, {1, 1, 1}, {7, 1, 1}, {8, 1, 2}, {50, 1, 7}, {51, 1, 8},
		{2400, 1, 336}, {2401, 2, 337}, {4000, 2, 560}, {200000, 84, 28000}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%zu names\n", rows[i].n);
		assert_int_equal(publish_order_days(rows[i].n), rows[i].orders);
		assert_int_equal(publish_domain_days(rows[i].n), rows[i].domain);
	}
}

static void registered(void **state)
{
	static const struct {
		const char *host, *domain;
	} rows[] = {{"openpgpkey.example.org", "example.org"}, {"example.org", "example.org"},
		{"a.b.c.example.org", "example.org"}, {"org", "org"},
		{"mta-sts.shop.co.uk", "shop.co.uk"}, {"co.uk", "co.uk"},
		{"mta-sts.ab.uk", "ab.uk"}, {"mta-sts.co.example", "co.example"},
		{"x.cobra.uk", "cobra.uk"}, {"x.y.com.au", "y.com.au"}, {"", ""}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].host);
		assert_string_equal(publish_registered(rows[i].host), rows[i].domain);
	}
}

static void most_of_one(void **state)
{
	const char *host[] = {"openpgpkey.a.example", "mta-sts.b.example", "x.b.example",
		"mta-sts.a.example", "y.B.example", "c.example"};
	const char *of;

	(void)state;
	assert_int_equal(publish_most_of_one(host, 0, &of), 0);
	assert_null(of);
	assert_int_equal(publish_most_of_one(host, 6, &of), 3);
	assert_string_equal(publish_registered(of) + 1, ".example");
	assert_true(publish_registered(of)[0] == 'b' || publish_registered(of)[0] == 'B');
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(days), cmocka_unit_test(registered),
		cmocka_unit_test(most_of_one)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
