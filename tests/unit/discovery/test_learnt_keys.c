/* SPDX-License-Identifier: ISC */
/* What received mail says of a recipient's key, in words: which answers are passed on, and when
 * nobody looks. The store, and the judging of certificates, answer here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "discovery/learnt.h"
#include "discovery/candidates.h"

#define FPR "0123456789ABCDEF0123456789ABCDEF01234567"
#define NAMES_IT "received mail has " FPR ", which is not used automatically ("
#define HOW "): sealpost pins accept a@b.example " FPR

struct learnt_row {
	const char *name;
	/* Before: what the domain and the other candidates said. */
	enum source_answer domain, gnupg;
	bool wanted;
	/* The store: what was learnt. */
	int rc;
	enum source_answer learnt;
	const char *learnt_why;
	/* The judging of its certificate. */
	bool takes;
	/* What is said of it. */
	enum source_answer want;
	const char *why;
	bool reads;
};

/* The row, for the neighbours. */
static const struct learnt_row *told_by(const struct learnt_row *r)
{
	static const struct learnt_row *now;

	now = r ? r : now;
	return now;
}

static bool was_read(int set)
{
	static bool read;

	read = set < 0 ? read : set;
	return read;
}

int learnt_read(struct store *s, const char *address, int64_t now, struct learnt_known *out,
	struct err *err)
{
	const struct learnt_row *r = told_by(NULL);

	(void)s;
	(void)was_read(1);
	assert_string_equal(address, "a@b.example");
	assert_true(now > 1700000000);
	if (r->rc < 0)
		return err_set(err, (enum err_code)r->rc, "the store is damaged");
	*out = (struct learnt_known){
		.v = calloc(2, sizeof(*out->v)), .n = 2, .choice = {1, r->learnt, r->learnt_why}};
	assert_non_null(out->v);
	memcpy(out->v[1].fpr, FPR, sizeof(FPR));
	return 0;
}

void learnt_known_free(struct learnt_known *k)
{
	free(k->v);
}

char *learnt_evidence(const struct candidate *c)
{
	assert_string_equal(c->fpr, FPR);
	return strdup("{\"learnt\":{}}");
}

void candidate_says(struct candidate_job *j, enum cert_source source, enum source_answer answer,
	const char *fpr, const char *why)
{
	struct found_key *k = &j->key[source];

	assert_int_equal(source, SOURCE_LEARNT);
	assert_true((answer == SOURCE_NAMES || answer == SOURCE_HAS) == (fpr != NULL));
	snprintf(k->why, sizeof(k->why), "%s", why ? why : "");
	j->said[source].answer = answer;
}

bool candidate_takes(const struct key_search *search, struct candidate_job *j,
	enum cert_source source, const char *fpr, const struct buf *cert, const char *evidence,
	const char *why)
{
	(void)search;
	(void)cert;
	assert_int_equal(source, SOURCE_LEARNT);
	assert_string_equal(fpr, FPR);
	assert_string_equal(evidence, "{\"learnt\":{}}");
	if (told_by(NULL)->takes)
		candidate_says(j, source, SOURCE_HAS, fpr, why);
	return told_by(NULL)->takes;
}

static void what_is_said(void **state)
{
	static const struct learnt_row row[] = {
		{"used", SOURCE_HAS_NONE, SOURCE_HAS_NONE, true, 0, SOURCE_HAS, NULL, true,
			SOURCE_HAS, "no key is published; the one learnt from mail is used", true},
		{"would be, but its certificate does not do", SOURCE_HAS_NONE, SOURCE_HAS_NONE,
			true, 0, SOURCE_HAS, NULL, false, SOURCE_NAMES,
			NAMES_IT "it is not usable" HOW, true},
		{"not used by itself", SOURCE_HAS_NONE, SOURCE_UNASKED, true, 0, SOURCE_NAMES,
			"no mail asks for encryption", true, SOURCE_NAMES,
			NAMES_IT "no mail asks for encryption" HOW, true},
		{"nothing was learnt", SOURCE_HAS_NONE, SOURCE_HAS_NONE, true, 0, SOURCE_HAS_NONE,
			NULL, false, SOURCE_HAS_NONE, "", true},
		{"the store fails", SOURCE_HAS_NONE, SOURCE_HAS_NONE, true, ERR_IO, SOURCE_HAS,
			NULL, true, SOURCE_FAILED, "the store is damaged", true},
		{"the domain has a key", SOURCE_HAS, SOURCE_UNASKED, true, 0, SOURCE_HAS, NULL,
			true, SOURCE_UNASKED, "", false},
		{"the domain has one that may not be used", SOURCE_UNFIT, SOURCE_UNASKED, true, 0,
			SOURCE_HAS, NULL, true, SOURCE_UNASKED, "", false},
		{"nobody knows what the domain has", SOURCE_FAILED, SOURCE_UNASKED, true, 0,
			SOURCE_HAS, NULL, true, SOURCE_UNASKED, "", false},
		{"the keyring has one", SOURCE_HAS_NONE, SOURCE_HAS, true, 0, SOURCE_HAS, NULL,
			true, SOURCE_UNASKED, "", false},
		{"no key is needed", SOURCE_HAS_NONE, SOURCE_HAS_NONE, false, 0, SOURCE_HAS, NULL,
			true, SOURCE_UNASKED, "", false},
	};
	struct app app = {.verb = "send"};
	struct session session = {.store = NULL};
	const struct key_search s = {.app = &app, .session = &session};
	struct addr a;
	size_t i;

	(void)state;
	assert_int_equal(addr_parse("a@b.example", &a, NULL), 0);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct finding f = {.addr = &a,
			.wanted = row[i].wanted,
			.asked = 1,
			.status = KEY_ABSENT_UNPROVED};
		struct candidate_job *j = calloc(1, sizeof(*j));

		assert_non_null(j);
		j->f = &f;
		j->said[SOURCE_DOMAIN].answer = row[i].domain;
		j->said[SOURCE_GNUPG].answer = row[i].gnupg;
		(void)told_by(&row[i]);
		(void)was_read(0);
		assert_int_equal(candidates_learnt(&s, j, 1, NULL), 0);
		if (j->said[SOURCE_LEARNT].answer != row[i].want ||
			strcmp(j->key[SOURCE_LEARNT].why, row[i].why) != 0 ||
			was_read(-1) != row[i].reads)
			fail_msg("%s: %d: %s", row[i].name, j->said[SOURCE_LEARNT].answer,
				j->key[SOURCE_LEARNT].why);
		free(j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said),
	};

	return cmocka_run_group_tests_name("learnt_keys", tests, NULL, NULL);
}
