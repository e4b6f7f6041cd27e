/* SPDX-License-Identifier: ISC */
/* What pins.db keeps, in a fresh folder for each test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store_pins.h"

static void expect_pin(struct store *s, const char *address, enum pin_state state, const char *fpr)
{
	struct pin p;

	assert_int_equal(store_pin_get(s, address, &p, &err), 1);
	assert_int_equal(p.state, state);
	assert_string_equal(p.fpr, fpr);
	pin_free(&p);
}

static int count_log(const struct log_line *l, void *arg)
{
	(void)l;
	++*(int *)arg;
	return 0;
}

static int log_lines(struct store *s, const char *address)
{
	int n = 0;

	assert_int_equal(store_log_each(s, address, count_log, &n, &err), 0);
	return n;
}

static void pin_comes_back_as_written(void **state)
{
	struct pin in = make_pin("a@example.org", PIN_VERIFIED, FPR_A), out;
	struct store *s = opened(false);
	char *evidence;

	(void)state;
	in.revoked = true;
	assert_int_equal(store_pin_get(s, in.address, &out, &err), 0);
	assert_int_equal(store_pin_put(s, &in, "verified", &err), 0);
	store_close(s);
	s = opened(true);
	assert_int_equal(store_pin_get(s, in.address, &out, &err), 1);
	assert_string_equal(out.address, in.address);
	assert_int_equal(out.state, PIN_VERIFIED);
	assert_string_equal(out.fpr, FPR_A);
	assert_int_equal(out.cert_len, in.cert_len);
	assert_memory_equal(out.cert, in.cert, in.cert_len);
	assert_int_equal(out.expires, 3000);
	assert_true(out.revoked);
	assert_int_equal(out.n_enc, 2);
	assert_true(out.enc_keyid[0] == in.enc_keyid[0] && out.enc_keyid[1] == UINT64_MAX);
	assert_int_equal(out.first_seen, 1000);
	assert_int_equal(out.last_seen, 2000);
	assert_string_equal(out.method, "wkd-direct");
	assert_null(out.evidence);
	assert_int_equal(store_pin_evidence(s, in.address, &evidence, &err), 1);
	assert_string_equal(evidence, in.evidence);
	free(evidence);
	assert_int_equal(store_pin_evidence(s, "b@example.org", &evidence, &err), 0);
	assert_false(out.held);
	pin_free(&out);
	store_close(s);
}

/* What was seen of a certificate stays until something new is seen of it. */
static void evidence_stays_with_its_certificate(void **state)
{
	static const struct {
		const char *name, *fpr, *evidence, *want;
	} row[] = {
		{"the first", FPR_A, "{\"x\":1}", "{\"x\":1}"},
		{"nothing new", FPR_A, NULL, "{\"x\":1}"},
		{"something new", FPR_A, "{\"x\":2}", "{\"x\":2}"},
		{"another certificate", FPR_B, NULL, ""},
		{"none was seen", FPR_B, "", ""},
	};
	struct store *s = opened(false);
	char *evidence;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct pin p = make_pin("a@example.org", PIN_TOFU, row[i].fpr);

		p.evidence = row[i].evidence;
		assert_int_equal(store_pin_put(s, &p, "pinned", &err), 0);
		assert_int_equal(store_pin_evidence(s, p.address, &evidence, &err), 1);
		if (strcmp(evidence, row[i].want) != 0)
			fail_msg("%s: %s", row[i].name, evidence);
		free(evidence);
	}
	store_close(s);
}

static void first_use_never_overwrites_a_pin(void **state)
{
	struct pin a = make_pin("a@example.org", PIN_TOFU, FPR_A);
	struct pin b = make_pin("a@example.org", PIN_TOFU, FPR_B);
	struct store *s = opened(false);

	(void)state;
	assert_int_equal(store_pin_first(s, &a, &err), 1);
	assert_int_equal(store_pin_first(s, &b, &err), 0);
	expect_pin(s, "a@example.org", PIN_TOFU, FPR_A);
	assert_int_equal(log_lines(s, NULL), 1);
	/* Only an allow-clear gives way. */
	put(s, "c@example.org", PIN_CLEAR, "");
	snprintf(b.address, sizeof(b.address), "c@example.org");
	assert_int_equal(store_pin_first(s, &b, &err), 1);
	expect_pin(s, "c@example.org", PIN_TOFU, FPR_B);
	store_close(s);
}

static void update_respects_what_a_person_did_meanwhile(void **state)
{
	struct pin p = make_pin("a@example.org", PIN_TOFU, FPR_A);
	struct store *s = opened(false);
	struct pin got;

	(void)state;
	assert_int_equal(store_pin_update(s, &p, FPR_A, "updated", &err), 0);
	assert_int_equal(store_pin_get(s, p.address, &got, &err), 0);
	put(s, p.address, PIN_VERIFIED, FPR_A);
	p.expires = 4000;
	p.first_seen = 1500;
	assert_int_equal(store_pin_update(s, &p, FPR_B, "updated", &err), 0);
	assert_int_equal(store_pin_update(s, &p, FPR_A, "updated", &err), 1);
	assert_int_equal(store_pin_get(s, p.address, &got, &err), 1);
	assert_int_equal(got.state, PIN_VERIFIED);
	assert_int_equal(got.first_seen, 1000);
	assert_int_equal(got.expires, 4000);
	pin_free(&got);
	assert_int_equal(log_lines(s, NULL), 2);
	/* A successor is a pin of its own, and not of a verified one. */
	snprintf(p.fpr, sizeof(p.fpr), FPR_B);
	assert_int_equal(store_pin_update(s, &p, FPR_A, "replaced", &err), 0);
	put(s, p.address, PIN_TOFU, FPR_A);
	assert_int_equal(store_pin_update(s, &p, FPR_A, "replaced", &err), 1);
	expect_pin(s, p.address, PIN_TOFU, FPR_B);
	put(s, p.address, PIN_CLEAR, "");
	assert_int_equal(store_pin_update(s, &p, FPR_B, "updated", &err), 0);
	expect_pin(s, p.address, PIN_CLEAR, "");
	store_close(s);
}

static void incomplete_pins_are_refused(void **state)
{
	struct {
		const char *name;
		struct pin p;
	} row[] = {{"no address", make_pin("", PIN_TOFU, FPR_A)},
		{"no state", make_pin("a@b.example", PIN_NONE, FPR_A)},
		{"no fingerprint", make_pin("a@b.example", PIN_TOFU, "")},
		{"clear with a fingerprint", make_pin("a@b.example", PIN_CLEAR, FPR_A)},
		{"fingerprint is no hex", make_pin("a@b.example", PIN_TOFU, "xyz")}};
	struct store *s = opened(false);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (store_pin_put(s, &row[i].p, "pinned", &err) != ERR_INTERNAL)
			fail_msg("%s", row[i].name);
	}
	assert_int_equal(log_lines(s, NULL), 0);
	store_close(s);
}

static void held_lies_beside_the_pin(void **state)
{
	struct cert c = make_cert(FPR_B);
	struct store *s = opened(false);
	struct held h;
	struct pin p;

	(void)state;
	assert_int_equal(store_pin_hold(s, "a@example.org", &c, "x", "{}", &err), 0);
	assert_int_equal(store_held_get(s, "a@example.org", &h, &err), 0);
	put(s, "a@example.org", PIN_TOFU, FPR_A);
	assert_int_equal(store_held_get(s, "a@example.org", &h, &err), 0);
	assert_int_equal(
		store_pin_hold(s, "a@example.org", &c, "openpgpkey", "{\"x\":1}", &err), 0);
	assert_int_equal(
		store_pin_hold(s, "a@example.org", &c, "openpgpkey", "{\"x\":1}", &err), 0);
	assert_int_equal(log_lines(s, "a@example.org"), 2); /* pinned, held: once */
	assert_int_equal(store_pin_get(s, "a@example.org", &p, &err), 1);
	assert_string_equal(p.fpr, FPR_A);
	assert_true(p.held);
	assert_string_equal(p.held_fpr, FPR_B);
	pin_free(&p);
	assert_int_equal(store_held_get(s, "a@example.org", &h, &err), 1);
	assert_string_equal(h.fpr, FPR_B);
	assert_string_equal(h.uid, c.uid);
	assert_string_equal(h.method, "openpgpkey");
	assert_string_equal(h.evidence, "{\"x\":1}");
	assert_int_equal(h.cert_len, 4);
	assert_int_equal(h.n_enc, 1);
	assert_true(h.enc_keyid[0] == 42);
	held_free(&h);
	/* An update of the pin leaves it, ... */
	put(s, "a@example.org", PIN_TOFU, FPR_A);
	assert_int_equal(store_held_get(s, "a@example.org", &h, &err), 1);
	held_free(&h);
	/* ... its acceptance ends it. */
	put(s, "a@example.org", PIN_TOFU, FPR_B);
	assert_int_equal(store_held_get(s, "a@example.org", &h, &err), 0);
	store_close(s);
}

static void forget_drops_pin_and_held_but_not_the_log(void **state)
{
	struct cert c = make_cert(FPR_B);
	struct store *s = opened(false);
	struct held h;
	struct pin p;

	(void)state;
	assert_int_equal(store_pin_forget(s, "a@example.org", &err), 0);
	put(s, "a@example.org", PIN_TOFU, FPR_A);
	assert_int_equal(store_pin_hold(s, "a@example.org", &c, "x", "{}", &err), 0);
	assert_int_equal(store_pin_forget(s, "a@example.org", &err), 1);
	assert_int_equal(store_pin_get(s, "a@example.org", &p, &err), 0);
	assert_int_equal(store_held_get(s, "a@example.org", &h, &err), 0);
	assert_int_equal(log_lines(s, "a@example.org"), 3);
	assert_int_equal(store_domain_served(s, "example.org", &err), 0);
	store_close(s);
}

static void domain_clear_ends_when_a_key_was_served(void **state)
{
	struct store *s = opened(false);

	(void)state;
	assert_int_equal(store_domain_clear(s, "example.org", &err), 0);
	put(s, "example.org", PIN_CLEAR, "");
	put(s, "localhost", PIN_CLEAR, "");
	assert_int_equal(store_domain_clear(s, "example.org", &err), 1);
	assert_int_equal(store_domain_clear(s, "sub.example.org", &err), 0);
	assert_int_equal(store_domain_clear(s, "localhost", &err), 0);
	put(s, "x@example.org", PIN_CLEAR, "");
	assert_int_equal(store_domain_served(s, "example.org", &err), 0);
	assert_int_equal(store_domain_clear(s, "example.org", &err), 1);
	put(s, "\"odd@name\"@example.org", PIN_TOFU, FPR_A);
	assert_int_equal(store_domain_served(s, "example.org", &err), 0);
	assert_int_equal(store_domain_clear(s, "example.org", &err), 1);
	assert_int_equal(store_served_add(s, "example.org", "wkd-direct", &err), 0);
	assert_int_equal(store_domain_served(s, "example.org", &err), 1);
	assert_int_equal(store_domain_clear(s, "example.org", &err), 0);
	assert_int_equal(store_pin_forget(s, "\"odd@name\"@example.org", &err), 1);
	assert_int_equal(store_domain_clear(s, "example.org", &err), 0);
	store_close(s);
}

static void days_pass(int days)
{
	char path[FILE_PATH_MAX], text[128];
	sqlite3 *db;

	assert_int_equal(path_join(path, dir, "pins.db"), 0);
	snprintf(text, sizeof(text), "UPDATE served SET last = last - %d * 86400", days);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* What the domain itself gave, and how, for 400 days, or until it is forgotten. */
static void a_served_domain_is_known_by_its_way(void **state)
{
	struct store *s = opened(false);
	char way[SERVED_WAY_MAX] = "x";

	(void)state;
	assert_int_equal(store_served_way(s, "example.org", way, &err), 0);
	assert_string_equal(way, "x");
	assert_int_equal(store_served_add(s, "example.org", "wkd-direct", &err), 0);
	assert_int_equal(store_served_add(s, "example.org", "wkd-advanced", &err), 0);
	assert_int_equal(store_served_way(s, "example.org", way, &err), 1);
	assert_string_equal(way, "wkd-advanced");
	assert_int_equal(store_domain_served(s, "sub.example.org", &err), 0);
	days_pass(399);
	assert_int_equal(store_domain_served(s, "example.org", &err), 1);
	days_pass(2);
	assert_int_equal(store_domain_served(s, "example.org", &err), 0);
	assert_int_equal(store_served_add(s, "example.org", "openpgpkey", &err), 0);
	assert_int_equal(store_pin_forget(s, "a@example.org", &err), 0);
	assert_int_equal(store_domain_served(s, "example.org", &err), 1);
	assert_int_equal(store_pin_forget(s, "example.org", &err), 1);
	assert_int_equal(store_domain_served(s, "example.org", &err), 0);
	assert_int_equal(store_pin_forget(s, "example.org", &err), 0);
	store_close(s);
}

static int collect(const struct pin *p, void *arg)
{
	char *list = arg;
	size_t len = strlen(list);

	snprintf(list + len, 256 - len, "%s ", p->address);
	return strcmp(p->address, "c@x.example") == 0;
}

static void each_is_in_order_and_stops(void **state)
{
	char list[256] = "";
	struct store *s = opened(false);

	(void)state;
	put(s, "d@x.example", PIN_TOFU, FPR_A);
	put(s, "c@x.example", PIN_TOFU, FPR_A);
	put(s, "a@x.example", PIN_REJECTED, FPR_A);
	assert_int_equal(store_pin_each(s, collect, list, &err), 0);
	assert_string_equal(list, "a@x.example c@x.example ");
	store_close(s);
}

static int count_obs(const struct observation *o, void *arg)
{
	assert_string_equal(o->fpr, FPR_A);
	assert_false(o->held);
	++*(int *)arg;
	return 0;
}

static void observations_are_kept_and_capped(void **state)
{
	struct store *s = opened(false);
	int i, n = 0;

	(void)state;
	for (i = 0; i < 40; i++)
		put(s, "a@x.example", PIN_TOFU, FPR_A);
	put(s, "b@x.example", PIN_TOFU, FPR_A);
	assert_int_equal(store_observation_each(s, "a@x.example", count_obs, &n, &err), 0);
	assert_int_equal(n, 32);
	n = 0;
	assert_int_equal(store_observation_each(s, "b@x.example", count_obs, &n, &err), 0);
	assert_int_equal(n, 1);
	store_close(s);
}

struct seen {
	int n, first_exit;
	char text[4096];
};

static int see_refusal(const struct refusal *r, void *arg)
{
	struct seen *seen = arg;
	size_t i, len;

	if (seen->n++ == 0)
		seen->first_exit = r->exit;
	for (i = 0; i < r->n_rcpt && seen->n == 1; i++) {
		len = strlen(seen->text);
		snprintf(seen->text + len, sizeof(seen->text) - len, "%s|%s|%d;",
			r->rcpt[i].address, r->rcpt[i].reason, r->rcpt[i].allowable);
	}
	return 0;
}

static void refusals_newest_first_and_capped(void **state)
{
	struct refusal r = {.time = 5, .n_rcpt = 2};
	struct store *s = opened(false);
	struct seen seen = {0};
	int i;

	(void)state;
	r.rcpt = calloc(2, sizeof(*r.rcpt));
	snprintf(r.rcpt[0].address, sizeof(r.rcpt[0].address), "a@x.example");
	snprintf(r.rcpt[0].reason, sizeof(r.rcpt[0].reason), "no; really");
	r.rcpt[0].allowable = true;
	snprintf(r.rcpt[1].reason, sizeof(r.rcpt[1].reason), "of no address");
	for (i = 0; i < 120; i++) {
		r.exit = i;
		assert_int_equal(store_refusal_add(s, &r, &err), 0);
	}
	free(r.rcpt);
	assert_int_equal(store_refusal_each(s, 1000, see_refusal, &seen, &err), 0);
	assert_int_equal(seen.n, 100);
	assert_int_equal(seen.first_exit, 119);
	assert_string_equal(seen.text, "a@x.example|no; really|1;|of no address|0;");
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_refusal_each(s, 3, see_refusal, &seen, &err), 0);
	assert_int_equal(seen.n, 3);
	store_close(s);
}

/* How long nobody could tell counts from a refusal of ours, never from one of the MTA's. */
static void first_refusal_is_not_the_mtas(void **state)
{
	static const struct {
		const char *name;
		int64_t time;
		int exit;
		bool mta;
		int64_t first;
	} row[] = {
		{"1 the MTA's", 10, 75, true, 0},
		{"2 of another kind", 20, 69, false, 0},
		{"3 nobody could tell", 30, 75, false, 30},
		{"4 again", 40, 75, false, 30},
	};
	struct refusal r = {.n_rcpt = 1};
	struct store *s = opened(false);
	int64_t first;
	size_t i;

	(void)state;
	r.rcpt = calloc(1, sizeof(*r.rcpt));
	snprintf(r.rcpt[0].address, sizeof(r.rcpt[0].address), "a@x.example");
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s\n", row[i].name);
		r.time = row[i].time;
		r.exit = row[i].exit;
		r.mta = row[i].mta;
		assert_int_equal(store_refusal_add(s, &r, &err), 0);
		assert_int_equal(store_refused_since(s, "a@x.example", 75, 5, &first, &err), 0);
		assert_int_equal(first, row[i].first);
	}
	free(r.rcpt);
	store_close(s);
}

static void readonly_without_a_store_is_empty(void **state)
{
	struct pin p = make_pin("a@x.example", PIN_TOFU, FPR_A), got;
	struct store *s = opened(true);
	struct stat st;
	int n = 0;

	(void)state;
	assert_int_equal(lstat(dir, &st), -1);
	assert_int_equal(store_pin_get(s, "a@x.example", &got, &err), 0);
	assert_int_equal(store_domain_clear(s, "x.example", &err), 0);
	assert_int_equal(store_domain_served(s, "x.example", &err), 0);
	assert_int_equal(store_log_each(s, NULL, count_log, &n, &err), 0);
	assert_int_equal(store_pin_put(s, &p, "pinned", &err), ERR_INTERNAL);
	assert_int_equal(store_log(s, "", "x", "y", &err), ERR_INTERNAL);
	assert_int_equal(store_pin_forget(s, "a@x.example", &err), ERR_INTERNAL);
	store_close(s);
}

static void readonly_does_not_write(void **state)
{
	struct pin p = make_pin("a@x.example", PIN_TOFU, FPR_A);
	struct store *s = opened(false);

	(void)state;
	put(s, "a@x.example", PIN_TOFU, FPR_A);
	store_close(s);
	s = opened(true);
	assert_int_equal(store_pin_put(s, &p, "pinned", &err), ERR_INTERNAL);
	expect_pin(s, "a@x.example", PIN_TOFU, FPR_A);
	store_close(s);
}

/* Four processes begin with no store at all and pin the same address: exactly one of them does. */
static void racing_processes_pin_once(void **state)
{
	pid_t pid[4];
	int i, status, written = 0;

	(void)state;
	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			struct pin p = make_pin("a@x.example", PIN_TOFU, i % 2 ? FPR_A : FPR_B);
			struct store *s = NULL;
			int rc = store_open(&s, dir, false, &err);

			rc = rc < 0 ? 9 : store_pin_first(s, &p, &err);
			if (rc < 0)
				fprintf(stderr, "%s\n", err.msg);
			store_close(s);
			_exit(rc < 0 ? 9 : rc);
		}
	}
	for (i = 0; i < 4; i++) {
		assert_true(waitpid(pid[i], &status, 0) == pid[i]);
		assert_true(WIFEXITED(status));
		assert_true(WEXITSTATUS(status) < 2);
		written += WEXITSTATUS(status);
	}
	assert_int_equal(written, 1);
}

/* One transaction around many calls: each is undone by itself if it fails, and all with the outer
 * one. */
static void transactions_nest(void **state)
{
	static const struct {
		const char *name;
		const char *second; /* of the second call's pin; FPR_A was rejected */
		int second_rc, end;
		bool first_there, second_there;
	} row[] = {
		{"both", FPR_B, 1, 0, true, true},
		{"the inner one fails", FPR_A, 0, 0, true, false},
		{"the outer one fails", FPR_B, 1, ERR_TEMP, false, false},
		{"both fail", FPR_A, 0, ERR_TEMP, false, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct store *s = opened(false), *other = opened(false);
		struct pin a = make_pin("a@x.example", PIN_TOFU, FPR_B), got;
		struct pin b = make_pin("b@x.example", PIN_TOFU, row[i].second);

		print_message("  %s\n", row[i].name);
		put(s, "b@x.example", PIN_REJECTED, FPR_A);
		assert_int_equal(store_pin_forget(s, "b@x.example", &err), 1);
		assert_int_equal(store_begin(s, &err), 0);
		assert_int_equal(store_pin_first(s, &a, &err), 1);
		assert_int_equal(store_pin_first(s, &b, &err), row[i].second_rc);
		assert_int_equal(store_pin_get(other, "a@x.example", &got, &err), 0);
		assert_int_equal(store_end(s, row[i].end, &err), row[i].end);
		assert_int_equal(
			store_pin_get(other, "a@x.example", &got, &err), row[i].first_there);
		if (row[i].first_there)
			pin_free(&got);
		assert_int_equal(
			store_pin_get(other, "b@x.example", &got, &err), row[i].second_there);
		if (row[i].second_there)
			pin_free(&got);
		/* And it is over: the next one stands alone. */
		(void)store_pin_forget(s, "a@x.example", &err);
		(void)store_pin_forget(s, "b@x.example", &err);
		assert_int_equal(store_pin_get(other, "a@x.example", &got, &err), 0);
		store_close(other);
		store_close(s);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_folder, teardown_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(pin_comes_back_as_written),
		TEST(evidence_stays_with_its_certificate), TEST(first_use_never_overwrites_a_pin),
		TEST(update_respects_what_a_person_did_meanwhile),
		TEST(incomplete_pins_are_refused), TEST(held_lies_beside_the_pin),
		TEST(forget_drops_pin_and_held_but_not_the_log),
		TEST(a_served_domain_is_known_by_its_way),
		TEST(domain_clear_ends_when_a_key_was_served), TEST(each_is_in_order_and_stops),
		TEST(observations_are_kept_and_capped), TEST(refusals_newest_first_and_capped),
		TEST(first_refusal_is_not_the_mtas), TEST(readonly_without_a_store_is_empty),
		TEST(readonly_does_not_write), TEST(transactions_nest),
		TEST(racing_processes_pin_once)};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
