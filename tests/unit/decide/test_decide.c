/* SPDX-License-Identifier: ISC */
/*
 * The whole decision, row by row: what is known of a key x what is remembered of the address x
 * encrypt x mixed x on-unknown x absence x public x who else is written to. What each row must give
 * is told here from small tables, not from the rules as policy.c has them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decide/policy.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* What is remembered of an address. */
static const struct mark {
	const char *name;
	bool pinned, allow, domain, unserved;
} marks[] = {
	{"unknown address", .unserved = true},
	{"unknown address of a domain with keys"},
	{"domain allowed", .domain = true, .unserved = true},
	{"domain allowed, with keys since", .domain = true},
	{"pinned", .pinned = true},
	{"pinned, domain allowed", .pinned = true, .domain = true, .unserved = true},
	{"allowed", .allow = true, .unserved = true},
	{"allowed, once pinned", .pinned = true, .allow = true},
};

/*
 * What becomes of one recipient alone, under require, prefer and never: S sealed, C clear, P T X
 * refused with 69, 75,
 * 77. The first line that fits counts; "-" fits all.
 */
static const struct alone {
	const char *key, *on_unknown, *absence, *mark, *lanes;
} alone[] = {
	{"usable", "-", "-", "pinned", "SSP"},
	{"usable", "-", "-", "pinned, domain allowed", "SSP"},
	{"usable", "-", "-", "-", "SSC"},
	{"absent, proved", "-", "-", "allowed", "PCC"},
	{"absent, proved", "-", "-", "allowed, once pinned", "PCC"},
	{"absent, unproved", "-", "-", "allowed", "PCC"},
	{"absent, unproved", "-", "-", "allowed, once pinned", "PCC"},
	{"unusable", "-", "-", "allowed", "PCC"},
	{"unusable", "-", "-", "allowed, once pinned", "PCC"},
	{"unknown", "-", "-", "allowed", "TCC"},
	{"unknown", "-", "-", "allowed, once pinned", "TCC"},
	{"conflict", "-", "-", "allowed", "XCC"},
	{"conflict", "-", "-", "allowed, once pinned", "XCC"},
	{"absent, proved", "-", "-", "pinned", "PPP"},
	{"absent, proved", "-", "-", "pinned, domain allowed", "PPP"},
	{"absent, proved", "-", "-", "domain allowed", "PCC"},
	{"absent, proved", "-", "-", "-", "PCC"},
	{"absent, unproved", "-", "-", "pinned", "PPP"},
	{"absent, unproved", "-", "-", "pinned, domain allowed", "PPP"},
	{"absent, unproved", "-", "-", "domain allowed", "PCC"},
	{"absent, unproved", "-", "proved", "-", "PPC"},
	{"absent, unproved", "-", "any", "-", "PCC"},
	{"unusable", "-", "-", "pinned", "PPP"},
	{"unusable", "-", "-", "pinned, domain allowed", "PPP"},
	{"unusable", "-", "-", "-", "PPC"},
	{"unknown", "-", "-", "pinned", "TTP"},
	{"unknown", "-", "-", "pinned, domain allowed", "TTP"},
	{"unknown", "-", "-", "domain allowed", "TCC"},
	{"unknown", "clear", "-", "unknown address", "TCC"},
	{"unknown", "-", "-", "-", "TTC"},
	{"conflict", "-", "-", "pinned", "XXP"},
	{"conflict", "-", "-", "pinned, domain allowed", "XXP"},
	{"conflict", "-", "-", "-", "XXC"},
};

static const char *const keys[] = {[KEY_USABLE] = "usable",
	[KEY_ABSENT_PROVED] = "absent, proved",
	[KEY_ABSENT_UNPROVED] = "absent, unproved",
	[KEY_UNUSABLE] = "unusable",
	[KEY_UNKNOWN] = "unknown",
	[KEY_CONFLICT] = "conflict"};
static const char *const encrypts[] = {"require", "prefer", "never"};
static const char *const mixeds[] = {"refuse", "split", "clear"};
static const char *const unknowns[] = {"refuse", "clear"};
static const char *const absences[] = {"any", "proved"};

/* Who else is written to, by key and mark. */
static const struct other {
	const char *name;
	enum key_status key;
	size_t mark;
} others[] = {{"nobody else", 0, 0}, {"one with a key", KEY_USABLE, 0},
	{"one with a pin", KEY_USABLE, 4}, {"one without a key", KEY_ABSENT_PROVED, 0},
	{"one that cannot be told", KEY_UNKNOWN, 1}};

struct row {
	char name[200];
	size_t key, mark, encrypt, mixed, on_unknown, absence, public, other;
};

#define ROWS                                                                                       \
	(N(keys) * N(marks) * N(encrypts) * N(mixeds) * N(unknowns) * N(absences) * 2 * N(others))

static struct addr bob, eve;

static bool fits(const char *pattern, const char *s)
{
	return strcmp(pattern, "-") == 0 || strcmp(pattern, s) == 0;
}

static char lane_of(const struct row *r, const char *key, const char *mark)
{
	size_t i;

	for (i = 0; i < N(alone); i++) {
		if (fits(alone[i].key, key) && fits(alone[i].mark, mark) &&
			fits(alone[i].on_unknown, unknowns[r->on_unknown]) &&
			fits(alone[i].absence, absences[r->absence]))
			return alone[i].lanes[r->encrypt];
	}
	fail_msg("%s: no line of the table fits", r->name);
	return '?';
}

/* Whether somebody who would be sealed to may get clear text by "mixed = clear". */
static bool may_lose_seal(const struct row *r, const struct mark *m)
{
	return strcmp(encrypts[r->encrypt], "require") != 0 &&
	       (m->allow || (!m->pinned && strcmp(encrypts[r->encrypt], "prefer") == 0));
}

/* "S", "C", "split", "P", "T" or "X" for the mail as a whole. */
static const char *expected(const struct row *r)
{
	const struct other *o = &others[r->other];
	char a = lane_of(r, keys[r->key], marks[r->mark].name);
	char b = r->other == 0 ? a : lane_of(r, keys[o->key], marks[o->mark].name);
	bool may;

	if (r->public)
		return a == 'S' && b == 'S' ? "S" : "C";
	if (a == 'X' || b == 'X')
		return "X";
	if (a == 'T' || b == 'T')
		return "T";
	if (a == 'P' || b == 'P')
		return "P";
	if (a == b)
		return a == 'S' ? "S" : "C";
	if (strcmp(mixeds[r->mixed], "refuse") == 0)
		return "P";
	if (strcmp(mixeds[r->mixed], "split") == 0)
		return "split";
	may = a == 'S' ? may_lose_seal(r, &marks[r->mark]) : may_lose_seal(r, &marks[o->mark]);
	return may ? "C" : "P";
}

static const char *given(const struct policy_out *out)
{
	switch (out->action) {
	case ACTION_SEAL:
		return "S";
	case ACTION_CLEAR:
		return "C";
	case ACTION_SPLIT:
		return "split";
	case ACTION_REFUSE:
		break;
	}
	return out->code == ERR_CONFLICT ? "X"
	       : out->code == ERR_TEMP   ? "T"
	       : out->code == ERR_POLICY ? "P"
					 : "?";
}

static struct policy_rcpt recipient(const struct addr *a, enum key_status key, const struct mark *m)
{
	return (struct policy_rcpt){.addr = a,
		.key = key,
		.pinned = m->pinned,
		.allow_clear = m->allow,
		.domain_clear = m->domain,
		.domain_unserved = m->unserved,
		.reason = "because"};
}

/* What the row gives; rcpt has two. */
static size_t decide(const struct row *r, struct policy_rcpt *rcpt, struct policy_out *out)
{
	static const enum conf_encrypt encrypt[] = {ENCRYPT_REQUIRE, ENCRYPT_PREFER, ENCRYPT_NEVER};
	static const enum conf_mixed mixed[] = {MIXED_REFUSE, MIXED_SPLIT, MIXED_CLEAR};
	struct conf_policy policy = {
		.name = "list", .to = "bob@bank.example", .public = PUBLIC_YES};
	struct conf c = {.encrypt = encrypt[r->encrypt],
		.mixed = mixed[r->mixed],
		.on_unknown = r->on_unknown ? UNKNOWN_CLEAR : UNKNOWN_REFUSE,
		.absence = r->absence ? ABSENCE_PROVED : ABSENCE_ANY,
		.policy = &policy,
		.n_policy = r->public};
	const struct other *o = &others[r->other];
	size_t n = r->other == 0 ? 1 : 2;

	rcpt[0] = recipient(&bob, (enum key_status)r->key, &marks[r->mark]);
	rcpt[1] = recipient(&eve, o->key, &marks[o->mark]);
	policy_decide(&c, NULL, rcpt, n, false, out);
	return n;
}

static void one_row(void **state)
{
	const struct row *r = *state;
	struct policy_rcpt rcpt[2];
	struct policy_out out;
	size_t n = decide(r, rcpt, &out), i, named = 0;
	const char *want = expected(r);

	if (strcmp(given(&out), want) != 0)
		fail_msg("%s: %s instead of %s (%s)", r->name, given(&out), want, rcpt[0].why);
	for (i = 0; i < n; i++) {
		named += rcpt[i].in_the_way;
		assert_int_equal(rcpt[i].in_the_way, rcpt[i].why[0] != '\0');
		if (out.action == ACTION_REFUSE)
			continue;
		/* What must hold whatever the tables say. */
		if (!policy_seals(&out, &rcpt[i]) && rcpt[i].pinned)
			assert_true(rcpt[i].allow_clear || r->public);
		if (policy_seals(&out, &rcpt[i]))
			assert_int_equal(rcpt[i].key, KEY_USABLE);
	}
	assert_int_equal(named > 0, out.action == ACTION_REFUSE);
	assert_int_equal(out.hint[0] != '\0', out.action == ACTION_REFUSE);
}

static void make_row(struct row *r, size_t i)
{
	size_t k = i;

#define TAKE(field, n) (r->field = k % (n), k /= (n))
	TAKE(other, N(others));
	TAKE(public, 2);
	TAKE(absence, N(absences));
	TAKE(on_unknown, N(unknowns));
	TAKE(mixed, N(mixeds));
	TAKE(encrypt, N(encrypts));
	TAKE(mark, N(marks));
	TAKE(key, N(keys));
#undef TAKE
	snprintf(r->name, sizeof(r->name),
		"row %zu: key %s; %s; encrypt = %s, mixed = %s, on-unknown = %s, absence = %s%s; "
		"%s",
		i + 1, keys[r->key], marks[r->mark].name, encrypts[r->encrypt], mixeds[r->mixed],
		unknowns[r->on_unknown], absences[r->absence], r->public ? ", public = yes" : "",
		others[r->other].name);
}

int main(void)
{
	static struct row row[ROWS];
	static struct CMUnitTest tests[ROWS];
	size_t i;

	if (addr_parse("bob@bank.example", &bob, NULL) < 0 ||
		addr_parse("eve@other.example", &eve, NULL) < 0)
		return 1;
	for (i = 0; i < ROWS; i++) {
		make_row(&row[i], i);
		tests[i] = (struct CMUnitTest){
			.name = row[i].name, .test_func = one_row, .initial_state = &row[i]};
	}
	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
