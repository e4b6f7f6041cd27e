/* SPDX-License-Identifier: ISC */
/* Records of CAA that are to come: whether they are there, forbid more than before, and whether
 * every certificate in use could be issued anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decide/publish_caa.h"

#define D "example.org"
#define LE "C=US, O=Let's Encrypt, CN=R11"
#define OTHER "O=Sectigo Limited, CN=Sectigo ECC"
#define MAX 3

static char *text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static void now_and_then(void **state)
{
	static const struct {
		int number;
		const char *what;
		enum check_outcome outcome;
		const char *found_at;
		struct {
			const char *tag, *value;
		} record[MAX];
		bool live, narrows;
	} row[] = {
		{1, "none", CHECK_NONE, "", {{NULL}}, false, true},
		{2, "of the domain", CHECK_FOUND, D, {{"issue", "letsencrypt.org"}}, true, false},
		{3, "of a domain above", CHECK_FOUND, "org", {{"issue", "letsencrypt.org"}}, false,
			true},
		{4, "another issuer", CHECK_FOUND, D, {{"issue", "sectigo.com"}}, false, false},
		{5, "one more", CHECK_FOUND, D,
			{{"issue", "sectigo.com"}, {"issue", "letsencrypt.org"}}, true, false},
		{6, "reports only", CHECK_FOUND, D, {{"iodef", "mailto:a@example.org"}}, false,
			true},
		{7, "wildcards only", CHECK_FOUND, D, {{"issuewild", "letsencrypt.org"}}, false,
			true},
		{8, "other parameters", CHECK_FOUND, D, {{"issue", "letsencrypt.org; a=b"}}, false,
			false},
		{9, "nobody", CHECK_FOUND, D, {{"issue", ""}}, false, false},
	};
	char *set[] = {text("letsencrypt.org")};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct check_caa_record record[MAX] = {{.flags = 0}};
		struct check_caa now = {.outcome = row[i].outcome,
			.found_at = text(row[i].found_at),
			.record = record};

		print_message("%d %s\n", row[i].number, row[i].what);
		for (k = 0; k < MAX && row[i].record[k].tag; k++) {
			record[k].tag = text(row[i].record[k].tag);
			record[k].value = text(row[i].record[k].value);
		}
		now.n_record = k;
		assert_int_equal(publish_caa_is_live(&now, D, set, 1), row[i].live);
		assert_int_equal(publish_caa_narrows(&now, D), row[i].narrows);
	}
}

static void certificates(void **state)
{
	static const struct {
		int number;
		const char *what;
		struct caa_site v[MAX];
		size_t n;
		const char *set[MAX];
		enum check_fact want;
	} row[] = {
		{1, "no host", {{NULL}}, 0, {"letsencrypt.org"}, FACT_YES},
		{2, "all of the set", {{.issuer = LE}, {.issuer = OTHER}}, 2,
			{"letsencrypt.org", "sectigo.com"}, FACT_YES},
		{3, "one is not", {{.issuer = LE}, {.issuer = OTHER}}, 2, {"letsencrypt.org"},
			FACT_NO},
		{4, "nobody is there", {{.issuer = LE}, {.nobody = true}}, 2, {"letsencrypt.org"},
			FACT_YES},
		{5, "one was not seen", {{.issuer = NULL}, {.issuer = LE}}, 2, {"letsencrypt.org"},
			FACT_UNKNOWN},
		{6, "nor was it told", {{.issuer = LE}, {.issuer = ""}}, 2, {"letsencrypt.org"},
			FACT_UNKNOWN},
		{7, "one is not, whatever is not known", {{.issuer = NULL}, {.issuer = OTHER}}, 2,
			{"letsencrypt.org"}, FACT_NO},
		{8, "parameters do not matter", {{.issuer = LE}}, 1,
			{"letsencrypt.org; accounturi=https://x/1"}, FACT_YES},
		{9, "an authority that is called otherwise",
			{{.issuer = "C=US, O=Google Trust Services, CN=WE1"}}, 1, {"pki.goog"},
			FACT_YES},
		{10, "no issuer of the set has a name", {{.issuer = LE}}, 1, {"."}, FACT_NO},
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d %s\n", row[i].number, row[i].what);
		for (n = 0; n < MAX && row[i].set[n]; n++)
			;
		assert_int_equal(publish_caa_covers(row[i].v, row[i].n,
					 (char *const *)(uintptr_t)row[i].set, n),
			row[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(now_and_then), cmocka_unit_test(certificates)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
