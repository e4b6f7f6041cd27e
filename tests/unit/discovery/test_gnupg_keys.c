/* SPDX-License-Identifier: ISC */
/* Whether the user's gpg keyring has a key for somebody for whom nothing is published: where it
 * cannot be told, the recipient is unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/temp_dir.h"
#include "files.h"
#include "discovery/candidates.h"

/* There is no store. */
int candidates_learnt(
	const struct key_search *s, struct candidate_job *j, size_t n, struct err *err)
{
	(void)s;
	(void)j;
	(void)n;
	(void)err;
	return 0;
}

enum ring { NO_HOME, NO_RING, RING, RING_UNREADABLE, RING_FOLDER };

static void make_home(char *home, enum ring ring)
{
	char path[FILE_PATH_MAX];

	assert_int_equal(dir_make_temp(home, NULL), 0);
	if (ring == NO_HOME)
		dir_remove(home);
	assert_int_equal(path_join(path, home, "pubring.kbx"), 0);
	if (ring == RING)
		write_file(path, "", 0);
	else if (ring == RING_UNREADABLE)
		assert_int_equal(symlink("pubring.kbx", path), 0); /* round in a circle */
	else if (ring == RING_FOLDER)
		assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(setenv("GNUPGHOME", home, 1), 0);
}

/* gpg, once found, stays found: these rows come first, and have no gpg to find. */
static void without_gpg_nobody_is_said_to_have_no_key(void **state)
{
	static const struct {
		const char *name;
		enum ring ring;
		enum key_status was;
		bool wanted;
		enum conf_gnupg rule;
		enum key_status want;
	} row[] = {
		{"no gpg home at all", NO_HOME, KEY_ABSENT_UNPROVED, true, GNUPG_ASK,
			KEY_ABSENT_UNPROVED},
		{"no keyring", NO_RING, KEY_ABSENT_UNPROVED, true, GNUPG_ASK, KEY_ABSENT_UNPROVED},
		{"a keyring", RING, KEY_ABSENT_UNPROVED, true, GNUPG_ASK, KEY_UNKNOWN},
		{"one that cannot be read", RING_UNREADABLE, KEY_ABSENT_UNPROVED, true, GNUPG_ASK,
			KEY_UNKNOWN},
		{"one that is no file", RING_FOLDER, KEY_ABSENT_UNPROVED, true, GNUPG_ASK,
			KEY_UNKNOWN},
		{"one whose keys are to be used", RING, KEY_ABSENT_UNPROVED, true, GNUPG_USE,
			KEY_UNKNOWN},
		{"a rule says not to look", RING, KEY_ABSENT_UNPROVED, true, GNUPG_IGNORE,
			KEY_ABSENT_UNPROVED},
		{"no key is needed", RING, KEY_ABSENT_UNPROVED, false, GNUPG_ASK,
			KEY_ABSENT_UNPROVED},
		{"nobody knows what the domain has", RING, KEY_UNKNOWN, true, GNUPG_ASK,
			KEY_UNKNOWN},
		{"the domain has a key", RING, KEY_USABLE, true, GNUPG_ASK, KEY_USABLE},
		{"what is published is unusable", RING, KEY_UNUSABLE, true, GNUPG_ASK,
			KEY_UNUSABLE},
	};
	size_t i;

	(void)state;
	assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct app app = {.conf = {.gnupg = row[i].rule}};
		char home[FILE_PATH_MAX];
		struct finding f = {.wanted = row[i].wanted, .status = row[i].was, .asked = 1};
		struct err unread = ERR_INIT;
		struct session session = {.runner = {.sock = -1}};
		const struct key_search s = {.app = &app, .session = &session, .unread = &unread};
		struct addr a;

		assert_int_equal(addr_parse("nobody@absent.example", &a, NULL), 0);
		f.addr = &a;
		make_home(home, row[i].ring);
		assert_int_equal(candidates_find(&s, &f, 1, NULL), 0);
		if (f.status != row[i].want)
			fail_msg("%s: %s", row[i].name, key_status_name(f.status));
		assert_string_equal(f.in_gnupg, "");
		if (row[i].want == KEY_UNKNOWN) {
			assert_int_equal(f.cause, CAUSE_KEYRING);
			assert_true(f.unread);
			assert_non_null(strstr(f.reason, "your gpg keyring, which may have a key"));
		}
		dir_remove(home);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_gpg_nobody_is_said_to_have_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
