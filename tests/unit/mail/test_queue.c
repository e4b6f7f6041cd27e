/* SPDX-License-Identifier: ISC */
/* Mail that waits: kept sealed to its sender, listed, shown, dropped, and sent once. */
#include "verbs_util.h"

#define MAIL(to, id)                                                                               \
	"From: me@sender.example\nTo: " to "\nSubject: the subject\nMessage-ID: <" id              \
	"@sender.example>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\nthe text\n"
#define SEND "send -f me@sender.example "

static void waits(void **state)
{
	static const struct step steps[] = {
		{"help", "", "queue --help", NULL, 0, "usage: sealpost queue", ""},
		{"no such word", "", "queue nonsense", NULL, 64, "", "hint: "},
		{"not a number", "", "queue show x", NULL, 64, "", "queue show: needs one number"},
		{"nor this", "", "queue drop 1x", NULL, 64, "", "queue drop: needs one number"},
		{"nor this", "", "queue show -- -1", NULL, 64, "", "queue show: needs one number"},
		{"none", "", "queue show", NULL, 64, "", "queue show: needs one number"},
		{"two", "", "queue show 1 2", NULL, 64, "", "queue show: needs one number"},
		{"a large one", "", "queue show 99999999999999999999999", NULL, 1, "",
			"no such mail is in the queue"},
		{"nothing waits", "", "queue", NULL, 0, "", NULL},
		{"nothing to send", "", "queue run", NULL, 0, "", NULL},
		{"none of that number", "", "queue show 1", NULL, 1, "", NULL},
		{"a key cannot be asked for: kept", "late", SEND "alice@x.example",
			MAIL("alice@x.example", "1"), 0, "", ""},
		{"the same again: once", "late", SEND "alice@x.example",
			MAIL("alice@x.example", "1"), 0, "", ""},
		{"the MTA refuses: its sender is told", "mta-fails", SEND "bob@absent.example",
			"From: me@sender.example\nTo: bob@absent.example\n\nclear\n", 75, "",
			"mta refused the mail"},
		{"another one", "late", SEND "carol@late.example", MAIL("carol@late.example", "3"),
			0, "", ""},
		{"listed", "late", "queue list", NULL, 0, "alice@x.example: cannot tell", ""},
		{"as JSON", "late", "queue --json", NULL, 0, "\"number\":1", ""},
		{"shown", "late", "queue show 1", NULL, 0, "the subject", NULL},
		{"shown as JSON", "late", "queue show --json 1", NULL, 0, "the subject", NULL},
		{"its text is not readable", "late", "queue show 9", NULL, 1, "", NULL},
		{"told", "", "why --sent --json", NULL, 0, "queued", NULL},
		{"still not to be asked: it stays", "late mta-fails", "queue run", NULL, 1, NULL,
			NULL},
		{"dropped", "", "queue drop 2", NULL, 0, NULL, NULL},
		{"dropped before", "", "queue drop 2", NULL, 1, NULL, NULL},
		{"its key is asked for again", "", "lookup --fresh alice@x.example", NULL, 0, "{A}",
			NULL},
		{"sent", "", "queue run", NULL, 0, NULL, NULL},
		{"gone", "", "queue --json", NULL, 0, "", ""},
	};
	struct buf b = BUF_INIT(OUTPUT_MAX);

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\nqueue = all\n");
	RUN_STEPS(steps);
	assert_int_equal(file_read(in_home("taken"), &b, ERR_IO, NULL), 0);
	assert_non_null(strstr(buf_str(&b), "BEGIN PGP MESSAGE"));
	assert_null(strstr(buf_str(&b), "the text"));
	buf_free(&b);
}

/* Nobody gets it again because it cannot be told now how it would be sent. */
static void sent_before(void **state)
{
	static const struct step steps[] = {
		{"sent in clear", "", SEND "eve@absent.example", MAIL("eve@absent.example", "1"), 0,
			"", ""},
		{"its keys are asked for again", "late", "lookup --fresh eve@absent.example", NULL,
			75, NULL, NULL},
		{"the same again: she has it, so it is not kept", "late", SEND "eve@absent.example",
			MAIL("eve@absent.example", "1"), 0, "", ""},
		{"nothing waits", "", "queue --json", NULL, 0, "", ""},
		{"which is told", "", "why --sent --json -n 1", NULL, 0, "eve@absent.example", ""},
		{"but once more when it is said", "late", SEND "--again eve@absent.example",
			MAIL("eve@absent.example", "1"), 0, "", ""},
		{"it waits", "", "queue --json", NULL, 0, "eve@absent.example", ""},
	};

	(void)state;
	new_home("[sealpost]\nmta = /bin/true\nqueue = unknown\n");
	RUN_STEPS(steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(waits), cmocka_unit_test(sent_before)};

	return cmocka_run_group_tests_name("queue", tests, make_keys, drop_keys);
}
