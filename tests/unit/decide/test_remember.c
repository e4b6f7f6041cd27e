/* SPDX-License-Identifier: ISC */
/* For how long an answer is good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/remember.h"

#define NOW ((int64_t)1000000)

static const struct method_result wkd = {.method = METHOD_WKD_ADVANCED, .ttl = 7},
				  dane = {.method = METHOD_OPENPGPKEY, .ttl = 7},
				  slow = {.method = METHOD_OPENPGPKEY, .ttl = 70000},
				  unsaid = {.method = METHOD_OPENPGPKEY},
				  down = {.method = METHOD_WKD_ADVANCED,
					  .status = METHOD_FAILED,
					  .proxy_down = true};

static void a_key(void **state)
{
	static const struct {
		const char *name;
		enum verdict_status status;
		bool proved;
		const struct method_result *method;
		int found, absent, failed;
		int64_t want;
	} row[] = {
		{"found by WKD", VERDICT_USABLE, false, &wkd, 1000, 500, 20, 1000},
		{"a record's own time", VERDICT_USABLE, false, &dane, 1000, 500, 20, 7},
		{"a record's longer time", VERDICT_USABLE, false, &slow, 1000, 500, 20, 1000},
		{"a record without", VERDICT_USABLE, false, &unsaid, 1000, 500, 20, 1000},
		{"by no method", VERDICT_USABLE, false, NULL, 1000, 500, 20, 1000},
		{"unusable", VERDICT_UNUSABLE, false, &wkd, 1000, 500, 20, REMEMBER_FIXING_MAX},
		{"unusable, set shorter", VERDICT_UNUSABLE, false, &wkd, 100, 500, 20, 100},
		{"in conflict", VERDICT_CONFLICT, false, &wkd, 1000, 500, 20, REMEMBER_FIXING_MAX},
		{"absent, proved", VERDICT_ABSENT, true, &wkd, 1000, 500, 20, 500},
		{"absent, proved, long", VERDICT_ABSENT, true, NULL, 1000, 86400, 20, 86400},
		{"absent", VERDICT_ABSENT, false, &wkd, 1000, 500, 20, REMEMBER_UNPROVED_MAX},
		{"absent, set longer", VERDICT_ABSENT, false, NULL, 1000, 86400, 86400,
			REMEMBER_UNPROVED_MAX},
		{"absent, set shorter", VERDICT_ABSENT, false, &wkd, 1000, 30, 20, 30},
		{"absent, not kept", VERDICT_ABSENT, false, &wkd, 1000, 0, 20, 0},
		{"unknown", VERDICT_UNKNOWN, false, NULL, 1000, 500, 20, 20},
		{"unknown, by a method", VERDICT_UNKNOWN, false, &wkd, 1000, 500, 20, 20},
		{"unknown, not kept", VERDICT_UNKNOWN, true, &dane, 1000, 500, 0, 0},
		{"what cannot be", (enum verdict_status)99, true, &wkd, 1000, 500, 20, 20},
		{"the proxy is down, which is fixed here", VERDICT_UNKNOWN, false, &down, 1000, 500,
			60, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.cache_found = row[i].found,
			.cache_absent = row[i].absent,
			.cache_failed = row[i].failed};
		struct verdict v = {
			.status = row[i].status, .proved = row[i].proved, .method = row[i].method};

		if (remember_key(&c, &v) != row[i].want)
			fail_msg("%s: %lld", row[i].name, (long long)remember_key(&c, &v));
	}
}

static void what_is_kept_grows_old(void **state)
{
	static const struct {
		const char *name;
		enum verdict_status status;
		bool proved;
		int64_t ago, keep;
		bool stale;
	} row[] = {
		{"usable, new", VERDICT_USABLE, false, 0, 1000, false},
		{"usable, nearly old", VERDICT_USABLE, false, 900, 1000, false},
		{"usable, old", VERDICT_USABLE, false, 1000, 1000, true},
		{"of the future", VERDICT_USABLE, false, -5, 1000, true},
		{"the setting was longer", VERDICT_USABLE, false, 5, 2000, true},
		{"unusable", VERDICT_UNUSABLE, false, 5, 300, false},
		{"it was usable then", VERDICT_UNUSABLE, false, 5, 1000, true},
		{"proved", VERDICT_ABSENT, true, 480, 500, false},
		{"proved, old", VERDICT_ABSENT, true, 500, 1000, true},
		{"unproved", VERDICT_ABSENT, false, 280, 300, false},
		{"unproved, old", VERDICT_ABSENT, false, 300, 300, true},
		{"kept as if it were proved", VERDICT_ABSENT, false, 10, 500, true},
		{"unknown", VERDICT_UNKNOWN, false, 10, 20, false},
		{"unknown, old", VERDICT_UNKNOWN, false, 20, 20, true},
	};
	struct conf c = {.cache_found = 1000, .cache_absent = 500, .cache_failed = 20};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct verdict v = {.status = row[i].status, .proved = row[i].proved};

		if (remember_stale(&c, &v, NOW - row[i].ago, row[i].keep, NOW) != row[i].stale)
			fail_msg("%s", row[i].name);
	}
}

static void a_protection(void **state)
{
	static const struct {
		const char *name;
		enum protection_kind kind;
		int64_t expires, want;
	} row[] = {
		{"DANE", PROTECTION_DANE, 0, REMEMBER_BOUND},
		{"a policy", PROTECTION_MTA_STS, NOW + 86400, REMEMBER_BOUND},
		{"a policy that ends before", PROTECTION_MTA_STS, NOW + 7, 7},
		{"a policy that has ended", PROTECTION_MTA_STS, NOW, 0},
		{"nothing", PROTECTION_NONE, 0, REMEMBER_UNBOUND},
		{"cannot be told", PROTECTION_UNKNOWN, NOW + 86400, 0},
		{"what cannot be", (enum protection_kind)99, NOW + 86400, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct protection p = {.kind = row[i].kind};

		if (remember_protection(&p, row[i].expires, NOW) != row[i].want)
			fail_msg("%s", row[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_key),
		cmocka_unit_test(what_is_kept_grows_old), cmocka_unit_test(a_protection)};

	return cmocka_run_group_tests_name("remember", tests, NULL, NULL);
}
