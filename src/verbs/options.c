/* SPDX-License-Identifier: ISC */
#include "verbs/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

#define SHORTS_MAX 16
#define LONGS_MAX 16
#define WORD_MAX 100 /* bytes of what was written that are told */

/* The long option of this letter, or NULL. */
static const struct option *long_of(const struct option *longs, int letter)
{
	for (; longs->name; longs++) {
		if (longs->val == letter)
			return longs;
	}
	return NULL;
}

static int unknown_long_option(const char *word, const struct option *longs, struct err *err)
{
	const char *names[LONGS_MAX + 1] = {NULL}, *near;
	char name[WORD_MAX];
	size_t len = strcspn(word + 2, "="), n = 0;

	for (; n < LONGS_MAX && longs[n].name; n++)
		names[n] = longs[n].name;
	err_set(err, ERR_USAGE, "%.*s: no such option", WORD_MAX, word);
	if (len < sizeof(name)) {
		snprintf(name, sizeof(name), "%.*s", (int)len, word + 2);
		near = nearest_word(name, names);
		if (near)
			err_hint(err, "perhaps: --%s", near);
	}
	return ERR_USAGE;
}

/* What getopt_long() did not take. word: the argument before the one that is next. */
static int refuse_option(int c, const char *word, const struct option *longs, struct err *err)
{
	const struct option *l = long_of(longs, optopt);
	bool is_long = strncmp(word, "--", 2) == 0 && l &&
		       strncmp(word + 2, l->name, strcspn(word + 2, "=")) == 0;

	if (optopt == 0)
		return unknown_long_option(word, longs, err);
	if (is_long)
		return err_set(err, ERR_USAGE,
			c == ':' ? "--%s: needs an argument" : "--%s: takes no argument", l->name);
	return err_set(err, ERR_USAGE, c == ':' ? "-%c: needs an argument" : "-%c: no such option",
		optopt);
}

int option_next(
	int argc, char **argv, const char *shorts, const struct option *longs, struct err *err)
{
	bool in_order = shorts[0] == '+';
	char spec[SHORTS_MAX + 2];
	int c;

	/* The colon: a missing argument is told apart, and getopt_long() itself says nothing. */
	snprintf(spec, sizeof(spec), "%s:%s", in_order ? "+" : "", shorts + in_order);
	c = getopt_long(argc, argv, spec, longs, NULL);
	if (c == ':' || c == '?')
		return refuse_option(c, argv[optind - 1], longs, err);
	return c == -1 ? 0 : c;
}
