/* SPDX-License-Identifier: ISC */
/* decide/rules.c: which rule is in force, what one mail may loosen, and that a message can only
 * tighten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decide/policy.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct addr bob, eve;

static int addresses(void **state)
{
	(void)state;
	assert_int_equal(addr_parse("bob@bank.example", &bob, NULL), 0);
	assert_int_equal(addr_parse("eve@lists.example", &eve, NULL), 0);
	return 0;
}

/* Every rule with its words, the loosest first, as the manual has them. */
static const struct {
	enum policy_setting s;
	const char *name, *words[4];
} rules[] = {
	{POLICY_ENCRYPT, "encrypt", {"never", "prefer", "require"}},
	{POLICY_MIXED, "mixed", {"clear", "split", "refuse"}},
	{POLICY_ABSENCE, "absence", {"any", "proved"}},
	{POLICY_ON_UNKNOWN, "on-unknown", {"clear", "refuse"}},
	{POLICY_ON_CHANGE, "on-change", {"use-pin", "refuse"}},
	{POLICY_PUBLIC, "public", {"yes", "no"}},
	{POLICY_SIGN, "sign", {"never", "encrypted", "always"}},
	{POLICY_TLS, "tls", {"any", "require"}},
	{POLICY_HEADER_PROTECTION, "header-protection", {"off", "baseline", "shy"}},
	{POLICY_AUTOCRYPT, "autocrypt", {"mutual", "yes", "no"}},
	{POLICY_WEAK_KEYS, "weak-keys", {"accept", "refuse"}},
	{POLICY_GNUPG, "gnupg", {"ignore", "use", "ask"}},
	{POLICY_REPLIES, "replies", {"prefer", "require"}},
};

/* The number that a word is kept as. */
static int value_of(size_t rule, const char *word)
{
	struct conf_policy p = {.to = "bob@bank.example"};
	struct conf c = {.policy = &p, .n_policy = 1};
	struct policy_rules r;

	assert_int_equal(conf_rule_set(&p, rules[rule].name, word, NULL), 0);
	policy_rules(&c, NULL, NULL, &bob, &r);
	return r.v[rules[rule].s];
}

static void every_rule_is_there(void **state)
{
	(void)state;
	assert_int_equal(N(rules), POLICY_SETTINGS);
}

/* word numbers; -1: not said */
static void check(size_t k, int policy, int once, int demand)
{
	struct conf_policy p = {.name = "p", .to = "bank.example"};
	struct mail_rules one = {.once = {.n_key = 0}};
	struct conf c = {.policy = &p, .n_policy = 1};
	const char *const *words = rules[k].words;
	struct policy_rules before, after;
	int want, at;
	char field[80];

	if (policy >= 0)
		assert_int_equal(conf_rule_set(&p, rules[k].name, words[policy], NULL), 0);
	if (once >= 0)
		assert_int_equal(conf_rule_set(&one.once, rules[k].name, words[once], NULL), 0);
	policy_rules(&c, &one, NULL, &bob, &before);
	if (once >= 0)
		assert_int_equal(before.v[rules[k].s], value_of(k, words[once]));
	else if (policy >= 0)
		assert_int_equal(before.v[rules[k].s], value_of(k, words[policy]));
	if (demand < 0)
		return;
	snprintf(field, sizeof(field), " %s=%s", rules[k].name, words[demand]);
	assert_int_equal(policy_read_field(field, &one.demand, NULL), 0);
	policy_rules(&c, &one, NULL, &bob, &after);
	for (at = 0; value_of(k, words[at]) != before.v[rules[k].s]; at++)
		;
	want = at > demand ? at : demand;
	if (after.v[rules[k].s] != value_of(k, words[want]))
		fail_msg("%s: policy %d, command line %d, message %d", rules[k].name, policy, once,
			demand);
	assert_true((after.by[rules[k].s] == policy_of_message) == (demand > at));
}

static void a_message_only_tightens(void **state)
{
	size_t k;
	int n, p, o, d;

	(void)state;
	for (k = 0; k < N(rules); k++) {
		for (n = 0; rules[k].words[n]; n++)
			;
		for (p = -1; p < n; p++) {
			for (o = -1; o < n; o++) {
				for (d = -1; d < n; d++)
					check(k, p, o, d);
			}
		}
	}
}

static void fields(void **state)
{
	static const struct {
		const char *value;
		int rc;
		enum conf_encrypt encrypt;
		enum conf_mixed mixed;
		enum conf_sign sign;
		const char *why;
	} rows[] = {
		{" encrypt=require", 0, ENCRYPT_REQUIRE, 0, 0, NULL},
		{"encrypt=require; mixed=refuse;sign = always ;", 0, ENCRYPT_REQUIRE, MIXED_REFUSE,
			SIGN_ALWAYS, NULL},
		{" encrypt=require;\n\tmixed=refuse", 0, ENCRYPT_REQUIRE, MIXED_REFUSE, 0, NULL},
		{" encrypt\t=\trequire \t;\r\n", 0, ENCRYPT_REQUIRE, 0, 0, NULL},
		{" Encrypt = REQUIRE", 0, ENCRYPT_REQUIRE, 0, 0, NULL},
		{" encrypt=prefer; encrypt=require; encrypt=never", 0, ENCRYPT_REQUIRE, 0, 0, NULL},
		{"", 0, 0, 0, 0, NULL},
		{" ; ;", 0, 0, 0, 0, NULL},
		{" encrypt=requires", ERR_DATA, 0, 0, 0,
			"X-Sealpost: encrypt: 'requires' is not one of: require, prefer, never"},
		{" encypt=require", ERR_DATA, 0, 0, 0,
			"X-Sealpost: 'encypt' is not a setting here"},
		{" encypt=require; mixed=refuse", ERR_DATA, 0, 0, 0,
			"X-Sealpost: 'encypt' is not a setting here"},
		{" encrypt", ERR_DATA, 0, 0, 0, "X-Sealpost: 'encrypt' is not RULE=WORD"},
		{" encrypt=", ERR_DATA, 0, 0, 0, "X-Sealpost: encrypt: ''"},
		{" =require", ERR_DATA, 0, 0, 0, "X-Sealpost: ''"},
		{" encrypt=require, mixed=refuse", ERR_DATA, 0, 0, 0, "X-Sealpost: encrypt"},
		{" to=bob@bank.example", ERR_DATA, 0, 0, 0, "X-Sealpost: 'to'"},
		{" key=0123456789ABCDEF0123456789ABCDEF01234567", ERR_DATA, 0, 0, 0,
			"X-Sealpost: 'key'"},
		{" mta=/bin/sh", ERR_DATA, 0, 0, 0, "X-Sealpost: 'mta'"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct conf_policy p = {.n_key = 0};
		struct err err = ERR_INIT;
		int rc = policy_read_field(rows[i].value, &p, &err);

		if (rc != rows[i].rc ||
			(rc == 0 && (p.encrypt != rows[i].encrypt || p.mixed != rows[i].mixed ||
					    p.sign != rows[i].sign)) ||
			(rc < 0 && strncmp(err.msg, rows[i].why, strlen(rows[i].why)) != 0))
			fail_msg("'%s': %d %d %d %d %s", rows[i].value, rc, p.encrypt, p.mixed,
				p.sign, err.msg);
	}
}

static void a_long_field_is_refused(void **state)
{
	struct conf_policy p = {.n_key = 0};
	char text[2000];

	(void)state;
	memset(text, ';', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(policy_read_field(text, &p, NULL), ERR_DATA);
}

/* public counts unless something that names the address as closely wants encryption. */
static void public_against_require(void **state)
{
	static const struct {
		const char *public_to,
			*require_to; /* "": [sealpost]; "--": the command line; "X": the message */
		bool public;
	} rows[] = {
		{"eve@lists.example", NULL, true},
		{"eve@lists.example", "", true},
		{"eve@lists.example", "lists.example", true},
		{"lists.example", "eve@lists.example", false},
		{"*@lists.example", "lists.example", false},
		{"eve@lists.example", "eve@lists.example", false},
		{"eve@lists.example", "--", false},
		{"eve@lists.example", "X", false},
		{"eve@lists.example", "X and []", false},
		{"bank.example", NULL, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct conf_policy p[2] = {{.name = "a", .public = PUBLIC_YES},
			{.name = "b", .encrypt = ENCRYPT_REQUIRE}};
		struct mail_rules one = {.once = {.n_key = 0}};
		struct conf c = {.policy = p, .n_policy = 1};
		const char *to = rows[i].require_to;
		struct policy_rules r;

		snprintf(p[0].to, sizeof(p[0].to), "%s", rows[i].public_to);
		if (to && strcmp(to, "") == 0) {
			c.encrypt = ENCRYPT_REQUIRE;
		} else if (to && strcmp(to, "--") == 0) {
			one.once.encrypt = ENCRYPT_REQUIRE;
		} else if (to && to[0] == 'X') {
			if (to[1])
				c.encrypt = ENCRYPT_REQUIRE;
			one.demand.encrypt = ENCRYPT_REQUIRE;
		} else if (to) {
			snprintf(p[1].to, sizeof(p[1].to), "%s", to);
			c.n_policy = 2;
		}
		policy_rules(&c, &one, NULL, &eve, &r);
		if (r.public != rows[i].public)
			fail_msg("row %zu: public %d", i, r.public);
	}
}

/* Rules of the whole mail: the strictest of anybody's. */
static void mail_takes_the_strictest(void **state)
{
	struct conf_policy p[2] = {{.name = "bank", .to = "bank.example", .mixed = MIXED_REFUSE},
		{.name = "list", .to = "lists.example", .sign = SIGN_NEVER}};
	struct conf c = {.mixed = MIXED_SPLIT, .policy = p, .n_policy = 2};
	struct policy_rcpt r[2] = {{.addr = &eve, .key = KEY_ABSENT_PROVED, .reason = ""},
		{.addr = &bob, .key = KEY_USABLE, .reason = ""}};
	struct policy_out out;

	(void)state;
	policy_decide(&c, NULL, r, 1, false, &out);
	assert_int_equal(out.sign, SIGN_NEVER);
	policy_decide(&c, NULL, r, 2, false, &out);
	assert_int_equal(out.action, ACTION_REFUSE);
	assert_non_null(strstr(r[0].why, "mixed = refuse in [policy bank]"));
	assert_int_equal(out.sign, SIGN_ENCRYPTED);
	p[0].mixed = MIXED_UNSET;
	policy_decide(&c, NULL, r, 2, false, &out);
	assert_int_equal(out.action, ACTION_SPLIT);
	p[1].mixed = MIXED_CLEAR;
	policy_decide(&c, NULL, r, 2, false, &out);
	assert_int_equal(out.action, ACTION_SPLIT);
}

static void keys_come_from_the_closest_policy(void **state)
{
	struct conf_policy p[3] = {{.name = "all", .to = "*", .n_key = 1},
		{.name = "bank", .to = "bank.example", .n_key = 2},
		{.name = "bob", .to = "bob@bank.example", .encrypt = ENCRYPT_REQUIRE}};
	struct conf c = {.policy = p, .n_policy = 3};
	struct policy_rules r;

	(void)state;
	policy_rules(&c, NULL, NULL, &bob, &r);
	assert_ptr_equal(r.keys, &p[1]);
	assert_false(policy_needs_key(&c, NULL, &bob));
	policy_rules(&c, NULL, NULL, &eve, &r);
	assert_ptr_equal(r.keys, &p[0]);
}

static void the_closest_wins_wherever_it_stands(void **state)
{
	struct conf_policy p[2] = {
		{.name = "bob", .to = "bob@bank.example", .encrypt = ENCRYPT_REQUIRE, .n_key = 1},
		{.name = "all", .to = "*", .encrypt = ENCRYPT_NEVER, .n_key = 2}};
	struct conf c = {.policy = p, .n_policy = 2};
	struct policy_rules r;

	(void)state;
	policy_rules(&c, NULL, NULL, &bob, &r);
	assert_int_equal(r.v[POLICY_ENCRYPT], ENCRYPT_REQUIRE);
	assert_ptr_equal(r.keys, &p[0]);
}

static void a_rule_says_where_it_stands(void **state)
{
	static const struct {
		const char *name;
		int policy, once, demand;
		const char *want;
	} row[] = {
		{"nowhere", 0, 0, 0, "encrypt = prefer in [sealpost]"},
		{"in a policy", ENCRYPT_NEVER, 0, 0, "encrypt = never in [policy bank]"},
		{"on the command line", ENCRYPT_NEVER, ENCRYPT_PREFER, 0,
			"encrypt = prefer on the command line"},
		{"in the message", ENCRYPT_NEVER, ENCRYPT_PREFER, ENCRYPT_REQUIRE,
			"encrypt = require in the message's X-Sealpost"},
	};
	char text[POLICY_SAY_MAX];
	struct policy_rules r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf_policy p = {
			.name = "bank", .to = "bank.example", .encrypt = row[i].policy};
		struct mail_rules one = {.once = {.n_key = 0}};
		struct conf c = {.policy = &p, .n_policy = 1};

		one.once.encrypt = row[i].once;
		one.demand.encrypt = row[i].demand;
		policy_rules(&c, &one, NULL, &bob, &r);
		policy_say(&r, POLICY_ENCRYPT, text);
		if (strcmp(text, row[i].want) != 0)
			fail_msg("%s: %s", row[i].name, text);
	}
	r.v[POLICY_ENCRYPT] = 99;
	r.by[POLICY_ENCRYPT] = policy_of_reply;
	policy_say(&r, POLICY_ENCRYPT, text);
	assert_string_equal(text, "encrypt = ? by the sealed mail that it answers");
}

static void weak_keys_are_accepted_by_rule_only(void **state)
{
	struct conf_policy p = {.name = "bank", .to = "bank.example", .weak_keys = WEAK_ACCEPT};
	struct conf c = {.policy = &p, .n_policy = 1};

	(void)state;
	assert_true(policy_accepts_weak(&c, NULL, &bob));
	assert_false(policy_accepts_weak(&c, NULL, &eve));
}

static void a_value_that_does_not_exist_is_the_loosest(void **state)
{
	(void)state;
	assert_int_equal(policy_stricter(POLICY_ENCRYPT, 99, ENCRYPT_PREFER), ENCRYPT_PREFER);
	assert_int_equal(policy_stricter(POLICY_ENCRYPT, ENCRYPT_PREFER, 99), ENCRYPT_PREFER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_rule_is_there),
		cmocka_unit_test(a_message_only_tightens), cmocka_unit_test(fields),
		cmocka_unit_test(a_long_field_is_refused), cmocka_unit_test(public_against_require),
		cmocka_unit_test(mail_takes_the_strictest),
		cmocka_unit_test(keys_come_from_the_closest_policy),
		cmocka_unit_test(the_closest_wins_wherever_it_stands),
		cmocka_unit_test(a_rule_says_where_it_stands),
		cmocka_unit_test(weak_keys_are_accepted_by_rule_only),
		cmocka_unit_test(a_value_that_does_not_exist_is_the_loosest)};

	return cmocka_run_group_tests_name("rules", tests, addresses, NULL);
}
