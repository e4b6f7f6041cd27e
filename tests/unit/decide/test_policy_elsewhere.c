/* SPDX-License-Identifier: ISC */
/* The decision where nothing is published, or nobody knows, and a key lies elsewhere: with the
 * address without its tag, or in the gpg keyring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/policy.h"

#define R ACTION_REFUSE
#define S ACTION_SEAL
#define C ACTION_CLEAR
#define REQ ENCRYPT_REQUIRE
#define PRE ENCRYPT_PREFER
#define NEV ENCRYPT_NEVER

static struct addr bob;

static int address(void **state)
{
	(void)state;
	assert_int_equal(addr_parse("bob@bank.example", &bob, NULL), 0);
	return 0;
}

/* A tag that the directory does not know, where the address without it has a pin. */
static const struct tag_row {
	const char *name;
	enum conf_encrypt encrypt;
	enum key_status key;
	bool pinned, allow, domain, by_rule, served;
	enum policy_action action;
} tag_rows[] = {
	{"1 absent, proved", PRE, KEY_ABSENT_PROVED, .action = R},
	{"2 absent, unproved", PRE, KEY_ABSENT_UNPROVED, .action = R},
	{"3 its own key", PRE, KEY_USABLE, .action = S},
	{"4 allowed by its name", PRE, KEY_ABSENT_PROVED, .allow = true, .action = C},
	{"5 allowed by its domain", PRE, KEY_ABSENT_PROVED, .domain = true, .action = R},
	{"6 never", NEV, KEY_ABSENT_PROVED, .action = C},
	{"7 required", REQ, KEY_ABSENT_PROVED, .action = R},
	{"8 a pin of its own", PRE, KEY_ABSENT_PROVED, .pinned = true, .action = R},
	{"9 unknown", PRE, KEY_UNKNOWN, .action = R},
	{"10 unknown, by rule", PRE, KEY_UNKNOWN, .by_rule = true, .action = R},
	{"11 unknown, allowed by its domain", PRE, KEY_UNKNOWN, .domain = true, .action = R},
	{"12 unknown, allowed by its name", PRE, KEY_UNKNOWN, .allow = true, .action = C},
	{"13 unknown, a pin of its own", PRE, KEY_UNKNOWN, .pinned = true, .action = R},
	{"14 unknown, in a served domain", PRE, KEY_UNKNOWN, .served = true, .action = R},
};

static void tagged(void **state)
{
	const struct tag_row *o;
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tag_rows) / sizeof(tag_rows[0]); i++) {
		o = &tag_rows[i];
		{
			struct conf c = {.encrypt = o->encrypt,
				.mixed = MIXED_REFUSE,
				.on_unknown = o->by_rule ? UNKNOWN_CLEAR : UNKNOWN_REFUSE};
			struct policy_rcpt r = {.addr = &bob,
				.key = o->key,
				.pinned = o->pinned,
				.allow_clear = o->allow,
				.domain_clear = o->domain,
				.domain_unserved = !o->served,
				.cause = CAUSE_THEIRS,
				.untagged = "b@bank.example",
				.untagged_fpr = "AAAA"};
			bool rule;

			policy_decide(&c, NULL, &r, 1, false, &out);
			if (out.action != o->action)
				fail_msg("%s: %d", o->name, out.action);
			rule = strcmp(out.hint, "if it is the same mailbox, in the configuration: "
						"[policy tag] to = bob@bank.example with the "
						"line keys = AAAA") == 0;
			if (rule != (o->action == R && !o->pinned && !o->served))
				fail_msg("%s: '%s'", o->name, out.hint);
		}
	}
}

/* Nothing is published, but the user's gpg keyring has a key. */
static const struct gnupg_row {
	const char *name;
	enum conf_encrypt encrypt;
	enum conf_gnupg gnupg;
	enum key_status key;
	bool pinned, allow, domain, by_rule, served, unread;
	int64_t waited;
	enum policy_action action;
	const char *hint;
} gnupg_rows[] = {
#define IMPORT "gpg --export AAAA | sealpost pins import -"
	{"1 absent", PRE, GNUPG_ASK, KEY_ABSENT_PROVED, .action = R,
		.hint = IMPORT "; or, for clear text: sealpost pins allow-clear bob@bank.example"},
	{"2 ignored", PRE, GNUPG_IGNORE, KEY_ABSENT_PROVED, .action = C},
	{"3 allowed by its name", PRE, GNUPG_ASK, KEY_ABSENT_UNPROVED, .allow = true, .action = C},
	{"4 allowed by its domain", PRE, GNUPG_ASK, KEY_ABSENT_UNPROVED, .domain = true,
		.action = R,
		.hint = IMPORT "; or, for clear text: sealpost pins allow-clear bob@bank.example"},
	{"5 required", REQ, GNUPG_ASK, KEY_ABSENT_PROVED, .action = R, .hint = IMPORT},
	{"6 never", NEV, GNUPG_ASK, KEY_ABSENT_PROVED, .action = C},
	{"7 published after all", PRE, GNUPG_ASK, KEY_USABLE, .action = S},
	{"8 pinned", PRE, GNUPG_ASK, KEY_ABSENT_PROVED, .pinned = true, .action = R,
		.hint = "sealpost refresh bob@bank.example"},
	{"9 to be used, and could not be", PRE, GNUPG_USE, KEY_ABSENT_PROVED, .action = R,
		.hint = IMPORT "; or, for clear text: sealpost pins allow-clear bob@bank.example"},
	{"10 used", REQ, GNUPG_USE, KEY_USABLE, .action = S},
	{"11 unknown", PRE, GNUPG_ASK, KEY_UNKNOWN, .action = R, .hint = IMPORT},
	{"12 unknown, by rule", PRE, GNUPG_ASK, KEY_UNKNOWN, .by_rule = true, .action = R,
		.hint = IMPORT},
	{"13 unknown, allowed by its domain", PRE, GNUPG_ASK, KEY_UNKNOWN, .domain = true,
		.action = R, .hint = IMPORT},
	{"14 unknown for long", PRE, GNUPG_ASK, KEY_UNKNOWN, .waited = 14400, .action = R,
		.hint = IMPORT "; or, for clear text: sealpost pins allow-clear bob@bank.example"},
	{"15 unknown, by rule, not valid enough to be used", PRE, GNUPG_USE, KEY_UNKNOWN,
		.by_rule = true, .action = R, .hint = IMPORT},
	{"16 unknown, by rule, ignored", PRE, GNUPG_IGNORE, KEY_UNKNOWN, .by_rule = true,
		.action = C},
	{"17 unknown, allowed by its name", PRE, GNUPG_ASK, KEY_UNKNOWN, .allow = true,
		.action = C},
	{"18 unknown, in a served domain", PRE, GNUPG_ASK, KEY_UNKNOWN, .served = true, .action = R,
		.hint = "send it again later"},
	{"19 unknown, by rule, and nobody can say what the keyring has", PRE, GNUPG_IGNORE,
		KEY_UNKNOWN, .by_rule = true, .unread = true, .action = R},
	{"20 unknown, allowed by its domain, and likewise", PRE, GNUPG_IGNORE, KEY_UNKNOWN,
		.domain = true, .unread = true, .action = R},
};

static void in_gnupg(void **state)
{
	const struct gnupg_row *o;
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(gnupg_rows) / sizeof(gnupg_rows[0]); i++) {
		o = &gnupg_rows[i];
		{
			struct conf c = {.encrypt = o->encrypt,
				.mixed = MIXED_REFUSE,
				.on_unknown = o->by_rule ? UNKNOWN_CLEAR : UNKNOWN_REFUSE,
				.gnupg = o->gnupg};
			struct policy_rcpt r = {.addr = &bob,
				.key = o->key,
				.pinned = o->pinned,
				.allow_clear = o->allow,
				.domain_clear = o->domain,
				.domain_unserved = !o->served,
				.unread = o->unread,
				.waited = o->waited,
				.cause = CAUSE_THEIRS,
				.in_gnupg = "AAAA"};

			policy_decide(&c, NULL, &r, 1, false, &out);
			if (out.action != o->action || (o->hint && strcmp(out.hint, o->hint) != 0))
				fail_msg("%s: %d '%s'", o->name, out.action, out.hint);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tagged),
		cmocka_unit_test(in_gnupg),
	};

	return cmocka_run_group_tests(tests, address, NULL);
}
