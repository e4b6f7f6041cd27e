/* SPDX-License-Identifier: ISC */
/* Key servers: about whom they are asked, and what their answers are worth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decide/keyserver.h"

static void whom_they_are_asked_about(void **state)
{
	static const struct {
		const char *name;
		enum key_status status;
		enum pin_state pin;
		enum cert_source pin_by;
		bool offered, proved_only;
		const char *never, *address;
		const char *want;
	} row[] = {
		{"absent", KEY_ABSENT_PROVED, .offered = true, .want = "k.example"},
		{"absent, unproved", KEY_ABSENT_UNPROVED, .offered = true, .want = "k.example"},
		{"absent, unproved, which does not count", KEY_ABSENT_UNPROVED, .offered = true,
			.proved_only = true, .want = ""},
		{"absent, proved, as it has to be", KEY_ABSENT_PROVED, .offered = true,
			.proved_only = true, .want = "k.example"},
		{"nobody takes it", KEY_ABSENT_PROVED, .want = ""},
		{"unknown", KEY_UNKNOWN, .offered = true, .want = ""},
		{"usable", KEY_USABLE, .offered = true, .want = ""},
		{"unusable", KEY_UNUSABLE, .offered = true, .want = ""},
		{"conflict", KEY_CONFLICT, .offered = true, .want = ""},
		{"a pin of the domain", KEY_ABSENT_PROVED, PIN_TOFU, .offered = true, .want = ""},
		{"a verified one", KEY_ABSENT_PROVED, PIN_VERIFIED, .offered = true, .want = ""},
		{"a pin of the gpg keyring", KEY_ABSENT_PROVED, PIN_TOFU, SOURCE_GNUPG,
			.offered = true, .want = ""},
		{"a pin of a key server", KEY_ABSENT_PROVED, PIN_TOFU, SOURCE_KEYSERVER,
			.want = "k.example"},
		{"a verified one of a key server", KEY_ABSENT_PROVED, PIN_VERIFIED,
			SOURCE_KEYSERVER, .want = "k.example"},
		{"a pin of a key server, the domain unknown", KEY_UNKNOWN, PIN_TOFU,
			SOURCE_KEYSERVER, .want = ""},
		{"clear text is allowed", KEY_ABSENT_PROVED, PIN_CLEAR, .offered = true,
			.want = "k.example"},
		{"a key was rejected", KEY_ABSENT_PROVED, PIN_REJECTED, .offered = true,
			.want = "k.example"},
		{"never-ask", KEY_ABSENT_UNPROVED, .offered = true, .never = "x.example",
			.want = ""},
		{"never-ask, and a pin of a key server", KEY_ABSENT_UNPROVED, PIN_TOFU,
			SOURCE_KEYSERVER, .never = "x.example", .want = ""},
		{"never-ask of another", KEY_ABSENT_PROVED, .offered = true, .never = "y.example",
			.want = "k.example"},
		{"by a policy", KEY_ABSENT_PROVED, .offered = true, .address = "a@p.example",
			.want = "p.k.example"},
		{"by a policy, none", KEY_ABSENT_PROVED, .offered = true,
			.address = "a@none.p.example", .want = "none"},
		{"by a policy with a pattern", KEY_ABSENT_PROVED, .offered = true,
			.address = "a@b.p.example", .want = "far.k.example"},
		{"no domain", KEY_ABSENT_PROVED, .offered = true, .address = "root", .want = ""},
	};
	static struct conf_policy policy[] = {{.name = "p", .to = "*.example", .keyservers = ""},
		{.name = "q", .to = "p.example", .keyservers = "p.k.example"},
		{.name = "r", .to = "none.p.example", .keyservers = "none"},
		{.name = "s", .to = "*.p.example", .keyservers = "far.k.example"}};
	static struct conf c = {.keyservers = "k.example", .policy = policy, .n_policy = 4};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct keyserver_of of = {
			row[i].status, row[i].pin, row[i].pin_by, row[i].offered};
		struct addr a;
		const char *got;

		assert_int_equal(
			addr_parse(row[i].address ? row[i].address : "a@x.example", &a, NULL), 0);
		c.absence = row[i].proved_only ? ABSENCE_PROVED : ABSENCE_ANY;
		snprintf(c.never_ask, sizeof(c.never_ask), "%s", row[i].never ? row[i].never : "");
		got = keyserver_list(&c, NULL, &a, &of);
		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s: \"%s\"", row[i].name, got);
	}
}

static void what_an_answer_is_worth(void **state)
{
	static const struct {
		const char *name;
		enum key_status verdict;
		enum cert_use use;
		const char *fpr; /* NULL: no certificate */
		bool secret;
		enum source_answer want;
	} row[] = {
		{"a key", KEY_USABLE, CERT_USABLE, "AA", .want = SOURCE_HAS},
		{"none", KEY_ABSENT_PROVED, .want = SOURCE_HAS_NONE},
		{"none, unproved", KEY_ABSENT_UNPROVED, .want = SOURCE_HAS_NONE},
		{"no answer", KEY_UNKNOWN, .want = SOURCE_FAILED},
		{"revoked", KEY_UNUSABLE, CERT_REVOKED, "AA", .want = SOURCE_UNFIT},
		{"expired", KEY_UNUSABLE, CERT_EXPIRED, "AA", .want = SOURCE_UNFIT},
		{"cannot encrypt", KEY_UNUSABLE, CERT_NO_ENCRYPTION, "AA", .want = SOURCE_UNFIT},
		{"User ID revoked", KEY_UNUSABLE, CERT_UID_REVOKED, "AA", .want = SOURCE_UNFIT},
		{"too weak", KEY_UNUSABLE, CERT_WEAK, "AA", .want = SOURCE_UNFIT},
		{"an unknown version", KEY_UNUSABLE, CERT_UNSUPPORTED, "AA", .want = SOURCE_UNFIT},
		{"unreadable", KEY_UNUSABLE, CERT_UNSUPPORTED, "", .want = SOURCE_FAILED},
		{"another's, or without User ID", KEY_UNUSABLE, CERT_WRONG_UID, "AA",
			.want = SOURCE_FAILED},
		{"a secret key", KEY_UNUSABLE, CERT_EXPIRED, "AA", true, SOURCE_FAILED},
		{"no OpenPGP", KEY_UNUSABLE, .want = SOURCE_FAILED},
		{"two that differ, which cannot be", KEY_CONFLICT, CERT_USABLE, "AA",
			.want = SOURCE_FAILED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct cert cert = {.use = row[i].use};
		const struct cert_set set = {
			.v = &cert, .n = row[i].fpr != NULL, .secret = row[i].secret};
		const struct verdict v = {.status = row[i].verdict};
		enum source_answer got;

		snprintf(cert.fpr, sizeof(cert.fpr), "%s", row[i].fpr ? row[i].fpr : "");
		got = keyserver_answer(&v, &set);
		if (got != row[i].want)
			fail_msg("%s: %d", row[i].name, (int)got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whom_they_are_asked_about),
		cmocka_unit_test(what_an_answer_is_worth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
