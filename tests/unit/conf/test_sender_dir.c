/* SPDX-License-Identifier: ISC */
/* Whose state is whose: the folder of a sender, whatever the sender is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/temp_dir.h"
#include "conf/sender_dir.h"
#include "files.h"

#define TEN "aaaaaaaaaa"
#define FIFTY TEN TEN TEN TEN TEN
#define LABEL "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."

struct row {
	const char *name, *sender;
	const char *folder; /* NULL: none */
};

static const struct row rows[] = {
	{"plain", "ann@example.org", "ann@example.org"},
	{"case is one", "Ann@Example.ORG", "ann@example.org"},
	{"a tag", "ann+x-y_z=1@example.org", "ann+x-y_z=1@example.org"},
	{"in brackets", "<ann@example.org>", "ann@example.org"},
	{"no domain", "root", "root@here.example"},
	{"null sender", "<>", "%3C%3E"},
	{"null sender, empty", "", "%3C%3E"},
	{"quoted null sender", "\"<>\"@example.org", "%22%3C%3E%22@example.org"},
	{"a slash", "a/b@example.org", "a%2Fb@example.org"},
	{"out of the folder, quoted by us", "../../etc/x@example.org",
		"%22..%2F..%2Fetc%2Fx%22@example.org"},
	{"out of the folder, quoted", "\"../../etc/x\"@example.org",
		"%22..%2F..%2Fetc%2Fx%22@example.org"},
	{"dots only", "\"..\"@example.org", "%22..%22@example.org"},
	{"percent", "a%2fb@example.org", "a%252fb@example.org"},
	{"a percent and an s", "%s@example.org", "%25s@example.org"},
	{"blank", "\"a b\"@example.org", "%22a%20b%22@example.org"},
	{"backslash", "\"a\\\\b\"@example.org", "%22a%5C%5Cb%22@example.org"},
	{"not ASCII", "\xc3\xa4@example.org", "%C3%A4@example.org"},
	{"shell", "$(id)`x`;&|@example.org", NULL},
	{"shell, quoted", "\"$(id);*\"@example.org", "%22%24%28id%29%3B%2A%22@example.org"},
	{"newline", "a\nb@example.org", NULL},
	{"newline, quoted", "\"a\nb\"@example.org", NULL},
	{"a literal", "a@[192.0.2.1]", "a@%5B192.0.2.1%5D"},
	{"local part of 64", "abcd" FIFTY TEN "@example.org", "abcd" FIFTY TEN "@example.org"},
	{"local part too long", "abcde" FIFTY TEN "@example.org", NULL},
	{"fits", "a@" LABEL LABEL LABEL "example.org", "a@" LABEL LABEL LABEL "example.org"},
	{"name too long", "abcd" FIFTY TEN "@" LABEL LABEL LABEL "example.org", NULL},
	{"name too long, escaped", "\"!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!\"@" LABEL LABEL LABEL "org",
		NULL},
	{"not an address", "a@b@c", NULL},
};

static char path[FILE_PATH_MAX];

static int load(const char *setting, struct conf *c, struct err *err)
{
	char text[1024];

	snprintf(text, sizeof(text), "[sealpost]\nqualify-domain = here.example\n%s\n", setting);
	write_file(path, text, strlen(text));
	return conf_load(path, c, err);
}

static void folders(void **state)
{
	static struct conf c;
	char want[FILE_PATH_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		int rc;

		assert_int_equal(load("data-dir = /srv/%s/x", &c, &err), 0);
		assert_true(c.per_sender);
		rc = conf_use_sender(&c, rows[i].sender, &err);
		if (!rows[i].folder) {
			if (rc != ERR_USAGE && rc != ERR_POLICY)
				fail_msg("%s: %d, %s", rows[i].name, rc, c.data_dir);
			assert_string_equal(c.data_dir, "/srv/%s/x");
		} else {
			if (rc != 0)
				fail_msg("%s: %s", rows[i].name, err.msg);
			snprintf(want, sizeof(want), "/srv/%s/x", rows[i].folder);
			if (strcmp(c.data_dir, want) != 0)
				fail_msg("%s: %s", rows[i].name, c.data_dir);
		}
		conf_free(&c);
	}
}

/* No two names share a folder, and none has a slash or is "." or "..". */
static void every_byte_is_told_apart(void **state)
{
	static char made[255][NAME_MAX + 1];
	char name[2] = "";
	int i, k;

	(void)state;
	for (i = 0; i < 255; i++) {
		name[0] = (char)(i + 1);
		assert_int_equal(sender_folder(name, made[i]), 0);
		assert_null(strchr(made[i], '/'));
		assert_true(made[i][0] != '.' && made[i][0] != '\0');
		for (k = 0; k < i; k++)
			assert_string_not_equal(made[k], made[i]);
	}
}

static void the_setting(void **state)
{
	static const struct {
		const char *setting;
		int rc;
		bool per_sender;
	} row[] = {
		{"data-dir = /srv/%s", 0, true},
		{"data-dir = ~/%s", 0, true},
		{"data-dir = /%s", 0, true},
		{"data-dir = /srv/50%/x", 0, false},
		{"data-dir = /srv/a%s", ERR_CONFIG, false},
		{"data-dir = /srv/%s.d/x", ERR_CONFIG, false},
		{"data-dir = /srv/%s/%s", ERR_CONFIG, false},
		{"data-dir = %s", ERR_CONFIG, false},
		{"cache-dir = /srv/%s", 0, false},
	};
	static struct conf c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err err = ERR_INIT;

		if (load(row[i].setting, &c, &err) != row[i].rc)
			fail_msg("%s: %s", row[i].setting, err.msg);
		if (row[i].rc == 0) {
			assert_int_equal(c.per_sender, row[i].per_sender);
			conf_free(&c);
		}
	}
}

static void nobody_is_named(void **state)
{
	static struct conf c;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(load("data-dir = /srv/%s", &c, &err), 0);
	assert_int_equal(conf_use_sender(&c, NULL, &err), ERR_USAGE);
	assert_non_null(strstr(err.hint, "-f ADDRESS"));
	conf_free(&c);
	assert_int_equal(load("data-dir = /srv", &c, &err), 0);
	assert_int_equal(conf_use_sender(&c, NULL, &err), 0);
	assert_int_equal(conf_use_sender(&c, "whoever@x.example", &err), 0);
	assert_string_equal(c.data_dir, "/srv");
	conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders),
		cmocka_unit_test(every_byte_is_told_apart),
		cmocka_unit_test(the_setting),
		cmocka_unit_test(nobody_is_named),
	};
	static char root[FILE_PATH_MAX];
	struct err err = ERR_INIT;
	int rc;

	if (dir_make_temp(root, &err) < 0 || path_join(path, root, "conf") < 0)
		return 1;
	setenv("HOME", root, 1);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	dir_remove(root);
	return rc;
}
