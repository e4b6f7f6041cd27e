/* SPDX-License-Identifier: ISC */
/* What a mistyped word was perhaps meant to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/nearest.h"

static void the_nearest_word(void **state)
{
	static const char *const list[] = {"lookup", "send", "why", "pins", "allow-clear", NULL};
	static const struct {
		const char *name, *word, *expected;
	} table[] = {
		{"a letter too few", "lokup", "lookup"},
		{"a letter too many", "sendd", "send"},
		{"another letter", "pims", "pins"},
		{"two swapped", "sned", "send"},
		{"two mistakes in a long word", "alow-cler", "allow-clear"},
		{"two mistakes in a short word", "sxxd", NULL},
		{"nothing like it", "frobnicate", NULL},
		{"empty", "", NULL},
		{"too long to be compared", "lookuplookuplookuplookuplookuplookup", NULL},
	};
	const char *found;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		found = nearest_word(table[i].word, list);
		if ((found == NULL) != (table[i].expected == NULL) ||
			(found && strcmp(found, table[i].expected) != 0))
			fail_msg("%s: %s", table[i].name, found ? found : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_nearest_word)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
