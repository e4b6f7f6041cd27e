/* SPDX-License-Identifier: ISC */
/* base/pattern: what * stands for, that nothing else stands for anything, and that no pattern takes
 * for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/pattern.h"

#define LONG 4000

static void matching(void **state)
{
	static const struct {
		const char *pattern, *s;
		bool matches;
	} row[] = {
		{"", "", true},
		{"", "a", false},
		{"a", "", false},
		{"a", "a", true},
		{"a", "ab", false},
		{"ab", "a", false},
		/* none, one, many */
		{"*", "", true},
		{"*", "a", true},
		{"*", "a.b/c\n", true},
		{"**", "", true},
		{"***", "abc", true},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"*a", "a", true},
		{"*a", "aab", false},
		{"*.b", "a.b", true},
		{"*.b", ".b", true},
		{"*.b", "b", false},
		{"*.b", "x.a.b", true},
		{"*.b", "a.b.c", false},
		{"a*c", "ac", true},
		{"a*c", "abcbc", true},
		{"a*c", "abcb", false},
		{"a**c", "abc", true},
		/* the first place that fits is not always the right one */
		{"*ab", "aab", true},
		{"*ab*ab", "abab", true},
		{"*ab*ab", "ab", false},
		{"*ab*ab", "abxabxab", true},
		{"*aba", "ababa", true},
		{"a*b*c", "aXbXbXcXc", true},
		{"a*b*c", "acb", false},
		/* nothing else has a meaning */
		{"?", "a", false},
		{"?", "?", true},
		{"[ab]", "a", false},
		{"[ab]", "[ab]", true},
		{"\\*", "*", false},
		{"\\*", "\\anything", true},
		{"*\\", "a\\", true},
		{"{a,b}", "a", false},
		{"[!a]*", "[!a]b", true},
		/* case and octets */
		{"A*", "ab", false},
		{"*\xc3\xbc*",
			"b\xc3\xbc"
			"cher",
			true},
		{"*\xbc*", "b\xc3\xbc", true},
		{"*\xff", "\xfe\xff", true},
		/* a * in the text is an octet like any other */
		{"a", "*", false},
		{"*b", "*b", true},
		{"a*", "*", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (pattern_match(row[i].pattern, strlen(row[i].pattern), row[i].s,
			    strlen(row[i].s)) != row[i].matches)
			fail_msg("'%s' '%s'", row[i].pattern, row[i].s);
	}
}

static void both_end_at_their_lengths(void **state)
{
	(void)state;
	assert_true(pattern_match("a*|z", 2, "abc@z", 3));
	assert_false(pattern_match("a|*", 1, "abc", 3));
	assert_true(pattern_match("abc", 1, "abc", 1));
	assert_true(pattern_match("a*", 2, "a\0b", 3));
	assert_false(pattern_match("a", 1, "a\0b", 3));
	assert_true(pattern_match("*", 1, NULL, 0));
	assert_true(pattern_match(NULL, 0, NULL, 0));
}

/* Who tries each way to share the text among the stars does not live to see the end of this. */
static void hostile_patterns_end(void **state)
{
	static char s[LONG], stars[LONG], pattern[LONG];
	size_t i;

	(void)state;
	memset(s, 'a', sizeof(s));
	memset(stars, '*', sizeof(stars));
	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = i % 2 ? 'a' : '*';
	assert_true(pattern_match(pattern, sizeof(pattern), s, sizeof(s)));
	assert_true(pattern_match(stars, sizeof(stars), s, sizeof(s)));
	pattern[sizeof(pattern) - 1] = 'b';
	assert_false(pattern_match(pattern, sizeof(pattern), s, sizeof(s)));
	stars[sizeof(stars) - 1] = 'b';
	assert_false(pattern_match(stars, sizeof(stars), s, sizeof(s)));
	/* The one * has to be tried at each place. */
	memset(pattern, 'a', sizeof(pattern));
	pattern[0] = '*';
	pattern[LONG / 2] = 'b';
	assert_false(pattern_match(pattern, LONG / 2 + 1, s, sizeof(s)));
	s[LONG - 1] = 'b';
	assert_true(pattern_match(pattern, LONG / 2 + 1, s, sizeof(s)));
}

static void what_domains_are_made_of(void **state)
{
	static const struct {
		const char *s;
		bool domains, literals;
	} row[] = {
		{"", true, true},
		{"*.b-1.example", true, true},
		{"xn--*.example", true, true},
		{"[192.0.2.*]", false, true},
		{"[ipv6:*::1]", false, true},
		{"A*", false, false},
		{"b?g.example", false, false},
		{"*.b_g.example", false, false},
		{"*.b\\g.example", false, false},
		{"*.a, *.b", false, false},
		{"*.b\xc3\xbc", false, false},
		{"*@b.example", false, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (pattern_of_domains(row[i].s, false) != row[i].domains ||
			pattern_of_domains(row[i].s, true) != row[i].literals)
			fail_msg("'%s'", row[i].s);
	}
}

static void as_names_are_written(void **state)
{
	static const struct {
		int n;
		const char *in, *out;
	} row[] = {
		{1, "*@B.Example", "*@b.example"},
		{2, "*.b.example.", "*.b.example"},
		{3, "*.b.example..", "*.b.example."},
		{4, "*", "*"},
		{5, ".", "."},
		{6, "", ""},
	};
	char text[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d\n", row[i].n);
		snprintf(text, sizeof(text), "%s", row[i].in);
		pattern_normalise(text);
		assert_string_equal(text, row[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(matching),
		cmocka_unit_test(as_names_are_written), cmocka_unit_test(both_end_at_their_lengths),
		cmocka_unit_test(hostile_patterns_end), cmocka_unit_test(what_domains_are_made_of)};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
