/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "print/style.h"

static void terminals(void **state)
{
	static const struct {
		const char *name;
		bool terminal;
		const char *no_color, *term;
		int columns;
		bool colour;
		int width;
	} table[] = {
		{"a terminal", true, NULL, "xterm", 100, true, 100},
		{"a pipe", false, NULL, "xterm", 100, false, 0},
		{"NO_COLOR", true, "1", "xterm", 100, false, 100},
		{"NO_COLOR, empty", true, "", "xterm", 100, true, 100},
		{"dumb", true, NULL, "dumb", 100, false, 100},
		{"no TERM", true, NULL, NULL, 100, false, 100},
		{"empty TERM", true, NULL, "", 100, false, 100},
		{"unknown width", true, NULL, "xterm", 0, true, 80},
		{"absurd width", true, NULL, "xterm", 5, true, 80},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct style s = style_decide(
			table[i].terminal, table[i].no_color, table[i].term, table[i].columns);

		if (s.terminal != table[i].terminal || s.colour != table[i].colour ||
			s.width != table[i].width)
			fail_msg("%s: %d %d %d", table[i].name, s.terminal, s.colour, s.width);
	}
}

static void fingerprints(void **state)
{
	static const struct {
		const char *name;
		bool terminal;
		const char *fpr, *expected;
	} table[] = {
		{"for programs", false, "0123456789ABCDEF0123456789ABCDEF01234567",
			"0123456789ABCDEF0123456789ABCDEF01234567"},
		{"version 4", true, "0123456789ABCDEF0123456789ABCDEF01234567",
			"0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567"},
		{"version 6", true,
			"0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
			"0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567 "
			"89AB CDEF"},
		{"none", true, "", ""},
	};
	char out[STYLE_FPR_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct style s = {.terminal = table[i].terminal};

		style_fpr(&s, table[i].fpr, out);
		if (strcmp(out, table[i].expected) != 0)
			fail_msg("%s: %s", table[i].name, out);
	}
}

static void colours(void **state)
{
	static const struct {
		const char *name;
		bool colour;
		enum style_tone tone;
		int width;
		const char *expected;
	} table[] = {
		{"plain", true, TONE_PLAIN, 0, "word"},
		{"no colour", false, TONE_BAD, 0, "word"},
		{"good", true, TONE_GOOD, 0, "\033[32mword\033[0m"},
		{"bad", true, TONE_BAD, 0, "\033[31;1mword\033[0m"},
		{"unknown", true, TONE_UNKNOWN, 0, "\033[35mword\033[0m"},
		{"dim", true, TONE_DIM, 0, "\033[2mword\033[0m"},
		{"the head of a table", true, TONE_HEAD, 0, "\033[1mword\033[0m"},
		{"padded behind the colour", true, TONE_DOUBT, 6, "\033[33mword\033[0m  "},
		{"padded", false, TONE_DIM, 6, "word  "},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct style s = {.colour = table[i].colour};
		FILE *f = fmemopen(out, sizeof(out), "w");

		assert_non_null(f);
		style_print(f, &s, table[i].tone, "word", table[i].width);
		assert_int_equal(fclose(f), 0);
		if (strcmp(out, table[i].expected) != 0)
			fail_msg("%s: %s", table[i].name, out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(terminals),
		cmocka_unit_test(fingerprints), cmocka_unit_test(colours)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
