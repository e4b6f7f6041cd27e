/* SPDX-License-Identifier: ISC */
/* Candidates in the store: the same in whatever order and however often, few, never rejected ones,
 * and what a person may make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/candidates.h"
#include "store/journal.h"
#include "store/sealed.h"
#include "store_one.h"

#define ADDRESS "a@example.org"

static struct cert cert_of(const char *fpr)
{
	struct cert c = {.data = (uint8_t *)(uintptr_t)fpr,
		.len = strlen(fpr),
		.n_enc = 1,
		.enc_keyid = {9},
		.uid = "A <a@example.org>"};

	snprintf(c.fpr, sizeof(c.fpr), "%s", fpr);
	return c;
}

static size_t note_of(const char *address, const char *fpr, const char *source, int64_t date,
	bool mutual, const char *evidence)
{
	struct cert c = cert_of(fpr);
	uint8_t sum[DIGEST_LEN] = {(uint8_t)fpr[0]};
	struct candidate_note n = {address, fpr, &c, sum, source, date, mutual, evidence, false};

	if (store_candidates_note(s, &n, 1, &err) != 0)
		fail_msg("%s", err.msg);
	return n.is_new;
}

static size_t note(
	const char *fpr, const char *source, int64_t date, bool mutual, const char *evidence)
{
	return note_of(ADDRESS, fpr, source, date, mutual, evidence);
}

static char seen_text[4096];

static int add_text(struct candidate *c, void *arg)
{
	size_t i, len;

	(void)arg;
	for (i = 0; i < c->n_seen; i++) {
		len = strlen(seen_text);
		snprintf(seen_text + len, sizeof(seen_text) - len, "%s%.1s %s %d-%d%s %s",
			len > 0 ? ", " : "", c->fpr, c->seen[i].source, (int)c->seen[i].first,
			(int)c->seen[i].last, c->seen[i].mutual ? " mutual" : "",
			c->seen[i].evidence);
	}
	assert_int_equal(c->cert_len, strlen(c->fpr));
	assert_true(c->can_encrypt);
	return 0;
}

static const char *all_seen(void)
{
	seen_text[0] = '\0';
	assert_int_equal(store_candidate_each(s, ADDRESS, add_text, NULL, &err), 0);
	return seen_text;
}

static void order_and_repetition_do_not_matter(void **state)
{
	static const struct {
		const char *source;
		int date;
		bool mutual;
		const char *evidence;
	} mail[] = {
		{"autocrypt", 10, false, "{\"n\":1}"},
		{"autocrypt", 30, true, "{\"n\":3}"},
		{"autocrypt", 20, false, "{\"n\":2}"},
		{"attached", 20, false, "{\"n\":2}"},
	};
	static const int order[][6] = {
		{0, 1, 2, 3, 3, 0}, {3, 2, 1, 0, 0, 3}, {1, 0, 3, 2, 1, 1}, {2, 2, 3, 0, 1, 2}};
	size_t i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (k = 0; k < 6; k++) {
			int n = order[i][k];

			assert_int_equal(note(FPR_A, mail[n].source, mail[n].date, mail[n].mutual,
						 mail[n].evidence),
				k == 0);
		}
		assert_string_equal(all_seen(), "A attached 20-20 {\"n\":2}, A autocrypt 10-30 "
						"mutual {\"n\":3}");
		assert_int_equal(store_pin_forget(s, ADDRESS, &err), 1);
		assert_string_equal(all_seen(), "");
	}
}

static void two_of_one_moment_must_both_ask(void **state)
{
	(void)state;
	note(FPR_A, "autocrypt", 10, true, "{}");
	note(FPR_A, "autocrypt", 10, false, "{}");
	assert_string_equal(all_seen(), "A autocrypt 10-10 {}");
	note(FPR_A, "autocrypt", 10, true, "{}");
	assert_string_equal(all_seen(), "A autocrypt 10-10 {}");
	note(FPR_A, "autocrypt", 11, true, "{}");
	assert_string_equal(all_seen(), "A autocrypt 10-11 mutual {}");
}

static void bytes_that_were_read_before_are_known(void **state)
{
	const uint8_t a[DIGEST_LEN] = {'A'}, b[DIGEST_LEN] = {'B'};
	char fpr[CERT_FPR_MAX];

	(void)state;
	note(FPR_A, "autocrypt", 10, true, "{}");
	assert_int_equal(store_candidate_known(s, ADDRESS, a, fpr, &err), 1);
	assert_string_equal(fpr, FPR_A);
	assert_int_equal(store_candidate_known(s, ADDRESS, b, fpr, &err), 0);
	assert_int_equal(store_candidate_known(s, "b@example.org", a, fpr, &err), 0);
	assert_int_equal(store_pin_forget(s, ADDRESS, &err), 1);
	assert_int_equal(store_candidate_known(s, ADDRESS, a, fpr, &err), 0);
}

static void few_of_one_address(void **state)
{
	char fpr[41];
	int i;

	(void)state;
	for (i = 0; i < 12; i++) {
		snprintf(fpr, sizeof(fpr), "%040X", 0x10 + i);
		note(fpr, "attached", 100 + i, false, "{}");
	}
	all_seen();
	assert_non_null(strstr(seen_text, "attached 111-111"));
	assert_non_null(strstr(seen_text, "attached 104-104"));
	assert_null(strstr(seen_text, "attached 103-103"));
}

static bool is_there(const char *address)
{
	struct candidate c;
	int rc = store_candidate_get(s, address, FPR_A, &c, &err);

	assert_true(rc >= 0);
	candidate_free(&c);
	return rc > 0;
}

/* As many as there may be, by one statement, which takes a hundredth of the time of notes. */
static void fill_up(void)
{
	static const char seen[] =
		"INSERT INTO candidate_seen (address, fpr, source, first, last, mutual, evidence)"
		" SELECT address, fpr, 'attached', 1 + rowid, 1 + rowid, 0, '{}' FROM candidate";
	char path[FILE_PATH_MAX], text[600];
	sqlite3 *db;

	snprintf(text, sizeof(text),
		"BEGIN; WITH RECURSIVE x(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM x WHERE i < "
		"%d)"
		" INSERT INTO candidate (rowid, address, fpr, cert, expires, revoked, enc_keyids,"
		" uid) SELECT i, 'w' || i || '@example.org', '" FPR_A
		"', x'78', 0, 0, x'', '' FROM x; %s; COMMIT",
		CANDIDATES_MAX - 1, seen);
	assert_int_equal(path_join(path, dir, "pins.db"), 0);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* Of all of them the ones that were not seen for longest leave. */
static void not_more_than_so_many(void **state)
{
	static const struct cert none = {.data = (uint8_t *)(uintptr_t) "x", .len = 1};
	struct candidate_note n = {.address = "last@example.org",
		.fpr = FPR_A,
		.cert = &none,
		.source = "attached",
		.date = CANDIDATES_MAX + 1,
		.evidence = "{}"};
	char middle[32];

	(void)state;
	fill_up();
	assert_true(is_there("w0@example.org"));
	assert_int_equal(store_candidates_note(s, &n, 1, &err), 0);
	assert_int_equal(n.is_new, 1);
	assert_false(is_there("w0@example.org"));
	snprintf(middle, sizeof(middle), "w%d@example.org", CANDIDATES_MAX / 2);
	assert_true(is_there(middle));
	snprintf(middle, sizeof(middle), "w%d@example.org", CANDIDATES_MAX - 1);
	assert_true(is_there(middle));
	assert_true(is_there("last@example.org"));
}

static void only_the_last_mail_counts(void **state)
{
	const struct candidate_mail m[] = {{ADDRESS, 50}, {ADDRESS, 40}, {"b@example.org", 60}};
	struct candidate c;

	(void)state;
	assert_int_equal(store_candidate_mails(s, m, 3, &err), 0);
	note(FPR_A, "autocrypt", 10, true, "{}");
	assert_int_equal(store_candidate_get(s, ADDRESS, FPR_A, &c, &err), 1);
	assert_int_equal(c.last_mail, 0); /* it had no candidate then */
	candidate_free(&c);
	assert_int_equal(store_candidate_mails(s, m, 3, &err), 0);
	assert_int_equal(store_candidate_get(s, ADDRESS, FPR_A, &c, &err), 1);
	assert_int_equal(c.last_mail, 50);
	assert_string_equal(c.uid, "A <a@example.org>");
	candidate_free(&c);
	assert_int_equal(store_candidate_get(s, ADDRESS, FPR_B, &c, &err), 0);
}

static void a_person_accepts_or_rejects(void **state)
{
	struct pin p = {.state = PIN_NONE};
	char *evidence = NULL;

	(void)state;
	note(FPR_A, "autocrypt", 10, true, "{\"n\":1}");
	note(FPR_A, "attached", 20, false, "{\"n\":2}");
	note(FPR_B, "attached", 30, false, "{}");
	assert_int_equal(store_pin_accept(s, ADDRESS, FPR_A, &err), 1);
	assert_int_equal(store_pin_get(s, ADDRESS, &p, &err), 1);
	assert_int_equal(p.state, PIN_TOFU);
	assert_string_equal(p.fpr, FPR_A);
	assert_string_equal(p.method, "learnt");
	assert_int_equal(p.first_seen, 10);
	assert_int_equal(p.last_seen, 20);
	pin_free(&p);
	assert_int_equal(store_pin_evidence(s, ADDRESS, &evidence, &err), 1);
	assert_non_null(strstr(evidence, "\"autocrypt\":{\"n\":1}"));
	assert_non_null(strstr(evidence, "\"attached\":{\"n\":2}"));
	free(evidence);
	assert_int_equal(store_pin_reject(s, ADDRESS, FPR_B, &err), 1);
	assert_int_equal(store_rejected(s, ADDRESS, FPR_B, &err), 1);
	assert_int_equal(note(FPR_B, "autocrypt", 40, true, "{}"), 0);
	assert_null(strstr(all_seen(), "B "));
	assert_int_equal(store_pin_get(s, ADDRESS, &p, &err), 1);
	assert_string_equal(p.fpr, FPR_A);
	pin_free(&p);
}

static void a_revocation_stays(void **state)
{
	(void)state;
	note(FPR_A, "autocrypt", 10, true, "{}");
	assert_int_equal(store_revoke(s, FPR_A, "", &err), 0);
	note(FPR_A, "autocrypt", 20, true, "{}");
	assert_int_equal(store_pin_accept(s, ADDRESS, FPR_A, &err), 0);
}

/* Of whichever address it was seen first: it is the key that is revoked. */
static void a_revocation_holds_for_all_addresses(void **state)
{
	struct candidate c;

	(void)state;
	note_of("other@x.example", FPR_A, "autocrypt", 10, true, "{}");
	note_of("other@x.example", FPR_B, "autocrypt", 10, true, "{}");
	assert_int_equal(store_revoke(s, FPR_A, "", &err), 0);
	note(FPR_A, "autocrypt", 20, true, "{}");
	note(FPR_B, "autocrypt", 20, true, "{}");
	assert_int_equal(store_candidate_get(s, ADDRESS, FPR_A, &c, &err), 1);
	assert_true(c.revoked);
	candidate_free(&c);
	assert_int_equal(store_candidate_get(s, ADDRESS, FPR_B, &c, &err), 1);
	assert_false(c.revoked);
	candidate_free(&c);
}

static void sealed_mails_of_others(void **state)
{
	const int64_t now = 1000 * (int64_t)86400;
	const struct sealed_mail m[] = {{{1}, now - 10}, {{2}, now - SEALED_KEPT - 1}};
	const uint8_t one[JOURNAL_HASH] = {1}, two[JOURNAL_HASH] = {2};

	(void)state;
	assert_int_equal(store_sealed_learnt(s, m, 2, now, &err), 0);
	assert_int_equal(store_sealed_has(s, one, now, &err), 1);
	assert_int_equal(store_sealed_has(s, two, now, &err), 0);
	/* It is not kept for longer than by its own date, nor for shorter than it was. */
	assert_int_equal(store_sealed_has(s, one, now - 10 + SEALED_KEPT + 1, &err), 0);
	assert_int_equal(store_sealed_add(s, one, now, &err), 0);
	assert_int_equal(store_sealed_learnt(s, m, 1, now, &err), 0);
	assert_int_equal(store_sealed_has(s, one, now + SEALED_KEPT, &err), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			order_and_repetition_do_not_matter, setup, teardown),
		cmocka_unit_test_setup_teardown(two_of_one_moment_must_both_ask, setup, teardown),
		cmocka_unit_test_setup_teardown(
			bytes_that_were_read_before_are_known, setup, teardown),
		cmocka_unit_test_setup_teardown(few_of_one_address, setup, teardown),
		cmocka_unit_test_setup_teardown(not_more_than_so_many, setup, teardown),
		cmocka_unit_test_setup_teardown(only_the_last_mail_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(a_person_accepts_or_rejects, setup, teardown),
		cmocka_unit_test_setup_teardown(a_revocation_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_revocation_holds_for_all_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(sealed_mails_of_others, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
