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
		enum key_status status;
		const struct method_result *method;
		int found, absent, failed;
		int64_t want;
	} row[] = {
		{"found by WKD", KEY_USABLE, &wkd, 1000, 500, 20, 1000},
		{"a record's own time", KEY_USABLE, &dane, 1000, 500, 20, 7},
		{"a record's longer time", KEY_USABLE, &slow, 1000, 500, 20, 1000},
		{"a record without", KEY_USABLE, &unsaid, 1000, 500, 20, 1000},
		{"by no method", KEY_USABLE, NULL, 1000, 500, 20, 1000},
		{"unusable", KEY_UNUSABLE, &wkd, 1000, 500, 20, REMEMBER_FIXING_MAX},
		{"unusable, set shorter", KEY_UNUSABLE, &wkd, 100, 500, 20, 100},
		{"in conflict", KEY_CONFLICT, &wkd, 1000, 500, 20, REMEMBER_FIXING_MAX},
		{"absent, proved", KEY_ABSENT_PROVED, &wkd, 1000, 500, 20, 500},
		{"absent, proved, long", KEY_ABSENT_PROVED, NULL, 1000, 86400, 20, 86400},
		{"absent", KEY_ABSENT_UNPROVED, &wkd, 1000, 500, 20, REMEMBER_UNPROVED_MAX},
		{"absent, set longer", KEY_ABSENT_UNPROVED, NULL, 1000, 86400, 86400,
			REMEMBER_UNPROVED_MAX},
		{"absent, set shorter", KEY_ABSENT_UNPROVED, &wkd, 1000, 30, 20, 30},
		{"absent, not kept", KEY_ABSENT_UNPROVED, &wkd, 1000, 0, 20, 0},
		{"unknown", KEY_UNKNOWN, NULL, 1000, 500, 20, 20},
		{"unknown, by a method", KEY_UNKNOWN, &wkd, 1000, 500, 20, 20},
		{"unknown, not kept", KEY_UNKNOWN, &dane, 1000, 500, 0, 0},
		{"what cannot be", (enum key_status)99, &wkd, 1000, 500, 20, 20},
		{"the proxy is down, which is fixed here", KEY_UNKNOWN, &down, 1000, 500, 60, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.cache_found = row[i].found,
			.cache_absent = row[i].absent,
			.cache_failed = row[i].failed};
		struct verdict v = {.status = row[i].status, .method = row[i].method};

		if (remember_key(&c, &v) != row[i].want)
			fail_msg("%s: %lld", row[i].name, (long long)remember_key(&c, &v));
	}
}

static void what_is_kept_grows_old(void **state)
{
	static const struct {
		const char *name;
		enum key_status status;
		int64_t ago, keep;
		bool stale;
	} row[] = {
		{"usable, new", KEY_USABLE, 0, 1000, false},
		{"usable, nearly old", KEY_USABLE, 900, 1000, false},
		{"usable, old", KEY_USABLE, 1000, 1000, true},
		{"of the future", KEY_USABLE, -5, 1000, true},
		{"the setting was longer", KEY_USABLE, 5, 2000, true},
		{"unusable", KEY_UNUSABLE, 5, 300, false},
		{"it was usable then", KEY_UNUSABLE, 5, 1000, true},
		{"proved", KEY_ABSENT_PROVED, 480, 500, false},
		{"proved, old", KEY_ABSENT_PROVED, 500, 1000, true},
		{"unproved", KEY_ABSENT_UNPROVED, 280, 300, false},
		{"unproved, old", KEY_ABSENT_UNPROVED, 300, 300, true},
		{"kept as if it were proved", KEY_ABSENT_UNPROVED, 10, 500, true},
		{"unknown", KEY_UNKNOWN, 10, 20, false},
		{"unknown, old", KEY_UNKNOWN, 20, 20, true},
	};
	struct conf c = {.cache_found = 1000, .cache_absent = 500, .cache_failed = 20};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct verdict v = {.status = row[i].status};

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
