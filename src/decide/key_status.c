/* SPDX-License-Identifier: ISC */
#include "decide/key_status.h"

static const struct {
	const char *name;
	int exit;
} words[] = {[KEY_USABLE] = {"usable", 0},
	[KEY_ABSENT_PROVED] = {"absent", 1},
	[KEY_ABSENT_UNPROVED] = {"absent", 1},
	[KEY_UNUSABLE] = {"unusable", 69},
	[KEY_UNKNOWN] = {"unknown", 75},
	[KEY_CONFLICT] = {"conflict", 77}};

_Static_assert(sizeof(words) / sizeof(words[0]) == KEY_CONFLICT + 1, "words for each");

bool key_absent(enum key_status s)
{
	return s == KEY_ABSENT_PROVED || s == KEY_ABSENT_UNPROVED;
}

const char *key_status_name(enum key_status s)
{
	return words[s].name;
}

int key_status_exit(enum key_status s)
{
	return words[s].exit;
}
