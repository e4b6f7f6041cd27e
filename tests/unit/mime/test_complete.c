/* SPDX-License-Identifier: ISC */
/* mime/complete.c: the From of a message that has none, also of a user whom no name service that
 * can be asked from inside the sandbox knows. */
#include "mime_util.h"

#include <pwd.h>

static const char *known; /* the user's name; NULL: there is no such user */

/* In place of the C library's. */
struct passwd *getpwuid(uid_t uid)
{
	static char name[64];
	static struct passwd pw = {.pw_name = name};

	(void)uid;
	if (known)
		snprintf(name, sizeof(name), "%s", known);
	return known ? &pw : NULL;
}

static void from(void **state)
{
	static const struct {
		const char *name, *known, *logname, *user, *local;
	} row[] = {
		{"1 known", "fry", "bender", "leela", "fry@"},
		{"2 not known: as the user logged in", NULL, "bender", "leela", "bender@"},
		{"3 by the older name for that", NULL, NULL, "leela", "leela@"},
		{"4 an empty one", NULL, "", "leela", "leela@"},
		{"5 none at all", NULL, NULL, NULL, NULL},
		{"6 nothing that could be in an address", NULL, "a b\n", NULL, NULL},
	};
	struct err err = ERR_INIT;
	struct source s;
	struct message m;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		known = row[i].known;
		unsetenv("LOGNAME");
		unsetenv("USER");
		if (row[i].logname)
			setenv("LOGNAME", row[i].logname, 1);
		if (row[i].user)
			setenv("USER", row[i].user, 1);
		source_of(&s, "Subject: x\n\nbody\n", 17);
		memset(&m, 0, sizeof(m));
		assert_int_equal(message_parse(&m, &s, &err), 0);
		assert_int_equal(message_complete(&m, &err), row[i].local ? 0 : ERR_DATA);
		if (row[i].local)
			assert_int_equal(strncmp(message_made_value(&m.made, "From"), row[i].local,
						 strlen(row[i].local)),
				0);
		message_free(&m);
		source_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(from)};

	return cmocka_run_group_tests_name("complete", tests, NULL, NULL);
}
