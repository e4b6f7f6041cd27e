/* SPDX-License-Identifier: ISC */
/* Foreign text in a page is text, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "print/html.h"

static const struct {
	const char *name, *text, *want;
} row[] = {
	{"1 plain", "a b", "a b"},
	{"2 tags", "<script>", "&lt;script&gt;"},
	{"3 quotes", "a\"b'c", "a&quot;b&#39;c"},
	{"4 a reference stays one", "&lt;", "&amp;lt;"},
	{"5 control characters", "a\033[2J\nb", "a\\x1b[2J\\x0ab"},
	{"6 bidirectional",
		"a\xe2\x80\xae"
		"b",
		"a\\xe2\\x80\\xae"
		"b"},
	{"7 not UTF-8", "\xff<", "\\xff&lt;"},
	{"8 UTF-8", "\xc3\xbc", "\xc3\xbc"},
};

static void text_is_text(void **state)
{
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char *text = NULL, want[256];
		FILE *f = open_memstream(&text, &len);

		assert_non_null(f);
		html_element(f, "td class=\"n\"", row[i].text);
		assert_int_equal(fclose(f), 0);
		snprintf(want, sizeof(want), "<td class=\"n\">%s</td>\n", row[i].want);
		if (strcmp(text, want) != 0)
			fail_msg("%s: %s", row[i].name, text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(text_is_text)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
