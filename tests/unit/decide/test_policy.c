/* SPDX-License-Identifier: ISC */
/* The decision: named rows, and invariants over the product of what it depends on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decide/policy.h"
#include "print/quote.h"

#define R ACTION_REFUSE
#define S ACTION_SEAL
#define C ACTION_CLEAR

static struct addr bob, eve;

static int addresses(void **state)
{
	(void)state;
	assert_int_equal(addr_parse("bob@bank.example", &bob, NULL), 0);
	assert_int_equal(addr_parse("eve@other.example", &eve, NULL), 0);
	return 0;
}

struct one {
	const char *name;
	enum conf_encrypt encrypt;
	enum conf_unknown on_unknown;
	enum key_status key;
	bool pinned, allow, domain, unserved;
	enum policy_action action;
	enum err_code code;
	const char *why, *hint;
};

#define REQ ENCRYPT_REQUIRE
#define PRE ENCRYPT_PREFER
#define NEV ENCRYPT_NEVER
#define UR UNKNOWN_REFUSE
#define UC UNKNOWN_CLEAR
#define ASK_FOR_KEY                                                                                \
	"ask for a key, then: sealpost lookup bob@bank.example; without one, for this mail "       \
	"alone: add --encrypt=prefer to sealpost send (in mutt: set sendmail)"
#define OFFLINE                                                                                    \
	"send it again when this machine is connected; to see what is wrong: sealpost doctor "     \
	"--online"

static const struct one ones[] = {
	{"usable", PRE, UR, KEY_USABLE, .action = S},
	{"usable, required", REQ, UR, KEY_USABLE, .action = S},
	{"usable, pinned", PRE, UR, KEY_USABLE, .pinned = true, .action = S},
	{"usable, allow-clear: the key wins", PRE, UR, KEY_USABLE, .allow = true, .action = S},
	{"usable, never", NEV, UR, KEY_USABLE, .action = C},
	{"never, nothing known", NEV, UR, KEY_UNKNOWN, .action = C},
	{"never, pinned", NEV, UR, KEY_USABLE, .pinned = true, .action = R, .code = ERR_POLICY,
		.why = "encrypt = never, but clear text never goes to an address that has a pin"},
	{"never, allowed by name", NEV, UR, KEY_USABLE, .pinned = true, .allow = true, .action = C},
	{"absent", PRE, UR, KEY_ABSENT_UNPROVED, .action = C},
	{"absent, required", REQ, UR, KEY_ABSENT_PROVED, .action = R, .code = ERR_POLICY,
		.why = "no key is published (proved) and encrypt = require", .hint = ASK_FOR_KEY},
	{"unproved, required", REQ, UR, KEY_ABSENT_UNPROVED, .action = R, .code = ERR_POLICY,
		.why = "no key is published (unproved) and encrypt = require", .hint = ASK_FOR_KEY},
	{"absent, required, allowed", REQ, UR, KEY_ABSENT_PROVED, .allow = true, .action = R,
		.code = ERR_POLICY, .hint = ASK_FOR_KEY},
	{"absent, required, domain", REQ, UR, KEY_ABSENT_PROVED, .domain = true, .unserved = true,
		.action = R, .code = ERR_POLICY, .hint = ASK_FOR_KEY},
	{"unknown, required, allowed", REQ, UR, KEY_UNKNOWN, .allow = true, .action = R,
		.code = ERR_TEMP, .hint = OFFLINE},
	{"unusable, required, allowed", REQ, UR, KEY_UNUSABLE, .allow = true, .action = R,
		.code = ERR_POLICY,
		.hint = "ask for a new key, then: sealpost lookup bob@bank.example"},
	{"absent, required, domain served", REQ, UR, KEY_ABSENT_PROVED, .domain = true, .action = R,
		.code = ERR_POLICY},
	{"absent, pinned", PRE, UR, KEY_ABSENT_PROVED, .pinned = true, .domain = true,
		.unserved = true, .action = R, .code = ERR_POLICY,
		.why = "no key is published (proved), and clear text "
		       "never goes to an address that has a pin"},
	{"unusable", PRE, UC, KEY_UNUSABLE, .domain = true, .unserved = true, .action = R,
		.code = ERR_POLICY, .why = "the key that is published cannot be used: because",
		.hint = "ask for a new key, then: sealpost lookup bob@bank.example"},
	{"unusable, pinned", PRE, UC, KEY_UNUSABLE, .pinned = true, .action = R, .code = ERR_POLICY,
		.why = "the key that is pinned cannot be used: because",
		.hint = "sealpost refresh bob@bank.example"},
	{"unusable, allowed", PRE, UR, KEY_UNUSABLE, .allow = true, .action = C},
	{"unknown", PRE, UR, KEY_UNKNOWN, .unserved = true, .action = R, .code = ERR_TEMP,
		.why = "cannot tell whether a key exists: because", .hint = OFFLINE},
	{"unknown, allowed", PRE, UR, KEY_UNKNOWN, .allow = true, .action = C},
	{"unknown, domain", PRE, UR, KEY_UNKNOWN, .domain = true, .unserved = true, .action = C},
	{"unknown, domain served", PRE, UR, KEY_UNKNOWN, .domain = true, .action = R,
		.code = ERR_TEMP},
	{"unknown, by rule", PRE, UC, KEY_UNKNOWN, .unserved = true, .action = C},
	{"unknown, by rule, domain served", PRE, UC, KEY_UNKNOWN, .action = R, .code = ERR_TEMP},
	{"unknown, by rule, pinned", PRE, UC, KEY_UNKNOWN, .pinned = true, .unserved = true,
		.action = R, .code = ERR_TEMP},
	{"unknown, by rule, required", REQ, UC, KEY_UNKNOWN, .unserved = true, .action = R,
		.code = ERR_TEMP},
	{"unknown, domain, pinned", PRE, UR, KEY_UNKNOWN, .pinned = true, .domain = true,
		.action = R, .code = ERR_TEMP},
	{"conflict with the pin", PRE, UC, KEY_CONFLICT, .pinned = true, .domain = true,
		.unserved = true, .action = R, .code = ERR_CONFLICT,
		.why = "a different key is published than the one pinned: because",
		.hint = "sealpost pins show bob@bank.example"},
	{"two keys", PRE, UC, KEY_CONFLICT, .unserved = true, .action = R, .code = ERR_CONFLICT,
		.why = "what is published cannot be trusted: because",
		.hint = "sealpost lookup bob@bank.example"},
	{"a status that does not exist", PRE, UR, (enum key_status)99, .action = R,
		.code = ERR_TEMP},
};

static void one_recipient(void **state)
{
	const struct one *o;
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		struct conf c = {.encrypt = ones[i].encrypt,
			.on_unknown = ones[i].on_unknown,
			.mixed = MIXED_REFUSE};
		struct policy_rcpt r = {.addr = &bob,
			.key = ones[i].key,
			.pinned = ones[i].pinned,
			.allow_clear = ones[i].allow,
			.domain_clear = ones[i].domain,
			.domain_unserved = ones[i].unserved,
			.hidden = true,
			.reason = "because"};

		o = &ones[i];
		policy_decide(&c, NULL, &r, 1, false, &out);
		if (out.action != o->action || out.code != o->code || r.code != o->code ||
			r.in_the_way != (o->action == R) ||
			(o->why && strcmp(r.why, o->why) != 0) ||
			(o->hint && strcmp(out.hint, o->hint) != 0) ||
			(out.action == R) != (out.hint[0] != '\0'))
			fail_msg("%s: action %d code %d why '%s' hint '%s'", o->name, out.action,
				out.code, r.why, out.hint);
	}
}

/* Every combination for one recipient, alone and beside one with a usable key. */
static void check_invariants(unsigned bits, const struct conf *c, enum key_status key, bool pair)
{
	struct policy_rcpt r[2] = {{.addr = &bob,
					   .key = key,
					   .pinned = bits & 1,
					   .allow_clear = bits & 2,
					   .domain_clear = bits & 4,
					   .domain_unserved = bits & 8,
					   .reason = ""},
		{.addr = &eve, .key = KEY_USABLE, .pinned = bits & 16, .reason = ""}};
	struct policy_out out;
	size_t i, n = pair ? 2 : 1, named = 0;
	bool ok = true;

	policy_decide(c, NULL, r, n, false, &out);
	for (i = 0; i < n; i++) {
		named += r[i].in_the_way;
		ok = ok && r[i].in_the_way == (r[i].why[0] != '\0');
		ok = ok && (r[i].code == ERR_NONE || (r[i].in_the_way && out.code != ERR_NONE));
		if (out.action == ACTION_SPLIT)
			ok = ok && c->mixed == MIXED_SPLIT && n == 2;
		if (out.action != R && !policy_seals(&out, &r[i])) {
			ok = ok && c->encrypt != REQ;
			ok = ok && (!r[i].pinned || r[i].allow_clear);
			ok = ok &&
			     (r[i].key != KEY_CONFLICT || r[i].allow_clear || c->encrypt == NEV);
			ok = ok &&
			     (r[i].key != KEY_UNUSABLE || r[i].allow_clear || c->encrypt == NEV);
			ok = ok && (r[i].key != KEY_USABLE || c->encrypt == NEV ||
					   (n == 2 && c->mixed == MIXED_CLEAR));
			ok = ok && (r[i].key != KEY_UNKNOWN || r[i].allow_clear ||
					   (r[i].domain_clear && r[i].domain_unserved) ||
					   c->encrypt == NEV ||
					   (c->on_unknown == UC && r[i].domain_unserved &&
						   c->encrypt == PRE));
		}
		if (policy_seals(&out, &r[i]))
			ok = ok && r[i].key == KEY_USABLE && c->encrypt != NEV;
	}
	ok = ok && (out.action == R) == (named > 0) && (out.action == R) == (out.code != ERR_NONE);
	ok = ok && (out.action == R) == (out.hint[0] != '\0');
	if (!ok)
		fail_msg("bits %#x encrypt %d on-unknown %d mixed %d key %d pair %d: action %d",
			bits, c->encrypt, c->on_unknown, c->mixed, key, pair, out.action);
}

static void invariants_hold_for_all_combinations(void **state)
{
	unsigned bits;
	int e, u, m, key;

	(void)state;
	for (e = ENCRYPT_UNSET; e <= ENCRYPT_NEVER; e++) {
		for (u = UNKNOWN_UNSET; u <= UNKNOWN_CLEAR; u++) {
			for (m = MIXED_UNSET; m <= MIXED_CLEAR; m++) {
				struct conf c = {
					.encrypt = e ? e : PRE, .on_unknown = u, .mixed = m};

				for (key = KEY_USABLE; key <= KEY_CONFLICT; key++) {
					for (bits = 0; bits < 32; bits++) {
						check_invariants(bits, &c, key, false);
						check_invariants(bits, &c, key, true);
					}
				}
			}
		}
	}
}

/* The hint of an unknown key: what the cause is, how long it has lasted, and who has a say. */
static const struct unknown_row {
	const char *name;
	enum conf_encrypt encrypt;
	enum unknown_cause cause;
	bool other, served, pinned;
	int64_t waited;
	const char *hint, *mend;
} unknown_rows[] = {
#define OFFER "sealpost pins allow-clear bob@bank.example"
	{"1 nobody answers", PRE, CAUSE_OURS, .hint = OFFLINE},
	{"2 nobody answers, for days", PRE, CAUSE_OURS, .waited = 400000, .hint = OFFLINE},
	{"3 others are reached, this machine's fault all the same", PRE, CAUSE_OURS, .other = true,
		.waited = 400000, .hint = OFFLINE},
	{"4 refused by its own host", PRE, CAUSE_ANSWERED,
		.hint = "send it again later; if its domain still gives no answer in 15 minutes, "
			"clear text can be allowed"},
	{"5 one second too early", PRE, CAUSE_ANSWERED, .waited = 899,
		.hint = "send it again later; if its domain still gives no answer in 1 minute, "
			"clear text can be allowed"},
	{"6 a second attempt after 15 minutes", PRE, CAUSE_ANSWERED, .waited = 900, .hint = OFFER},
	{"7 time-out", PRE, CAUSE_THEIRS,
		.hint = "send it again later; if its domain still gives no answer in 4 hours, "
			"clear text can be allowed"},
	{"8 time-out, an hour and a half", PRE, CAUSE_THEIRS, .waited = 5400,
		.hint = "send it again later; if its domain still gives no answer in 2 hours 30 "
			"minutes, clear text can be allowed"},
	{"8 time-out, three hours before", PRE, CAUSE_THEIRS, .waited = 14400 - 3660,
		.hint = "send it again later; if its domain still gives no answer in 1 hour 1 "
			"minute, clear text can be allowed"},
	{"8 time-out, just three hours", PRE, CAUSE_THEIRS, .waited = 14400 - 3600,
		.hint = "send it again later; if its domain still gives no answer in 1 hour, clear "
			"text can be allowed"},
	{"9 time-out, one second too early", PRE, CAUSE_THEIRS, .waited = 14399,
		.hint = "send it again later; if its domain still gives no answer in 1 minute, "
			"clear text can be allowed"},
	{"10 time-out, four hours", PRE, CAUSE_THEIRS, .waited = 14400, .hint = OFFER},
	{"11 bad certificate, perhaps a portal's", PRE, CAUSE_UNPROVEN, .waited = 400000,
		.hint = OFFLINE},
	{"12 bad certificate, others are reached", PRE, CAUSE_UNPROVEN, .other = true,
		.waited = 14400, .hint = OFFER},
	{"13 bad certificate, others are reached, first time", PRE, CAUSE_UNPROVEN, .other = true,
		.hint = "send it again later; if its domain still gives no answer in 4 hours, "
			"clear text can be allowed"},
	{"14 a served domain", PRE, CAUSE_ANSWERED, .served = true, .waited = 400000,
		.hint = "send it again later"},
	{"15 a pin", PRE, CAUSE_ANSWERED, .pinned = true, .waited = 400000,
		.hint = "send it again later"},
	{"16 required", REQ, CAUSE_ANSWERED, .waited = 400000, .hint = "send it again later"},
	{"17 required, nobody answers", REQ, CAUSE_OURS, .waited = 400000, .hint = OFFLINE},
	{"18 absent another way than the domain's keys", PRE, CAUSE_OTHERWISE, .served = true,
		.hint = "send it again later; once this has lasted for three days, its domain can "
			"be forgotten"},
	{"19 and for one second less than three days", PRE, CAUSE_OTHERWISE, .served = true,
		.waited = 259199,
		.hint = "send it again later; once this has lasted for three days, its domain can "
			"be forgotten"},
	{"20 and for three days", PRE, CAUSE_OTHERWISE, .served = true, .waited = 259200,
		.hint = "sealpost pins forget bank.example"},
	{"21 the user's keyring", PRE, CAUSE_KEYRING, .other = true, .waited = 400000,
		.mend = "gpg --list-keys", .hint = "gpg --list-keys"},
	{"22 and nobody knows what to do", PRE, CAUSE_KEYRING, .mend = "",
		.hint = "sealpost doctor"},
};

static void hint_answers_the_cause(void **state)
{
	const struct unknown_row *o;
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(unknown_rows) / sizeof(unknown_rows[0]); i++) {
		struct conf c = {.encrypt = unknown_rows[i].encrypt, .mixed = MIXED_REFUSE};
		struct policy_rcpt r = {.addr = &bob, .key = KEY_UNKNOWN, .reason = "because"};

		o = &unknown_rows[i];
		r.cause = o->cause;
		r.other_answered = o->other;
		r.domain_unserved = !o->served;
		r.pinned = o->pinned;
		r.waited = o->waited;
		r.mend = o->mend;
		policy_decide(&c, NULL, &r, 1, false, &out);
		if (out.action != R || out.code != ERR_TEMP || strcmp(out.hint, o->hint) != 0)
			fail_msg("%s: '%s'", o->name, out.hint);
	}
}

/* The user's own address follows the others: it seals with them, and makes no mixture by itself. */
static const struct own_row {
	const char *name;
	enum conf_encrypt encrypt;
	enum conf_mixed mixed;
	enum key_status other;
	bool pinned, other_pinned; /* the own address; the other */
	enum policy_action action;
} own_rows[] = {
	{"1 the other has a key", PRE, MIXED_REFUSE, KEY_USABLE, .action = S},
	{"2 the other has none", PRE, MIXED_REFUSE, KEY_ABSENT_UNPROVED, .action = C},
	{"3 to each as they can", PRE, MIXED_SPLIT, KEY_ABSENT_UNPROVED, .action = ACTION_SPLIT},
	{"4 the own address is pinned", PRE, MIXED_REFUSE, KEY_ABSENT_UNPROVED, .pinned = true,
		.action = R},
	{"5 required", REQ, MIXED_REFUSE, KEY_ABSENT_UNPROVED, .action = R},
	{"6 the other is unknown", PRE, MIXED_REFUSE, KEY_UNKNOWN, .action = R},
	{"7 the other is pinned, without a key", PRE, MIXED_REFUSE, KEY_ABSENT_PROVED,
		.other_pinned = true, .action = R},
	{"8 never", NEV, MIXED_REFUSE, KEY_USABLE, .action = C},
};

static void own_address(void **state)
{
	const struct own_row *o;
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(own_rows) / sizeof(own_rows[0]); i++) {
		o = &own_rows[i];
		{
			struct conf c = {.encrypt = o->encrypt, .mixed = o->mixed};
			struct policy_rcpt r[2] = {
				{.addr = &bob, .key = KEY_USABLE, .own = true, .pinned = o->pinned},
				{.addr = &eve, .key = o->other, .pinned = o->other_pinned}};

			policy_decide(&c, NULL, r, 2, false, &out);
			if (out.action != o->action)
				fail_msg("%s: %d", o->name, out.action);
			policy_decide(&c, NULL, r, 1, false, &out);
			if (out.action != (o->encrypt == NEV && !o->pinned ? C : S))
				fail_msg("%s, alone: %d", o->name, out.action);
		}
	}
}

/* An answer to a sealed mail is under require. */
static const struct reply_row {
	const char *name;
	enum conf_encrypt encrypt;
	enum conf_replies replies;
	enum key_status key;
	bool allow;
	enum policy_action action;
	const char *hint;
} reply_rows[] = {
#define NEW_THREAD                                                                                 \
	"it answers <m@x.example>, which was sealed; a mail without References and In-Reply-To "   \
	"begins a new thread; this one alone in clear: add --replies=prefer to sealpost send "     \
	"(in mutt: set sendmail)"
	{"1 a key", PRE, REPLIES_REQUIRE, KEY_USABLE, .action = S},
	{"2 no key", PRE, REPLIES_REQUIRE, KEY_ABSENT_PROVED, .action = R, .hint = NEW_THREAD},
	{"3 no key, by rule no matter", PRE, REPLIES_PREFER, KEY_ABSENT_PROVED, .action = C},
	{"4 allowed by its name", PRE, REPLIES_REQUIRE, KEY_ABSENT_PROVED, .allow = true,
		.action = R, .hint = NEW_THREAD},
	{"5 never", NEV, REPLIES_REQUIRE, KEY_ABSENT_PROVED, .action = R, .hint = NEW_THREAD},
	{"6 never, a key", NEV, REPLIES_REQUIRE, KEY_USABLE, .action = S},
	{"7 required all the same", REQ, REPLIES_PREFER, KEY_ABSENT_PROVED, .action = R,
		.hint = ASK_FOR_KEY},
	{"8 unknown", PRE, REPLIES_REQUIRE, KEY_UNKNOWN, .action = R},
	{"9 required anyhow", REQ, REPLIES_REQUIRE, KEY_ABSENT_PROVED, .action = R,
		.hint = ASK_FOR_KEY},
};

static void replies(void **state)
{
	const struct reply_row *o;
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(reply_rows) / sizeof(reply_rows[0]); i++) {
		o = &reply_rows[i];
		{
			struct conf c = {.encrypt = o->encrypt,
				.mixed = MIXED_REFUSE,
				.replies = o->replies};
			struct policy_rcpt r = {.addr = &bob,
				.key = o->key,
				.allow_clear = o->allow,
				.answers = "<m@x.example>"};

			policy_decide(&c, NULL, &r, 1, false, &out);
			if (out.action != o->action || (o->hint && strcmp(out.hint, o->hint) != 0))
				fail_msg("%s: %d '%s'", o->name, out.action, out.hint);
		}
	}
}

struct several {
	const char *name;
	enum conf_encrypt encrypt;
	enum conf_mixed mixed;
	enum key_status key[2];
	bool pinned[2], hidden[2];
	enum policy_action action;
	enum err_code code;
	bool in_the_way[2];
	const char *hint;
};

static const struct several severals[] = {
	{"both usable", PRE, MIXED_REFUSE, {KEY_USABLE, KEY_USABLE}, .action = S},
	{"both absent", PRE, MIXED_REFUSE, {KEY_ABSENT_PROVED, KEY_ABSENT_UNPROVED}, .action = C},
	{"mixture", PRE, MIXED_REFUSE, {KEY_USABLE, KEY_ABSENT_PROVED}, .action = R,
		.code = ERR_POLICY, .in_the_way = {false, true},
		.hint = "send to eve@other.example in a mail of its own, or to each as they can: "
			"add --mixed=split to sealpost send (in mutt: set sendmail)"},
	{"mixture, clear", PRE, MIXED_CLEAR, {KEY_USABLE, KEY_ABSENT_PROVED}, .action = C},
	{"mixture, clear, pinned", PRE, MIXED_CLEAR, {KEY_USABLE, KEY_ABSENT_PROVED}, {true, false},
		.action = R, .code = ERR_POLICY, .in_the_way = {false, true}},
	{"mixture, clear, required", REQ, MIXED_CLEAR, {KEY_USABLE, KEY_ABSENT_PROVED}, .action = R,
		.code = ERR_POLICY, .in_the_way = {false, true}},
	{"mixture, split", PRE, MIXED_SPLIT, {KEY_USABLE, KEY_ABSENT_PROVED},
		.action = ACTION_SPLIT},
	{"split, but both usable", PRE, MIXED_SPLIT, {KEY_USABLE, KEY_USABLE}, .action = S},
	{"split, required", REQ, MIXED_SPLIT, {KEY_USABLE, KEY_ABSENT_PROVED}, .action = R,
		.code = ERR_POLICY, .in_the_way = {false, true}},
	{"unknown beside usable", PRE, MIXED_CLEAR, {KEY_USABLE, KEY_UNKNOWN}, .action = R,
		.code = ERR_TEMP, .in_the_way = {false, true}},
	{"conflict before unknown", PRE, MIXED_REFUSE, {KEY_UNKNOWN, KEY_CONFLICT}, .action = R,
		.code = ERR_CONFLICT, .in_the_way = {true, true},
		.hint = "sealpost lookup eve@other.example"},
	{"unknown before policy", REQ, MIXED_REFUSE, {KEY_ABSENT_PROVED, KEY_UNKNOWN}, .action = R,
		.code = ERR_TEMP, .in_the_way = {true, true}, .hint = OFFLINE},
	{"first of equals", REQ, MIXED_REFUSE, {KEY_ABSENT_PROVED, KEY_UNUSABLE}, .action = R,
		.code = ERR_POLICY, .in_the_way = {true, true}, .hint = ASK_FOR_KEY},
	{"hidden beside another", PRE, MIXED_REFUSE, {KEY_USABLE, KEY_USABLE},
		.hidden = {false, true}, .action = S},
	{"hidden, clear text", PRE, MIXED_REFUSE, {KEY_ABSENT_PROVED, KEY_ABSENT_PROVED},
		.hidden = {false, true}, .action = C},
};

static void several_recipients(void **state)
{
	const struct several *o;
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(severals) / sizeof(severals[0]); i++) {
		o = &severals[i];
		struct conf c = {.encrypt = o->encrypt, .on_unknown = UR, .mixed = o->mixed};
		struct policy_rcpt r[2] = {{.addr = &bob,
						   .key = o->key[0],
						   .pinned = o->pinned[0],
						   .hidden = o->hidden[0]},
			{.addr = &eve,
				.key = o->key[1],
				.pinned = o->pinned[1],
				.hidden = o->hidden[1]}};

		policy_decide(&c, NULL, r, 2, false, &out);
		if (out.action != o->action || out.code != o->code ||
			r[0].in_the_way != o->in_the_way[0] ||
			r[1].in_the_way != o->in_the_way[1] ||
			(o->hint && strcmp(out.hint, o->hint) != 0))
			fail_msg("%s: action %d code %d '%s' '%s' hint '%s'", o->name, out.action,
				out.code, r[0].why, r[1].why, out.hint);
	}
}

/* Of an address that nobody can publish a key for no key is to be had. */
static void nothing_to_ask_for(void **state)
{
	static const struct {
		const char *address, *hint;
		bool by_message;
	} row[] = {
		{"root", "in the configuration: qualify-domain; or, in clear: [policy local] to = "
			 "root with the line encrypt = prefer"},
		{"a@[192.0.2.1]", "in the configuration, in clear: [policy local] to = "
				  "a@[192.0.2.1] with the line encrypt = prefer"},
		{"root",
			"ask for a key, then: sealpost lookup root; without one, only if the "
			"message has no X-Sealpost field",
			true},
	};
	struct policy_out out;
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.encrypt = REQ};
		struct mail_rules one = {.demand = {.encrypt = REQ}};
		struct policy_rcpt r = {.addr = &a, .key = KEY_ABSENT_PROVED};

		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		policy_decide(&c, row[i].by_message ? &one : NULL, &r, 1, false, &out);
		assert_int_equal(out.action, R);
		assert_string_equal(out.hint, row[i].hint);
	}
}

/* A key that cannot be used: clear text is no way out of a weak one, and a rule may know better. */
static void unusable_keys(void **state)
{
	static const struct {
		const char *name;
		bool weak;
		const char *mend, *hint;
		bool allowable;
	} row[] = {
		{"expired", false, NULL,
			"ask for a new key, then: sealpost lookup bob@bank.example", true},
		{"weak", true, NULL, "ask for a new key, then: sealpost lookup bob@bank.example",
			false},
		{"something else is to be done", false, "sealpost pins list", "sealpost pins list",
			true},
	};
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.encrypt = PRE};
		struct policy_rcpt r = {.addr = &bob,
			.key = KEY_UNUSABLE,
			.weak = row[i].weak,
			.mend = row[i].mend};

		policy_decide(&c, NULL, &r, 1, false, &out);
		if (out.action != R || strcmp(out.hint, row[i].hint) != 0 ||
			r.allowable != row[i].allowable)
			fail_msg("%s: %d '%s'", row[i].name, r.allowable, out.hint);
	}
}

/* Half a hint would be worse than none. */
static void a_hint_that_does_not_fit_is_another(void **state)
{
	static const struct {
		const char *name;
		size_t quotes;
		const char *hint; /* NULL: with the address */
	} row[] = {
		{"it fits", 10, NULL},
		{"the command is too long for it", 120, "sealpost why"},
		{"the name alone is too long", 200, "sealpost why"},
	};
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.encrypt = REQ};
		struct addr odd = {.domain = "b.example"};
		struct policy_rcpt r = {.addr = &odd, .key = KEY_UNUSABLE};

		memset(odd.name, '\'', row[i].quotes);
		policy_decide(&c, NULL, &r, 1, false, &out);
		if (row[i].hint ? strcmp(out.hint, row[i].hint) != 0
				: !strstr(out.hint, "sealpost lookup '"))
			fail_msg("%s: '%s'", row[i].name, out.hint);
	}
}

/* Who gets clear text beside a key is named, each; the message's own word is not undone by an
 * option. */
static void mixtures(void **state)
{
	static const struct {
		const char *name;
		enum conf_mixed demand;
		const char *hint;
		const char *lapsed; /* what is the matter with the own key of the last one */
	} row[] = {
		{"an own key that has expired", MIXED_UNSET, "gpg --mend",
			"your key FPR has expired"},
		{"by default", MIXED_UNSET,
			"send to eve@other.example in a mail of its own, or to each as they can: "
			"add --mixed=split to sealpost send (in mutt: set sendmail)"},
		{"by the message", MIXED_REFUSE, "send to eve@other.example in a mail of its own"},
	};
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {
			.encrypt = PRE, .mixed = row[i].demand ? MIXED_SPLIT : MIXED_UNSET};
		struct mail_rules one = {.once = {.n_key = 0}};
		struct policy_rcpt r[3] = {{.addr = &bob, .key = KEY_USABLE},
			{.addr = &eve, .key = KEY_ABSENT_PROVED},
			{.addr = &eve,
				.key = KEY_ABSENT_PROVED,
				.lapsed = row[i].lapsed,
				.lapsed_mend = "gpg --mend"}};

		one.demand.mixed = row[i].demand;
		policy_decide(&c, &one, r, 3, false, &out);
		if (out.action != R || strcmp(out.hint, row[i].hint) != 0 || r[0].in_the_way ||
			!r[1].in_the_way || !r[2].in_the_way)
			fail_msg("%s: %d '%s'", row[i].name, out.action, out.hint);
		if (row[i].lapsed && !strstr(r[2].why, row[i].lapsed))
			fail_msg("%s: '%s'", row[i].name, r[2].why);
	}
}

/* Refused because the own key has expired: that is said, and its hint. */
static void own_key_expired(void **state)
{
	struct conf c = {.encrypt = REQ};
	struct policy_rcpt r = {.addr = &eve,
		.key = KEY_ABSENT_PROVED,
		.lapsed = "your key FPR has expired",
		.lapsed_mend = "gpg --mend"};
	struct policy_out out;

	(void)state;
	policy_decide(&c, NULL, &r, 1, false, &out);
	assert_int_equal(out.action, R);
	assert_string_equal(out.hint, "gpg --mend");
	assert_non_null(strstr(r.why, ": your key FPR has expired"));
}

/* No option loosens what the message itself demands, even where a policy demands it too. */
static void the_message_demands_a_key(void **state)
{
	static const struct {
		const char *name;
		enum conf_encrypt rule, demand;
		enum conf_replies replies;
		const char *answers, *hint;
	} row[] = {
		{"1 a rule", REQ, 0, 0, NULL, ASK_FOR_KEY},
		{"2 the message", PRE, REQ, 0, NULL,
			"ask for a key, then: sealpost lookup bob@bank.example; without one, only "
			"if the message has no X-Sealpost field"},
		{"3 both", REQ, REQ, 0, NULL,
			"ask for a key, then: sealpost lookup bob@bank.example; without one, only "
			"if the message has no X-Sealpost field"},
		{"4 an answer", PRE, 0, 0, "<a@b>",
			"it answers <a@b>, which was sealed; a mail without References and "
			"In-Reply-To begins a new thread; this one alone in clear: add "
			"--replies=prefer to sealpost send (in mutt: set sendmail)"},
		{"5 an answer whose message says so", PRE, 0, REPLIES_REQUIRE, "<a@b>",
			"it answers <a@b>, which was sealed; a mail without References and "
			"In-Reply-To begins a new thread"},
	};
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.encrypt = row[i].rule, .replies = REPLIES_REQUIRE};
		struct mail_rules one = {.once = {.n_key = 0}};
		struct policy_rcpt r = {
			.addr = &bob, .key = KEY_ABSENT_PROVED, .answers = row[i].answers};

		one.demand.encrypt = row[i].demand;
		one.demand.replies = row[i].replies;
		policy_decide(&c, &one, &r, 1, false, &out);
		if (out.action != R || strcmp(out.hint, row[i].hint) != 0)
			fail_msg("%s: %d '%s'", row[i].name, out.action, out.hint);
	}
}

static void the_first_public_place_is_named(void **state)
{
	struct conf_policy p = {.name = "list", .to = "*", .public = PUBLIC_YES};
	struct conf c = {.encrypt = PRE, .policy = &p, .n_policy = 1};
	struct policy_rcpt r[2] = {
		{.addr = &bob, .key = KEY_USABLE}, {.addr = &eve, .key = KEY_ABSENT_PROVED}};
	struct policy_out out;

	(void)state;
	policy_decide(&c, NULL, r, 2, false, &out);
	assert_int_equal(out.action, C);
	assert_ptr_equal(out.public, &r[0]);
}

static void encrypted_already_passes(void **state)
{
	struct conf c = {.encrypt = REQ};
	struct policy_rcpt r = {
		.addr = &bob, .key = KEY_CONFLICT, .pinned = true, .in_the_way = true};
	struct policy_out out;

	(void)state;
	policy_decide(&c, NULL, &r, 1, true, &out);
	assert_int_equal(out.action, ACTION_CLEAR);
	assert_int_equal(out.code, ERR_NONE);
	assert_false(r.in_the_way);
}

static void nobody_is_refused(void **state)
{
	struct conf c = {.encrypt = PRE};
	struct policy_out out;

	(void)state;
	policy_decide(&c, NULL, NULL, 0, false, &out);
	assert_int_equal(out.action, ACTION_REFUSE);
	policy_decide(&c, NULL, NULL, 0, true, &out);
	assert_int_equal(out.action, ACTION_REFUSE);
}

/* What --last may settle: not a conflict, not a mixture, not a pin under never. */
static void only_settleable_ones_are_allowable(void **state)
{
	static const struct {
		enum conf_encrypt encrypt;
		enum key_status key;
		bool pinned, allowable;
	} row[] = {{REQ, KEY_ABSENT_PROVED, false, false}, {PRE, KEY_UNKNOWN, false, true},
		{PRE, KEY_UNUSABLE, false, true}, {PRE, KEY_CONFLICT, true, false},
		{NEV, KEY_USABLE, true, false}, {PRE, KEY_ABSENT_PROVED, false, false}};
	struct policy_out out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.encrypt = row[i].encrypt, .on_unknown = UR};
		struct policy_rcpt r[2] = {
			{.addr = &bob, .key = row[i].key, .pinned = row[i].pinned},
			{.addr = &eve, .key = KEY_USABLE}};

		policy_decide(&c, NULL, r, 2, false, &out);
		assert_int_equal(out.action, ACTION_REFUSE);
		assert_int_equal(r[0].allowable, row[i].allowable);
	}
}

static void most_specific_rule_wins(void **state)
{
	static struct conf_policy policy[] = {{"any", "*", .encrypt = PRE, .on_unknown = UC},
		{"tld", "*.example", .encrypt = NEV}, {"boss", "bob@bank.*", .encrypt = REQ},
		{"dom", "bank.example", .encrypt = REQ},
		{"bob", "bob@bank.example", .on_unknown = UR},
		{"late", "*@other.example", .encrypt = REQ}, {"quoted", "\"x*", .encrypt = NEV},
		{"local", "root", .encrypt = NEV}};
	static const struct {
		const char *address, *name;
		enum conf_encrypt encrypt;
		enum conf_unknown on_unknown;
	} row[] = {{"bob@bank.example", "dom", REQ, UR}, {"al@bank.example", "dom", REQ, UC},
		{"al@sub.bank.example", "tld", NEV, UC}, {"bob@bank.test", "boss", REQ, UC},
		{"eve@other.example", "late", REQ, UC}, {"x@y.test", "any", PRE, UC},
		{"BOB@Bank.Example", "dom", REQ, UR},
		/* A quoted local part must not reach a pattern's domain. */
		{"\"eve@other.example\"@y.test", "any", PRE, UC},
		{"\"bob@bank.\"@y.test", "any", PRE, UC}, {"root", "local", NEV, UR},
		{"daemon", NULL, PRE, UR}};
	struct conf c = {.encrypt = PRE,
		.on_unknown = UR,
		.policy = policy,
		.n_policy = sizeof(policy) / sizeof(policy[0])};
	struct policy_rules r;
	const char *name;
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		policy_rules(&c, NULL, NULL, &a, &r);
		name = r.by[POLICY_ENCRYPT];
		if (r.v[POLICY_ENCRYPT] != (int)row[i].encrypt ||
			r.v[POLICY_ON_UNKNOWN] != (int)row[i].on_unknown || !name != !row[i].name ||
			(name && strcmp(name, row[i].name) != 0))
			fail_msg("%s: %s %d %d", row[i].address, name ? name : "(global)",
				r.v[POLICY_ENCRYPT], r.v[POLICY_ON_UNKNOWN]);
		assert_int_equal(policy_needs_key(&c, NULL, &a), r.v[POLICY_ENCRYPT] != NEV);
	}
}

static void change_follows_the_most_specific_rule(void **state)
{
	static const struct {
		const char *address;
		enum conf_change want;
	} row[] = {
		{"a@else.example", CHANGE_REFUSE},
		{"a@b.example", CHANGE_USE_PIN},
		{"boss@b.example", CHANGE_REFUSE},
		{"quiet@b.example", CHANGE_USE_PIN},
	};
	struct conf_policy p[] = {{.name = "d", .to = "b.example", .on_change = CHANGE_USE_PIN},
		{.name = "a", .to = "boss@b.example", .on_change = CHANGE_REFUSE},
		{.name = "q", .to = "quiet@b.example", .encrypt = ENCRYPT_REQUIRE}};
	struct conf c = {.on_change = CHANGE_REFUSE, .policy = p, .n_policy = 3};
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		assert_int_equal(policy_on_change(&c, NULL, &a), row[i].want);
	}
}

static void tls_follows_policy_then_identity(void **state)
{
	static const struct {
		const char *address, *rule;
		enum conf_transport global, identity, want;
	} row[] = {
#define ANY TRANSPORT_ANY
#define TLS TRANSPORT_REQUIRE
#define UNSET TRANSPORT_UNSET
		{"a@else.example", NULL, ANY, UNSET, ANY},
		{"a@else.example", NULL, TLS, UNSET, TLS},
		{"a@else.example", NULL, ANY, TLS, TLS},
		{"a@else.example", NULL, TLS, ANY, ANY},
		{"a@b.example", "d", ANY, UNSET, TLS},
		{"a@b.example", "d", ANY, ANY, TLS},
		{"boss@b.example", "a", TLS, TLS, ANY},
		{"quiet@b.example", "d", ANY, ANY, TLS},
		{"root", NULL, TLS, UNSET, TLS},
	};
	struct conf_policy p[] = {{.name = "d", .to = "b.example", .tls = TLS},
		{.name = "a", .to = "boss@b.example", .tls = ANY},
		{.name = "q", .to = "quiet@b.example", .encrypt = ENCRYPT_REQUIRE}};
	const char *rule;
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct conf c = {.tls = row[i].global, .policy = p, .n_policy = 3};
		struct conf_identity id = {.tls = row[i].identity};

		assert_int_equal(addr_parse(row[i].address, &a, NULL), 0);
		assert_int_equal(policy_tls(&c, NULL, &id, &a, &rule), row[i].want);
		if (row[i].rule)
			assert_string_equal(rule, row[i].rule);
		else
			assert_null(rule);
		if (row[i].identity == UNSET)
			assert_int_equal(policy_tls(&c, NULL, NULL, &a, NULL), row[i].want);
	}
}

static void words_are_quoted_for_a_shell(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {{"a@b.example", "a@b.example"}, {"", "''"}, {"$(rm)@x", "'$(rm)@x'"},
		{"o'neill@x", "'o'\\''neill@x'"}, {"-f", "'-f'"}, {"a b", "'a b'"},
		{"x&y", "'x&y'"}, {"gr\xc3\xbc\xc3\x9f", "'gr\xc3\xbc\xc3\x9f'"}};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(quote_shell(out, sizeof(out), row[i].in), 0);
		assert_string_equal(out, row[i].out);
	}
	assert_int_equal(quote_shell(out, 4, "abc"), 0);
	assert_int_equal(quote_shell(out, 4, "abcd"), -1);
	assert_string_equal(out, "");
	assert_int_equal(quote_shell(out, 5, "a b"), -1);
	assert_int_equal(quote_shell(out, 6, "a b"), 0);
	assert_int_equal(quote_shell(out, 0, ""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(one_recipient),
		cmocka_unit_test(hint_answers_the_cause), cmocka_unit_test(own_address),
		cmocka_unit_test(replies), cmocka_unit_test(invariants_hold_for_all_combinations),
		cmocka_unit_test(several_recipients), cmocka_unit_test(unusable_keys),
		cmocka_unit_test(nothing_to_ask_for),
		cmocka_unit_test(a_hint_that_does_not_fit_is_another), cmocka_unit_test(mixtures),
		cmocka_unit_test(own_key_expired), cmocka_unit_test(the_message_demands_a_key),
		cmocka_unit_test(the_first_public_place_is_named),
		cmocka_unit_test(encrypted_already_passes), cmocka_unit_test(nobody_is_refused),
		cmocka_unit_test(only_settleable_ones_are_allowable),
		cmocka_unit_test(most_specific_rule_wins),
		cmocka_unit_test(change_follows_the_most_specific_rule),
		cmocka_unit_test(tls_follows_policy_then_identity),
		cmocka_unit_test(words_are_quoted_for_a_shell)};

	return cmocka_run_group_tests_name("policy", tests, addresses, NULL);
}
