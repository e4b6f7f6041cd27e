/* SPDX-License-Identifier: ISC */
/* Options of a verb: what is taken, and what is said of those that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "verbs/options.h"

#define WORDS_MAX 8

static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
	{"csv", no_argument, NULL, 'c'}, {"changes", no_argument, NULL, 'd'},
	{"since", required_argument, NULL, 's'}, {"live", optional_argument, NULL, 'l'},
	{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};

/* taken: the letters, each with its argument behind it in brackets, then what is left. */
static const struct {
	const char *name, *shorts;
	const char *argv[WORDS_MAX];
	const char *taken, *message, *hint;
} row[] = {
	{"1 none", "h", {"verb"}, "", "", ""},
	{"2 long", "h", {"verb", "--json", "--csv"}, "jc", "", ""},
	{"3 short", "hn:", {"verb", "-n", "3", "-h"}, "n(3)h", "", ""},
	{"4 joined", "hn:", {"verb", "-n3"}, "n(3)", "", ""},
	{"5 with an argument", "h", {"verb", "--since", "x", "--since=y"}, "s(x)s(y)", "", ""},
	{"6 one that may have one", "h", {"verb", "--live", "--live=25"}, "ll(25)", "", ""},
	{"7 behind an operand", "h", {"verb", "a", "--json"}, "j a", "", ""},
	{"8 in order: not behind one", "+h", {"verb", "--json", "a", "--csv"}, "j a --csv", "", ""},
	{"9 not behind --", "h", {"verb", "--", "--json"}, " --json", "", ""},
	{"10 a hyphen is an operand", "h", {"verb", "-"}, " -", "", ""},
	{"11 the beginning of one", "h", {"verb", "--js"}, "j", "", ""},
	{"12 that of two", "h", {"verb", "--c"}, "", "--c: no such option", ""},
	{"13 misspelt", "h", {"verb", "--jsno"}, "", "--jsno: no such option", "perhaps: --json"},
	{"14 misspelt, with an argument", "h", {"verb", "--sinse=1"}, "",
		"--sinse=1: no such option", "perhaps: --since"},
	{"15 near to none", "h", {"verb", "--nonsense"}, "", "--nonsense: no such option", ""},
	{"16 an argument too many", "h", {"verb", "--json=x"}, "", "--json: takes no argument", ""},
	{"17 too many, abbreviated", "h", {"verb", "--js=x"}, "", "--json: takes no argument", ""},
	{"18 an argument is missing", "h", {"verb", "--since"}, "", "--since: needs an argument",
		""},
	{"19 short", "h", {"verb", "-n"}, "", "-n: no such option", ""},
	{"20 short, an argument is missing", "hn:", {"verb", "-n"}, "", "-n: needs an argument",
		""},
	{"21 short, behind another", "hq", {"verb", "--csv", "-qx"}, "cq", "-x: no such option",
		""},
	{"22 short, with more behind it", "h", {"verb", "--csv", "-xh"}, "c", "-x: no such option",
		""},
	{"23 a long option's letter is none", "h", {"verb", "-j"}, "", "-j: no such option", ""},
	{"24 the last of those before counts for nothing", "h", {"verb", "--live=25", "-jh"},
		"l(25)", "-j: no such option", ""},
	{"25 long beyond measure", "h",
		{"verb",
			"--"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
		"",
		"--xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxx: no such option",
		""},
};

static void options(void **state)
{
	char taken[256], *argv[WORDS_MAX + 1];
	size_t i, n;
	int argc, c;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err err = ERR_INIT;

		for (argc = 0; argc < WORDS_MAX && row[i].argv[argc]; argc++)
			argv[argc] = (char *)(uintptr_t)row[i].argv[argc];
		argv[argc] = NULL;
		optind = 0;
		n = 0;
		taken[0] = '\0';
		while ((c = option_next(argc, argv, row[i].shorts, longs, &err)) > 0)
			n += (size_t)snprintf(
				taken + n, sizeof(taken) - n, optarg ? "%c(%s)" : "%c", c, optarg);
		for (; c == 0 && optind < argc; optind++)
			n += (size_t)snprintf(taken + n, sizeof(taken) - n, " %s", argv[optind]);
		if ((c < 0) != (row[i].message[0] != '\0') || (c < 0 && c != ERR_USAGE) ||
			strcmp(taken, row[i].taken) != 0 || strcmp(err.msg, row[i].message) != 0 ||
			strcmp(err.hint, row[i].hint) != 0)
			fail_msg("%s: %d \"%s\" \"%s\" \"%s\"", row[i].name, c, taken, err.msg,
				err.hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(options)};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
