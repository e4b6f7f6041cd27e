/* SPDX-License-Identifier: ISC */
/* What a person decides, and what no machine may undo. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_one.h"

#define A "a@example.org"

/* The octets of each certificate name it. */
static struct pin make_pin(const char *address, enum pin_state state, const char *fpr)
{
	struct pin p = {.state = state, .first_seen = 1000, .n_enc = 1, .enc_keyid = {7}};

	snprintf(p.address, sizeof(p.address), "%s", address);
	snprintf(p.fpr, sizeof(p.fpr), "%s", fpr);
	snprintf(p.method, sizeof(p.method), "wkd-direct");
	p.evidence = fpr[0] == 'A' ? "{\"of\":\"AAAA\"}" : "{\"of\":\"BBBB\"}";
	p.cert = (uint8_t *)fpr;
	p.cert_len = strlen(fpr);
	return p;
}

static void put(const char *address, enum pin_state state, const char *fpr)
{
	struct pin p = make_pin(address, state, fpr);

	if (store_pin_put(s, &p, "pinned", &err) != 0)
		fail_msg("%s", err.msg);
}

static int hold(const char *address, const char *fpr)
{
	struct cert c = {.data = (uint8_t *)fpr, .len = strlen(fpr), .n_enc = 1, .enc_keyid = {9}};

	snprintf(c.fpr, sizeof(c.fpr), "%s", fpr);
	return store_pin_hold(s, address, &c, "wkd-direct", "{}", &err);
}

/* The pin's state and fingerprint with its octets, what is held, what is set aside, as one text. */
static char text[1024];

static int add_aside(const struct aside *a, void *arg)
{
	size_t len = strlen(text);

	(void)arg;
	snprintf(text + len, sizeof(text) - len, " %s%.1s", a->rejected ? "-" : "+", a->fpr);
	return 0;
}

static const char *all_of(const char *address)
{
	struct pin p = {.state = PIN_NONE};
	struct held h = {.fpr = ""};

	assert_true(store_pin_get(s, address, &p, &err) >= 0);
	assert_true(store_held_get(s, address, &h, &err) >= 0);
	if (p.fpr[0]) {
		assert_int_equal(p.cert_len, strlen(p.fpr));
		assert_memory_equal(p.cert, p.fpr, p.cert_len);
		assert_int_equal(p.n_enc, 1);
	}
	snprintf(text, sizeof(text), "%s %.1s/%.1s", pin_state_name(p.state), p.fpr, h.fpr);
	assert_int_equal(store_aside_each(s, address, add_aside, NULL, &err), 0);
	pin_free(&p);
	held_free(&h);
	return text;
}

enum act { PUT, PUT_REJECTED, FIRST, UPDATE, HOLD, ACCEPT, REJECT, VERIFY, FORGET, CLEAR, REVOKED };

struct step {
	enum act act;
	const char *fpr, *old;
	int rc;
};

static int act(const struct step *x)
{
	struct pin p =
		make_pin(A, x->act == PUT_REJECTED ? PIN_REJECTED : PIN_TOFU, x->fpr ? x->fpr : "");

	switch (x->act) {
	case PUT:
	case PUT_REJECTED:
		return store_pin_put(s, &p, "pinned", &err);
	case FIRST:
		return store_pin_first(s, &p, &err);
	case UPDATE:
		return store_pin_update(s, &p, x->old, "updated", &err);
	case HOLD:
		return hold(A, x->fpr);
	case ACCEPT:
		return store_pin_accept(s, A, x->fpr, &err);
	case REJECT:
		return store_pin_reject(s, A, x->fpr, &err);
	case VERIFY:
		return store_pin_verify(s, A, x->fpr, &err);
	case FORGET:
		return store_pin_forget(s, A, &err);
	case REVOKED:
		return store_revoke(s, x->fpr, A, &err);
	case CLEAR:
		break;
	}
	p = make_pin(A, PIN_CLEAR, "");
	p.n_enc = 0;
	return store_pin_put(s, &p, "allow-clear", &err);
}

/* Steps in turn, and what is there at the end: STATE PIN/HELD, then -rejected +former. */
static void decisions(void **state)
{
	static const struct {
		const char *name;
		struct step step[6];
		int n;
		const char *end;
	} row[] = {
		{"accept what is held", {{PUT, FPR_A}, {HOLD, FPR_B}, {ACCEPT, FPR_B, .rc = 1}}, 3,
			"tofu B/ +A"},
		{"accept what is not there", {{PUT, FPR_A}, {HOLD, FPR_B}, {ACCEPT, FPR_C}}, 3,
			"tofu A/B"},
		{"accept, and back again",
			{{PUT, FPR_A}, {HOLD, FPR_B}, {ACCEPT, FPR_B, .rc = 1},
				{ACCEPT, FPR_A, .rc = 1}},
			4, "tofu A/ +B"},
		{"accept a former one while another is held",
			{{PUT, FPR_A}, {HOLD, FPR_B}, {ACCEPT, FPR_B, .rc = 1}, {HOLD, FPR_C},
				{ACCEPT, FPR_A, .rc = 1}},
			5, "tofu A/C +B"},
		{"accept what was seen revoked since",
			{{PUT, FPR_A}, {HOLD, FPR_B}, {REVOKED, FPR_B}, {ACCEPT, FPR_B}}, 4,
			"tofu A/B"},
		{"a revocation is for good",
			{{PUT, FPR_A}, {HOLD, FPR_B}, {REVOKED, FPR_B}, {HOLD, FPR_B},
				{ACCEPT, FPR_B}},
			5, "tofu A/B"},
		{"accept in place of a rejected pin",
			{{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {HOLD, FPR_B},
				{ACCEPT, FPR_B, .rc = 1}},
			4, "tofu B/ -A"},
		{"reject what is held", {{PUT, FPR_A}, {HOLD, FPR_B}, {REJECT, FPR_B, .rc = 1}}, 3,
			"tofu A/ -B"},
		{"held no second time",
			{{PUT, FPR_A}, {HOLD, FPR_B}, {REJECT, FPR_B, .rc = 1},
				{HOLD, FPR_B, .rc = 1}},
			4, "tofu A/ -B"},
		{"reject the pin", {{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {REJECT, FPR_A}}, 3,
			"rejected A/ -A"},
		{"reject the pin, the other one stays held",
			{{PUT, FPR_A}, {HOLD, FPR_B}, {REJECT, FPR_A, .rc = 1}}, 3,
			"rejected A/B -A"},
		{"reject a former pin",
			{{PUT, FPR_A}, {HOLD, FPR_B}, {ACCEPT, FPR_B, .rc = 1},
				{REJECT, FPR_A, .rc = 1}},
			4, "tofu B/ -A"},
		{"a rejected pin is accepted again",
			{{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {ACCEPT, FPR_A, .rc = 1}}, 3,
			"tofu A/"},
		{"no update makes a rejected pin another",
			{{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {UPDATE, FPR_A, FPR_A, 1}}, 3,
			"rejected A/ -A"},
		{"a rejected one is no successor",
			{{PUT, FPR_A}, {HOLD, FPR_B}, {REJECT, FPR_B, .rc = 1},
				{UPDATE, FPR_B, FPR_A}},
			4, "tofu A/ -B"},
		{"a successor sets the old one aside", {{PUT, FPR_A}, {UPDATE, FPR_B, FPR_A, 1}}, 2,
			"tofu B/ +A"},
		{"a successor of what is not the pin", {{PUT, FPR_A}, {UPDATE, FPR_B, FPR_C}}, 2,
			"tofu A/"},
		{"a rejected one is not pinned on first use",
			{{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {FORGET, .rc = 1}, {FIRST, FPR_A}},
			4, "none / -A"},
		{"but another one is",
			{{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {FORGET, .rc = 1},
				{FIRST, FPR_B, .rc = 1}},
			4, "tofu B/ -A"},
		{"nor where clear text is allowed",
			{{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {CLEAR}, {FIRST, FPR_A}}, 4,
			"clear / -A"},
		{"nor written without a condition",
			{{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {PUT, FPR_A, .rc = ERR_CONFLICT}},
			3, "rejected A/ -A"},
		{"a pin that is written as rejected", {{PUT_REJECTED, FPR_A}, {CLEAR}}, 2,
			"clear / -A"},
		{"accept where the pin was forgotten",
			{{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {FORGET, .rc = 1},
				{ACCEPT, FPR_A, .rc = 1}},
			4, "tofu A/"},
		{"forget drops former pins",
			{{PUT, FPR_A}, {UPDATE, FPR_B, FPR_A, 1}, {FORGET, .rc = 1}}, 3, "none /"},
		{"allow-clear, and the pin back", {{PUT, FPR_A}, {CLEAR}, {ACCEPT, FPR_A, .rc = 1}},
			3, "tofu A/"},
		{"verify", {{PUT, FPR_A}, {VERIFY, FPR_A, .rc = 1}, {VERIFY, FPR_A, .rc = 1}}, 3,
			"verified A/"},
		{"what is the pin by now is not held", {{PUT, FPR_B}, {HOLD, FPR_B}}, 2, "tofu B/"},
		{"verify another", {{PUT, FPR_A}, {HOLD, FPR_B}, {VERIFY, FPR_B}}, 3, "tofu A/B"},
		{"verify a rejected one", {{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {VERIFY, FPR_A}},
			3, "rejected A/ -A"},
		{"verified no more",
			{{PUT, FPR_A}, {VERIFY, FPR_A, .rc = 1}, {ACCEPT, FPR_A, .rc = 1}}, 3,
			"tofu A/"},
		{"verified stays so over an update",
			{{PUT, FPR_A}, {VERIFY, FPR_A, .rc = 1}, {UPDATE, FPR_A, FPR_A, 1}}, 3,
			"verified A/"},
		{"a verified one has no successor by itself",
			{{PUT, FPR_A}, {VERIFY, FPR_A, .rc = 1}, {UPDATE, FPR_B, FPR_A}}, 3,
			"verified A/"},
		{"nor has a rejected one",
			{{PUT, FPR_A}, {REJECT, FPR_A, .rc = 1}, {UPDATE, FPR_B, FPR_A}}, 3,
			"rejected A/ -A"},
	};
	size_t i;
	int j, rc;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (j = 0; j < row[i].n; j++) {
			rc = act(&row[i].step[j]);
			if (rc != row[i].step[j].rc)
				fail_msg("%s: step %d gives %d: %s", row[i].name, j + 1, rc,
					err.msg);
		}
		if (strcmp(all_of(A), row[i].end) != 0)
			fail_msg("%s: %s, wanted %s", row[i].name, text, row[i].end);
		assert_int_equal(store_rejected(s, A, FPR_A, &err), strstr(text, "-A") != NULL);
		teardown(NULL);
		setup(NULL);
	}
}

/* What is said of one address is said of no other. */
static void addresses_do_not_share_decisions(void **state)
{
	(void)state;
	put(A, PIN_TOFU, FPR_A);
	put("b@example.org", PIN_TOFU, FPR_A);
	assert_int_equal(store_pin_reject(s, A, FPR_A, &err), 1);
	assert_string_equal(all_of("b@example.org"), "tofu A/");
	assert_int_equal(store_rejected(s, "b@example.org", FPR_A, &err), 0);
	assert_int_equal(store_pin_still(s, "b@example.org", FPR_A, &err), 1);
	assert_int_equal(hold("b@example.org", FPR_B), 0);
	assert_int_equal(store_pin_accept(s, A, FPR_B, &err), 0);
	assert_string_equal(all_of(A), "rejected A/ -A");
}

static void still_is_about_this_moment(void **state)
{
	struct pin p = make_pin(A, PIN_TOFU, FPR_A);

	(void)state;
	assert_int_equal(store_pin_still(s, A, FPR_A, &err), 0);
	put(A, PIN_TOFU, FPR_A);
	assert_int_equal(store_pin_still(s, A, FPR_A, &err), 1);
	assert_int_equal(store_pin_still(s, A, FPR_B, &err), 0);
	assert_int_equal(store_pin_still(s, A, "", &err), 0);
	p.expires = (int64_t)time(NULL) - 1;
	assert_int_equal(store_pin_update(s, &p, FPR_A, "updated", &err), 1);
	assert_int_equal(store_pin_still(s, A, FPR_A, &err), 0);
	p.expires = (int64_t)time(NULL) + 100;
	assert_int_equal(store_pin_update(s, &p, FPR_A, "updated", &err), 1);
	assert_int_equal(store_pin_still(s, A, FPR_A, &err), 1);
	p.revoked = true;
	assert_int_equal(store_pin_update(s, &p, FPR_A, "revoked", &err), 1);
	assert_int_equal(store_pin_still(s, A, FPR_A, &err), 0);
	p.revoked = false; /* by who had not seen that */
	assert_int_equal(store_pin_update(s, &p, FPR_A, "updated", &err), 1);
	assert_int_equal(store_pin_still(s, A, FPR_A, &err), 0);
	assert_int_equal(store_pin_verify(s, A, FPR_A, &err), 0);
	put("b@example.org", PIN_TOFU, FPR_B);
	assert_int_equal(store_pin_reject(s, "b@example.org", FPR_B, &err), 1);
	assert_int_equal(store_pin_still(s, "b@example.org", FPR_B, &err), 0);
}

static void unusable_ones_are_not_accepted(void **state)
{
	struct cert c = {.data = (uint8_t *)FPR_B, .len = 40, .fpr = FPR_B};

	(void)state;
	put(A, PIN_TOFU, FPR_A);
	assert_int_equal(store_pin_hold(s, A, &c, "x", "{}", &err), 0); /* cannot encrypt */
	assert_int_equal(store_pin_accept(s, A, FPR_B, &err), 0);
	c.n_enc = 1;
	c.expires = (int64_t)time(NULL) - 1;
	assert_int_equal(store_pin_hold(s, A, &c, "x", "{}", &err), 0);
	assert_int_equal(store_pin_accept(s, A, FPR_B, &err), 0);
	c.expires = (int64_t)time(NULL) + 100;
	assert_int_equal(store_pin_hold(s, A, &c, "x", "{}", &err), 0);
	assert_int_equal(store_pin_accept(s, A, FPR_B, &err), 1);
}

static void held_remembers_what_it_was_told(void **state)
{
	struct cert c = {.data = (uint8_t *)FPR_B, .len = 40, .fpr = FPR_B, .n_enc = 1};
	struct held h;

	(void)state;
	put(A, PIN_TOFU, FPR_A);
	c.certified_by_pin = true;
	assert_int_equal(store_pin_hold(s, A, &c, "x", "{}", &err), 0);
	assert_int_equal(store_held_get(s, A, &h, &err), 1);
	assert_int_equal(h.certified, 1);
	assert_false(h.revoked);
	held_free(&h);
	assert_int_equal(store_revoke(s, FPR_B, A, &err), 0);
	assert_int_equal(store_held_get(s, A, &h, &err), 1);
	assert_true(h.revoked);
	held_free(&h); /* another certificate is another matter */
	memcpy(c.fpr, FPR_C, sizeof(FPR_C));
	c.certified_by_pin = false;
	assert_int_equal(store_pin_hold(s, A, &c, "x", "{}", &err), 0);
	assert_int_equal(store_held_get(s, A, &h, &err), 1);
	assert_false(h.revoked);
	assert_int_equal(h.certified, 0);
	held_free(&h);
}

static int count_aside(const struct aside *a, void *arg)
{
	((int *)arg)[a->rejected]++;
	return 0;
}

static void former_pins_are_capped_and_rejected_ones_are_not(void **state)
{
	char fpr[CERT_FPR_MAX], last[CERT_FPR_MAX] = "0000000000000000000000000000000000000000";
	struct pin p;
	int i, n[2] = {0, 0};

	(void)state;
	put(A, PIN_TOFU, last);
	for (i = 1; i <= 25; i++) {
		snprintf(fpr, sizeof(fpr), "%040X", (unsigned)i);
		p = make_pin(A, PIN_TOFU, fpr);
		assert_int_equal(store_pin_update(s, &p, last, "replaced", &err), 1);
		if (i <= 12)
			assert_int_equal(store_pin_reject(s, A, last, &err), 1);
		memcpy(last, fpr, sizeof(last));
	}
	assert_int_equal(store_aside_each(s, A, count_aside, n, &err), 0);
	assert_int_equal(n[true], 12);
	assert_int_equal(n[false], 8);
	assert_int_equal(store_pin_accept(s, A, "0000000000000000000000000000000000000018", &err),
		1); /* the newest of them */
}

/* Of a store of an older layout nothing is lost. */
static void an_older_layout_is_brought_up(void **state)
{
	static const char older[] =
		"DROP TABLE candidate_seen; DROP TABLE candidate_sum; DROP TABLE candidate_mail;"
		"DROP TABLE candidate; DROP TABLE live; DROP TABLE watched_line; DROP TABLE "
		"watched; DROP TABLE "
		"queued_seal; DROP TABLE "
		"handed_rcpt; DROP TABLE handed; DROP TABLE "
		"sealed; DROP TABLE "
		"journal_key; DROP TABLE journal_rcpt; DROP TABLE "
		"journal; DROP TABLE sts; DROP TABLE aside;"
		"ALTER TABLE held DROP COLUMN certified; ALTER TABLE held DROP "
		"COLUMN revoked; ALTER TABLE served DROP COLUMN way; ALTER TABLE "
		"served DROP COLUMN last; ALTER TABLE refusal DROP COLUMN mta; UPDATE observation "
		"SET method = "
		"'wkd-direct', time = time - 7; PRAGMA user_version = 1";
	char path[FILE_PATH_MAX], way[SERVED_WAY_MAX];
	struct held h;
	sqlite3 *db;
	int readonly;

	(void)state;
	if (sqlite3_libversion_number() < 3035000)
		skip();
	for (readonly = 0; readonly < 2; readonly++) {
		put(A, PIN_VERIFIED, FPR_A);
		assert_int_equal(hold(A, FPR_B), 0);
		put("b@example.org", PIN_REJECTED, FPR_C);
		assert_int_equal(store_served_add(s, "example.org", "openpgpkey", &err), 0);
		store_close(s);
		assert_int_equal(path_join(path, dir, "pins.db"), 0);
		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		if (sqlite3_exec(db, older, NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s", sqlite3_errmsg(db));
		sqlite3_close(db);
		s = NULL;
		if (store_open(&s, dir, readonly, &err) != 0)
			fail_msg("%s", err.msg);
		assert_string_equal(all_of(A), "verified A/B");
		assert_int_equal(store_held_get(s, A, &h, &err), 1);
		assert_int_equal(h.certified, -1); /* nobody noted it then */
		held_free(&h);
		assert_string_equal(all_of("b@example.org"), "rejected C/ -C");
		assert_int_equal(store_rejected(s, "b@example.org", FPR_C, &err), 1);
		assert_int_equal(store_served_way(s, "example.org", way, &err), 1);
		assert_string_equal(way, "wkd-direct");
		teardown(NULL);
		setup(NULL);
	}
}

/* As one command: 0, or an error. */
static int pin_and_reject(const char *name)
{
	struct pin p = make_pin(name, PIN_TOFU, FPR_A);
	int rc;

	s = NULL;
	rc = store_open(&s, dir, false, &err);
	if (rc == 0)
		rc = store_pin_first(s, &p, &err);
	if (rc >= 0)
		rc = store_pin_reject(s, name, FPR_A, &err);
	store_close(s);
	return rc < 0 ? rc : 0;
}

/* Two dozen processes begin with no store at all and write at once: each line of each is there. On
 * a slow machine some are told to try again, and do. */
static void many_writers_lose_nothing(void **state)
{
	char name[64];
	pid_t pid[24];
	int i, j, tries, rc = 0, status;

	(void)state;
	store_close(s);
	s = NULL;
	dir_remove(dir);
	for (i = 0; i < 24; i++) {
		pid[i] = fork();
		if (pid[i] != 0)
			continue;
		for (j = 0; j < 6 && rc == 0; j++) {
			snprintf(name, sizeof(name), "u%d-%d@x.example", i, j);
			rc = ERR_TEMP;
			for (tries = 0; rc == ERR_TEMP && tries < 20; tries++)
				rc = pin_and_reject(name);
		}
		if (rc < 0)
			fprintf(stderr, "%s\n", err.msg);
		_exit(rc < 0);
	}
	for (i = 0; i < 24; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	s = opened(false);
	for (i = 0; i < 24 * 6; i++) {
		snprintf(name, sizeof(name), "u%d-%d@x.example", i / 6, i % 6);
		assert_string_equal(all_of(name), "rejected A/ -A");
	}
}

/* One process accepts and rejects; others pin, update and hold what was rejected: never the pin. */
static void no_race_brings_a_rejected_one_back(void **state)
{
	struct pin b = make_pin(A, PIN_TOFU, FPR_B);
	pid_t pid[3];
	int i, j, status;

	(void)state;
	put(A, PIN_TOFU, FPR_A);
	assert_int_equal(hold(A, FPR_B), 0);
	assert_int_equal(store_pin_reject(s, A, FPR_B, &err), 1);
	store_close(s);
	s = NULL;
	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (pid[i] != 0)
			continue;
		if (store_open(&s, dir, false, &err) != 0)
			_exit(2);
		for (j = 0; j < 40; j++) {
			if (store_pin_first(s, &b, &err) != 0 ||
				store_pin_update(s, &b, FPR_A, "replaced", &err) != 0 ||
				hold(A, FPR_B) != 1)
				_exit(1);
		}
		_exit(0);
	}
	s = opened(false);
	for (j = 0; j < 40; j++) {
		assert_true(store_pin_forget(s, A, &err) == 1);
		put(A, PIN_TOFU, FPR_A);
		assert_string_equal(all_of(A), "tofu A/ -B");
	}
	for (i = 0; i < 3; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	assert_string_equal(all_of(A), "tofu A/ -B");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(decisions), TEST(addresses_do_not_share_decisions),
		TEST(still_is_about_this_moment), TEST(unusable_ones_are_not_accepted),
		TEST(held_remembers_what_it_was_told),
		TEST(former_pins_are_capped_and_rejected_ones_are_not),
		TEST(an_older_layout_is_brought_up), TEST(many_writers_lose_nothing),
		TEST(no_race_brings_a_rejected_one_back)};

	return cmocka_run_group_tests_name("store_decide", tests, NULL, NULL);
}
