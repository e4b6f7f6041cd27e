/* SPDX-License-Identifier: ISC */
/* decide/queue: what is kept, what may never turn clear by itself, and when a mail goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/queue.h"

static const struct policy_rcpt unknown = {.key = KEY_UNKNOWN, .in_the_way = true},
				usable = {.key = KEY_USABLE, .seal = true},
				absent = {.key = KEY_ABSENT_PROVED, .in_the_way = true},
				conflict = {.key = KEY_CONFLICT, .in_the_way = true},
				unusable = {.key = KEY_UNUSABLE, .in_the_way = true},
				pinned = {.key = KEY_UNKNOWN, .in_the_way = true, .pinned = true};

static void refused_mail(void **state)
{
	static const struct {
		const char *name;
		enum conf_queue rule;
		enum policy_action action;
		enum err_code code;
		const struct policy_rcpt *rcpt[3];
		bool keeps;
		enum err_code way[3]; /* what the gate says of each */
	} table[] = {
		{"no", QUEUE_NO, ACTION_REFUSE, ERR_TEMP, {&unknown}, false},
		{"not set", QUEUE_UNSET, ACTION_REFUSE, ERR_TEMP, {&unknown}, false},
		{"unknown", QUEUE_UNKNOWN, ACTION_REFUSE, ERR_TEMP, {&unknown}, true},
		{"all", QUEUE_ALL, ACTION_REFUSE, ERR_TEMP, {&unknown}, true},
		{"a pinned one too", QUEUE_UNKNOWN, ACTION_REFUSE, ERR_TEMP, {&pinned}, true},
		{"others have keys", QUEUE_UNKNOWN, ACTION_REFUSE, ERR_TEMP, {&usable, &unknown},
			true},
		{"several", QUEUE_UNKNOWN, ACTION_REFUSE, ERR_TEMP, {&unknown, &unknown}, true},
		{"somebody has none and must have", QUEUE_UNKNOWN, ACTION_REFUSE, ERR_TEMP,
			{&unknown, &absent}, false},
		{"somebody's cannot be used", QUEUE_UNKNOWN, ACTION_REFUSE, ERR_TEMP,
			{&unknown, &unusable}, false},
		{"a conflict", QUEUE_UNKNOWN, ACTION_REFUSE, ERR_CONFLICT, {&conflict}, false},
		{"a conflict beside it", QUEUE_ALL, ACTION_REFUSE, ERR_CONFLICT,
			{&unknown, &conflict}, false},
		{"policy", QUEUE_ALL, ACTION_REFUSE, ERR_POLICY, {&absent}, false},
		{"75 for another cause", QUEUE_ALL, ACTION_REFUSE, ERR_TEMP, {&usable}, false},
		{"not refused", QUEUE_ALL, ACTION_SEAL, ERR_NONE, {&usable}, false},
		{"a way that is not known", QUEUE_UNKNOWN, ACTION_SEAL, ERR_NONE, {&usable}, true,
			{ERR_TEMP}},
		{"a way that is not known, no queue", QUEUE_NO, ACTION_SEAL, ERR_NONE, {&usable},
			false, {ERR_TEMP}},
		{"nor is the key", QUEUE_UNKNOWN, ACTION_REFUSE, ERR_TEMP, {&unknown}, true,
			{ERR_TEMP}},
		{"another's way is not known", QUEUE_ALL, ACTION_SPLIT, ERR_NONE,
			{&usable, &usable}, true, {ERR_NONE, ERR_TEMP}},
		{"another's way is not bound", QUEUE_ALL, ACTION_SEAL, ERR_NONE, {&usable, &usable},
			false, {ERR_TEMP, ERR_POLICY}},
		{"another accepts no mail", QUEUE_ALL, ACTION_SEAL, ERR_NONE, {&usable, &usable},
			false, {ERR_NOHOST, ERR_TEMP}},
		{"the way is not bound, the key is not known", QUEUE_ALL, ACTION_REFUSE, ERR_TEMP,
			{&unknown}, false, {ERR_POLICY}},
		{"a way that is not known, and a conflict", QUEUE_ALL, ACTION_REFUSE, ERR_CONFLICT,
			{&conflict}, false, {ERR_TEMP}},
		{"a way that is not known, and no key where one must be", QUEUE_ALL, ACTION_REFUSE,
			ERR_POLICY, {&absent}, false, {ERR_TEMP}},
		{"a way that is not known, and 75 for another cause", QUEUE_ALL, ACTION_REFUSE,
			ERR_TEMP, {&usable}, false, {ERR_TEMP}},
	};
	struct policy_rcpt rcpt[3];
	struct gate_rcpt gate[3];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct policy_out out = {.action = table[i].action, .code = table[i].code};
		bool gated = false;

		for (n = 0; n < 3 && table[i].rcpt[n]; n++) {
			rcpt[n] = *table[i].rcpt[n];
			gate[n] = (struct gate_rcpt){.code = table[i].way[n]};
			gated |= gate[n].code != ERR_NONE;
		}
		if (queue_keeps_refused(table[i].rule, &out, rcpt, gate, n) != table[i].keeps)
			fail_msg("%s", table[i].name);
		if (!gated &&
			queue_keeps_refused(table[i].rule, &out, rcpt, NULL, n) != table[i].keeps)
			fail_msg("%s, without a gate", table[i].name);
	}
}

static void unsent_mail(void **state)
{
	static const struct {
		const char *name;
		enum conf_queue rule;
		struct queue_unsent u;
		bool keeps;
	} table[] = {
		{"68", QUEUE_ALL, {.started = true, .status = 68}, true},
		{"71", QUEUE_ALL, {.started = true, .status = 71}, true},
		{"74", QUEUE_ALL, {.started = true, .status = 74}, true},
		{"75", QUEUE_ALL, {.started = true, .status = 75}, true},
		{"75, but unknown only", QUEUE_UNKNOWN, {.started = true, .status = 75}, false},
		{"75, no queue", QUEUE_NO, {.started = true, .status = 75}, false},
		{"67: no such user", QUEUE_ALL, {.started = true, .status = 67}, false},
		{"65: the MTA's own", QUEUE_ALL, {.started = true, .status = 65}, false},
		{"69", QUEUE_ALL, {.started = true, .status = 69}, false},
		{"77", QUEUE_ALL, {.started = true, .status = 77}, false},
		{"78", QUEUE_ALL, {.started = true, .status = 78}, false},
		{"1", QUEUE_ALL, {.started = true, .status = 1}, false},
		{"sent", QUEUE_ALL, {.started = true, .status = 0}, false},
		{"in doubt", QUEUE_ALL, {.started = true, .in_doubt = true, .status = 75}, false},
		{"in clear", QUEUE_ALL, {.started = true, .clear = true, .status = 75}, false},
		{"not there", QUEUE_ALL, {.status = 78}, true},
		{"cannot be started", QUEUE_ALL, {.status = 71}, true},
		{"cannot be started, in clear", QUEUE_ALL, {.clear = true, .status = 71}, false},
		{"cannot be started, unknown only", QUEUE_UNKNOWN, {.status = 71}, false},
		{"an address that it cannot have", QUEUE_ALL, {.status = 69}, false},
		{"a message that it cannot have", QUEUE_ALL, {.status = 65}, false},
		{"a fault of ours", QUEUE_ALL, {.status = 70}, false},
		{"usage", QUEUE_ALL, {.status = 64}, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (queue_keeps_unsent(table[i].rule, &table[i].u) != table[i].keeps)
			fail_msg("%s", table[i].name);
	}
}

static void never_clear_by_itself(void **state)
{
	static const struct {
		const char *name;
		struct policy_rcpt r;
		enum conf_encrypt encrypt;
		bool demands;
	} table[] = {
		{"an unserved domain under prefer", {.key = KEY_UNKNOWN, .domain_unserved = true},
			ENCRYPT_PREFER, false},
		{"a served domain", {.key = KEY_UNKNOWN}, ENCRYPT_PREFER, true},
		{"require", {.key = KEY_UNKNOWN, .domain_unserved = true}, ENCRYPT_REQUIRE, true},
		{"a pin", {.key = KEY_UNKNOWN, .domain_unserved = true, .pinned = true},
			ENCRYPT_PREFER, true},
		{"a conflict", {.key = KEY_CONFLICT, .domain_unserved = true}, ENCRYPT_PREFER,
			true},
		{"in clear anyway, by a rule", {.key = KEY_USABLE, .clear = true}, ENCRYPT_NEVER,
			false},
		{"a key that is there", {.key = KEY_USABLE, .seal = true, .domain_unserved = false},
			ENCRYPT_PREFER, true},
		{"an answer to a sealed mail",
			{.key = KEY_UNKNOWN, .domain_unserved = true, .by_reply = true},
			ENCRYPT_PREFER, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct policy_rules rules = {.v = {[POLICY_ENCRYPT] = (int)table[i].encrypt}};

		if (queue_demands_seal(&table[i].r, &rules) != table[i].demands)
			fail_msg("%s", table[i].name);
	}
}

static void what_is_forbidden(void **state)
{
	static const struct {
		const char *name;
		enum policy_action action;
		bool seal, allow_clear, demanded, forbidden;
	} table[] = {
		{"sealed", ACTION_SEAL, true, false, true, false},
		{"clear", ACTION_CLEAR, false, false, true, true},
		{"clear, and nothing demanded", ACTION_CLEAR, false, false, false, false},
		{"clear with others, though it could be sealed", ACTION_CLEAR, true, false, true,
			true},
		{"clear, allowed by a person", ACTION_CLEAR, false, true, true, false},
		{"split: the sealed one", ACTION_SPLIT, true, false, true, false},
		{"split: the clear one", ACTION_SPLIT, false, false, true, true},
		{"refused: nothing goes out", ACTION_REFUSE, false, false, true, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct policy_out out = {.action = table[i].action};
		struct policy_rcpt r = {.seal = table[i].seal, .allow_clear = table[i].allow_clear};

		if (queue_forbids(&out, &r, table[i].demanded) != table[i].forbidden)
			fail_msg("%s", table[i].name);
	}
}

static void when_it_goes_back(void **state)
{
	static const int64_t day = 86400, t = 1700000000;
	const struct {
		const char *name;
		bool refused;
		int64_t since, now;
		enum queue_step step;
	} table[] = {
		{"can be sent", false, t, t + 60, QUEUE_SEND},
		{"can be sent, late", false, t, t + 30 * day, QUEUE_SEND},
		{"waits", true, t, t + 60, QUEUE_WAIT},
		{"nearly five days", true, t, t + 5 * day - 1, QUEUE_WAIT},
		{"five days", true, t, t + 5 * day, QUEUE_RETURN},
		{"long ago", true, t, t + 500 * day, QUEUE_RETURN},
		{"from the future", true, t, t - 500 * day, QUEUE_WAIT},
		{"now", true, t, t, QUEUE_WAIT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (queue_next(table[i].refused, table[i].since, table[i].now) != table[i].step)
			fail_msg("%s", table[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(refused_mail),
		cmocka_unit_test(unsent_mail), cmocka_unit_test(never_clear_by_itself),
		cmocka_unit_test(what_is_forbidden), cmocka_unit_test(when_it_goes_back)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
