/* SPDX-License-Identifier: ISC */
/* Tables and wrapped text: row by row at several widths; nothing is lost, and nothing is wider. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "print/csv.h"
#include "print/table.h"

static const struct {
	const char *name, *text;
	int width;
	const char *line, *rest;
} row[] = {
	{"1 fits", "one two", 7, "one two", ""},
	{"2 wraps at the blank", "one two", 6, "one", "two"},
	{"3 blank just behind", "one two", 3, "one", "two"},
	{"4 blanks go", "one   two", 5, "one", "two"},
	{"5 a long word is broken", "abcdef", 4, "abcd", "ef"},
	{"6 no width", "one two three", 0, "one two three", ""},
	{"7 characters, not bytes", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 3,
		"\xc3\xbc\xc3\xbc\xc3\xbc", "\xc3\xbc"},
	{"8 one column", "ab", 1, "a", "b"},
	{"9 empty", "", 5, "", ""},
	{"10 blank at the front", " ab", 2, " a", "b"},
};

static void text_fits(void **state)
{
	const char *next;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		n = term_fit(row[i].text, row[i].width, &next);
		if (n != strlen(row[i].line) || strncmp(row[i].text, row[i].line, n) != 0 ||
			strcmp(next, row[i].rest) != 0)
			fail_msg("%s: %zu, rest \"%s\"", row[i].name, n, next);
	}
}

static char *table_at(int width, bool colour)
{
	static const char *const head[] = {"DOMAIN", "MTA-STS", "WORST FINDING"};
	const struct table_cell cell[] = {{"a.example", TONE_PLAIN}, {"enforce", TONE_GOOD},
		{"", TONE_PLAIN}, {"a-very-long-name.b.example", TONE_PLAIN}, {"no", TONE_BAD},
		{"mx.b.example: \033[2J a finding that is long enough to be wrapped", TONE_BAD}};
	const struct style t = {.width = width, .colour = colour};
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(table_print(f, &t, head, 3, cell, 2), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void a_pipe_gets_a_line_each(void **state)
{
	char *text = table_at(0, false);

	(void)state;
	assert_string_equal(text, "DOMAIN                      MTA-STS  WORST FINDING\n"
				  "a.example                   enforce\n"
				  "a-very-long-name.b.example  no       mx.b.example: \\x1b[2J a "
				  "finding that is long "
				  "enough to be wrapped\n");
	free(text);
}

static void terminals_are_kept_to(void **state)
{
	static const int widths[] = {200, 80, 72, 60, 52, 44, 40, 30, 24, 20};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		char *text = table_at(widths[i], false), *line, *p;
		char joined[1024] = "";

		for (p = text; (line = strsep(&p, "\n"));) {
			if (term_columns(line) > (widths[i] < 22 ? 22 : widths[i]))
				fail_msg("%d: %s", widths[i], line);
			strncat(joined, line, sizeof(joined) - strlen(joined) - 1);
		}
		/* Each word is there, though the long one may be broken. */
		assert_non_null(strstr(joined, "wrapped"));
		assert_non_null(strstr(joined, "enforce"));
		free(text);
	}
}

static void colour_where_there_is_any(void **state)
{
	char *text = table_at(80, true);

	(void)state;
	assert_non_null(strstr(text, "\033[31;1mno\033[0m"));
	assert_non_null(strstr(text, "\\x1b[2J"));
	free(text);
}

static void csv_is_quoted(void **state)
{
	static const struct {
		const char *text, *want;
	} cells[] = {{"plain", "plain"}, {"a,b", "\"a,b\""}, {"a\"b", "\"a\"\"b\""}, {NULL, ""},
		{"", ""}, {"=1+1", "'=1+1"}, {"@x", "'@x"}, {"-1", "'-1"}, {"a\nb", "a\\x0ab"}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		char *text = NULL, want[64];
		size_t len = 0;
		struct csv c = {.f = open_memstream(&text, &len)};

		assert_non_null(c.f);
		csv_int(&c, -7);
		csv_text(&c, cells[i].text);
		csv_end(&c);
		assert_int_equal(fclose(c.f), 0);
		snprintf(want, sizeof(want), "-7,%s\r\n", cells[i].want);
		assert_string_equal(text, want);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(text_fits),
		cmocka_unit_test(a_pipe_gets_a_line_each), cmocka_unit_test(terminals_are_kept_to),
		cmocka_unit_test(colour_where_there_is_any), cmocka_unit_test(csv_is_quoted)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
