/* SPDX-License-Identifier: ISC */
/* mime/complete.c: the From of a message that has none: of whom -f and -F name, and also of a user
 * whom no name service that can be asked from inside the sandbox knows. */
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

/* The envelope sender and the full name of sendmail's -f and -F. */
static void author(void **state)
{
	static const struct {
		const char *name, *header, *from, *fullname, *want, *sender;
	} row[] = {
		{"1 address", "Subject: x\n", "me@b.example", "", "me@b.example", "me@b.example"},
		{"2 and a name", "Subject: x\n", "me@b.example", "Ann Example",
			"\"Ann Example\" <me@b.example>", "me@b.example"},
		{"3 a name to be quoted", "Subject: x\n", "me@b.example", "A \"B\" \\, C",
			"\"A \\\"B\\\" \\\\, C\" <me@b.example>", "me@b.example"},
		{"4 a name not in ASCII", "Subject: x\n", "me@b.example", "J\xc3\xb6rg, Dr.",
			"=?utf-8?q?J=C3=B6rg=2C_Dr=2E?= <me@b.example>", "me@b.example"},
		{"5 nor in UTF-8", "Subject: x\n", "me@b.example", "J\xf6rg",
			"=?unknown-8bit?q?J=F6rg?= <me@b.example>", "me@b.example"},
		{"6 a local user", "Subject: x\n", "cron", "", "cron@", "cron"},
		{"7 the name alone", "Subject: x\n", NULL, "Cron", "\"Cron\" <fry@", ""},
		{"8 an empty From", "From:\n", "me@b.example", "", "me@b.example", "me@b.example"},
		{"9 a From of its own", "From: x@c.example\n", "me@b.example", "Me", NULL,
			"x@c.example"},
		{"10 a Sender", "Sender: x@c.example\n", "me@b.example", "", "me@b.example",
			"me@b.example"},
		{"11 of a resent mail", "Resent-From: x@c.example\nResent-To: y@c.example\n",
			"me@b.example", "", "me@b.example", "x@c.example"},
	};
	struct err err = ERR_INIT;
	struct message m;
	struct source s;
	struct addr a;
	char text[200];
	size_t i;

	(void)state;
	known = "fry";
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		snprintf(text, sizeof(text), "%s\nbody\n", row[i].header);
		source_of(&s, text, strlen(text));
		memset(&m, 0, sizeof(m));
		assert_int_equal(message_parse(&m, &s, &err), 0);
		if (row[i].from)
			assert_int_equal(addr_parse(row[i].from, &a, NULL), 0);
		message_set_author(&m, row[i].from ? &a : NULL, row[i].fullname);
		assert_int_equal(message_complete(&m, &err), 0);
		assert_string_equal(m.sender.text, row[i].sender);
		if (!row[i].want)
			assert_null(message_made_value(&m.made, "From"));
		else
			assert_memory_equal(message_made_value(&m.made, "From"), row[i].want,
				strlen(row[i].want));
		message_free(&m);
		source_close(&s);
	}
}

/* The longest name there is fits, whatever its bytes. */
static void longest_name(void **state)
{
	static const char *const bytes[] = {"\"", "\xe4", "a", "\xc3\xa4"};
	struct message m = {0};
	char name[256];
	struct addr a;
	size_t i, k;

	(void)state;
	assert_int_equal(addr_parse("me@b.example", &a, NULL), 0);
	for (i = 0; i < N_OF(bytes); i++) {
		for (k = 0; k + strlen(bytes[i]) < sizeof(name); k += strlen(bytes[i]))
			snprintf(name + k, sizeof(name) - k, "%s", bytes[i]);
		m = (struct message){0};
		message_set_author(&m, &a, name);
		assert_int_equal(message_complete(&m, NULL), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from), cmocka_unit_test(author), cmocka_unit_test(longest_name)};

	return cmocka_run_group_tests_name("complete", tests, NULL, NULL);
}
