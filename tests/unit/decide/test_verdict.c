/* SPDX-License-Identifier: ISC */
/* decide/key_verdict.c: what two methods say, taken together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decide/key_verdict.h"

/* One side in two letters: what the method said, and of what was found, what it is. */
enum say {
	NOT_ASKED,
	ABSENT_PROVED,
	ABSENT_OPEN,     /* unproved */
	ABSENT_UNSIGNED, /* OPENPGPKEY in a provably unsigned zone */
	FAILED,
	KEY_A,
	KEY_B,
	REVOKED_A,
	EXPIRED_A,
	HTML, /* and no control was asked */
	HTML_ALIKE,
	HTML_OTHER,
	HTML_FAILED,   /* the control */
	HTML_WILDCARD, /* by the direct method, asked because of a wildcard in an unsigned zone */
	KEY_A_WILDCARD,
	SECRET,
	NOTHING, /* OpenPGP, but no certificate that could be read */
};

struct side {
	struct method_result m;
	struct cert_set set;
	struct cert cert;
};

static void build(struct side *s, enum say say, enum lookup_method method)
{
	memset(s, 0, sizeof(*s));
	s->m.method = method;
	s->m.dnssec = DNS_SECURE;
	s->m.reason = (char *)(uintptr_t) "the reason";
	s->m.status = METHOD_FOUND;
	s->set.v = &s->cert;
	s->set.n = 1;
	snprintf(s->cert.fpr, sizeof(s->cert.fpr), "AA");
	snprintf(s->cert.why, sizeof(s->cert.why), "it is %d", (int)say);
	switch (say) {
	case NOT_ASKED:
		s->m.status = METHOD_NOT_ASKED;
		break;
	case ABSENT_UNSIGNED:
		s->m.dnssec = DNS_INSECURE;
		s->m.status = METHOD_ABSENT;
		break;
	case ABSENT_PROVED:
	case ABSENT_OPEN:
		s->m.status = METHOD_ABSENT;
		s->m.proved = say == ABSENT_PROVED;
		break;
	case FAILED:
		s->m.status = METHOD_FAILED;
		break;
	case KEY_A:
		break;
	case KEY_B:
		snprintf(s->cert.fpr, sizeof(s->cert.fpr), "BB");
		break;
	case REVOKED_A:
		s->cert.use = CERT_REVOKED;
		break;
	case EXPIRED_A:
		s->cert.use = CERT_EXPIRED;
		break;
	case HTML:
	case HTML_ALIKE:
	case HTML_OTHER:
	case HTML_FAILED:
		s->m.control = say == HTML_ALIKE    ? CONTROL_ALIKE
			       : say == HTML_OTHER  ? CONTROL_OTHER
			       : say == HTML_FAILED ? CONTROL_FAILED
						    : CONTROL_NONE;
		s->set.n = 0;
		s->set.not_openpgp = true;
		break;
	case HTML_WILDCARD:
		s->m.wildcard = true;
		s->set.n = 0;
		s->set.not_openpgp = true;
		break;
	case KEY_A_WILDCARD:
		s->m.wildcard = true;
		break;
	case SECRET:
		s->set.secret = true;
		break;
	case NOTHING:
		s->set.n = 0;
		break;
	}
	if (s->m.status != METHOD_FOUND)
		s->set.n = 0;
	else if (!s->m.wildcard)
		s->m.reason = (char *)(uintptr_t) "";
}

#define ADV METHOD_WKD_ADVANCED
#define DIR METHOD_WKD_DIRECT

static void table(void **state)
{
	static const struct {
		enum lookup_method wkd_method;
		enum say wkd, dane;
		const char *pin;
		enum key_status want;
		const char *fpr;
	} row[] = {
		{ADV, KEY_A, ABSENT_PROVED, "", KEY_USABLE, "AA"},
		{ADV, KEY_A, ABSENT_UNSIGNED, "", KEY_USABLE, "AA"},
		{ADV, KEY_A, FAILED, "", KEY_USABLE, "AA"},
		{ADV, KEY_A, KEY_A, "", KEY_USABLE, "AA"},
		{ADV, KEY_A, KEY_B, "", KEY_CONFLICT, NULL},
		{ADV, KEY_A, KEY_B, "AA", KEY_USABLE, "AA"},
		{ADV, KEY_A, KEY_B, "BB", KEY_USABLE, "BB"},
		{ADV, KEY_A, KEY_B, "CC", KEY_CONFLICT, NULL},
		{ADV, KEY_A, REVOKED_A, "", KEY_UNUSABLE, NULL},
		{ADV, REVOKED_A, KEY_A, "", KEY_UNUSABLE, NULL},
		{ADV, REVOKED_A, KEY_B, "", KEY_USABLE, "BB"},
		{ADV, KEY_B, REVOKED_A, "", KEY_USABLE, "BB"},
		{ADV, EXPIRED_A, ABSENT_PROVED, "", KEY_UNUSABLE, NULL},
		{ADV, EXPIRED_A, FAILED, "", KEY_UNUSABLE, NULL},
		{ADV, ABSENT_PROVED, KEY_A, "", KEY_USABLE, "AA"},
		{ADV, FAILED, KEY_A, "", KEY_USABLE, "AA"},
		{ADV, ABSENT_PROVED, ABSENT_PROVED, "", KEY_ABSENT_PROVED, NULL},
		{ADV, ABSENT_PROVED, ABSENT_UNSIGNED, "", KEY_ABSENT_PROVED, NULL},
		{DIR, ABSENT_OPEN, ABSENT_UNSIGNED, "", KEY_ABSENT_UNPROVED, NULL},
		{DIR, ABSENT_OPEN, ABSENT_PROVED, "", KEY_ABSENT_UNPROVED, NULL},
		{ADV, ABSENT_PROVED, ABSENT_OPEN, "", KEY_ABSENT_UNPROVED, NULL},
		{ADV, ABSENT_PROVED, FAILED, "", KEY_UNKNOWN, NULL},
		{ADV, FAILED, ABSENT_PROVED, "", KEY_UNKNOWN, NULL},
		{ADV, FAILED, FAILED, "", KEY_UNKNOWN, NULL},
		{ADV, NOT_ASKED, NOT_ASKED, "", KEY_UNKNOWN, NULL},
		{ADV, NOT_ASKED, ABSENT_PROVED, "", KEY_ABSENT_PROVED, NULL},
		{ADV, ABSENT_PROVED, NOT_ASKED, "", KEY_ABSENT_PROVED, NULL},
		{ADV, ABSENT_OPEN, NOT_ASKED, "", KEY_ABSENT_UNPROVED, NULL},
		{ADV, NOT_ASKED, KEY_A, "", KEY_USABLE, "AA"},
		{ADV, HTML, ABSENT_PROVED, "", KEY_UNUSABLE, NULL},
		{DIR, HTML_ALIKE, ABSENT_PROVED, "", KEY_ABSENT_UNPROVED, NULL},
		{DIR, HTML_ALIKE, FAILED, "", KEY_UNKNOWN, NULL},
		{DIR, HTML, KEY_A, "", KEY_USABLE, "AA"},
		{DIR, HTML_WILDCARD, ABSENT_UNSIGNED, "", KEY_UNKNOWN, NULL},
		{DIR, HTML_WILDCARD, KEY_A, "", KEY_USABLE, "AA"},
		{DIR, KEY_A_WILDCARD, ABSENT_UNSIGNED, "", KEY_USABLE, "AA"},
		{DIR, SECRET, ABSENT_PROVED, "", KEY_UNUSABLE, NULL},
		{ADV, SECRET, ABSENT_PROVED, "", KEY_UNUSABLE, NULL},
		{ADV, SECRET, KEY_B, "", KEY_USABLE, "BB"},
		{DIR, NOTHING, ABSENT_PROVED, "", KEY_UNUSABLE, NULL},
		{ADV, ABSENT_PROVED, HTML, "", KEY_UNUSABLE, NULL},
		{DIR, HTML, ABSENT_PROVED, "", KEY_UNUSABLE, NULL},
		{DIR, HTML_OTHER, ABSENT_PROVED, "", KEY_UNUSABLE, NULL},
		{DIR, HTML_OTHER, KEY_A, "", KEY_USABLE, "AA"},
		{DIR, HTML_OTHER, FAILED, "", KEY_UNUSABLE, NULL},
		{DIR, HTML_FAILED, ABSENT_PROVED, "", KEY_UNKNOWN, NULL},
		{DIR, HTML_FAILED, KEY_A, "", KEY_USABLE, "AA"},
		{ADV, HTML_ALIKE, ABSENT_UNSIGNED, "", KEY_ABSENT_UNPROVED, NULL},
		{ADV, HTML_OTHER, ABSENT_UNSIGNED, "", KEY_UNUSABLE, NULL},
		{ADV, HTML_FAILED, ABSENT_UNSIGNED, "", KEY_UNKNOWN, NULL},
	};
	struct side w, d;
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct verdict_in in = {&w.m, &d.m, &w.set, &d.set, row[i].pin};

		print_message("row %zu\n", i + 1);
		build(&w, row[i].wkd, row[i].wkd_method);
		build(&d, row[i].dane, METHOD_OPENPGPKEY);
		verdict_combine(&in, &v);
		assert_int_equal(v.status, row[i].want);
		if (row[i].fpr) {
			assert_non_null(v.cert);
			assert_string_equal(v.cert->fpr, row[i].fpr);
		} else {
			assert_null(v.cert);
			assert_int_not_equal(v.reason[0], '\0');
		}
	}
}

/* What no helper that keeps to the rules would say: it fails closed. */
static void odd(struct side *w, enum say say)
{
	build(w, say, ADV);
	w->set.n = 0;
}
static void odd_control(struct side *w)
{
	odd(w, HTML);
	w->m.control = (enum control)99;
}
static void odd_status(struct side *w)
{
	odd(w, KEY_A);
	w->m.status = (enum method_status)99;
}
static void secret_and_no_openpgp(struct side *w)
{
	odd(w, SECRET);
	w->set.not_openpgp = true;
}
static void no_reason(struct side *w)
{
	odd(w, FAILED);
	w->m.reason = NULL;
}
static void two_certificates(struct side *w)
{
	static struct cert both[2];

	build(w, KEY_A, ADV);
	both[0] = both[1] = w->cert;
	both[0].use = CERT_EXPIRED;
	memcpy(both[0].fpr, "BB", 3);
	w->set.v = both;
	w->set.n = 2;
}

static void rare(void **state)
{
	static const struct {
		const char *name;
		void (*make)(struct side *w);
		enum key_status want;
		const char *reason;
	} row[] = {
		{"a control that does not exist", odd_control, KEY_UNUSABLE,
			"what is published is not an OpenPGP certificate"},
		{"a status that does not exist", odd_status, KEY_UNUSABLE,
			"what is published is not an OpenPGP certificate"},
		{"a secret key among what is none", secret_and_no_openpgp, KEY_UNUSABLE,
			"what is published holds a secret key; its owner must replace it at once"},
		{"no reason is told", no_reason, KEY_UNKNOWN, ""},
		{"two certificates", two_certificates, KEY_USABLE,
			"2 certificates are published; this is the one to use"},
	};
	struct side w, d;
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct verdict_in in = {&w.m, &d.m, &w.set, &d.set, ""};

		row[i].make(&w);
		build(&d, NOT_ASKED, METHOD_OPENPGPKEY);
		verdict_combine(&in, &v);
		if (v.status != row[i].want || strcmp(v.reason, row[i].reason) != 0)
			fail_msg("%s: %s: %s", row[i].name, key_status_name(v.status), v.reason);
	}
}

static void words(void **state)
{
	static const struct {
		enum key_status status;
		const char *name;
		int exit;
		bool absent;
	} row[] = {
		{KEY_USABLE, "usable", 0, false},
		{KEY_ABSENT_PROVED, "absent", 1, true},
		{KEY_ABSENT_UNPROVED, "absent", 1, true},
		{KEY_UNUSABLE, "unusable", 69, false},
		{KEY_UNKNOWN, "unknown", 75, false},
		{KEY_CONFLICT, "conflict", 77, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (strcmp(key_status_name(row[i].status), row[i].name) != 0 ||
			key_status_exit(row[i].status) != row[i].exit ||
			key_absent(row[i].status) != row[i].absent)
			fail_msg("%s", row[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rare), cmocka_unit_test(table), cmocka_unit_test(words)};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
