/* SPDX-License-Identifier: ISC */
/* Lines for Postfix' TLS policy table, row by row: nothing foreign gets into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verbs/check/postfix.h"

#define S(text) ((char *)(uintptr_t)(text))

static const struct {
	const char *name;
	enum protection_kind kind;
	const char *reason;
	const char *host[3]; /* mail servers in DNS */
	const char *mx[5];   /* of the policy */
	const char *want;
} row[] = {
	{"1 DANE", PROTECTION_DANE, "", {"mx.d.example"}, {NULL}, "d.example dane-only\n"},
	{"2 MTA-STS, a host", PROTECTION_MTA_STS, "", {"mx.d.example"}, {"mx.d.example"},
		"d.example secure match=mx.d.example servername=hostname\n"},
	{"3 MTA-STS, a wildcard: the hosts that it is for now", PROTECTION_MTA_STS, "",
		{"a.d.example", "b.d.example"}, {"*.d.example"},
		"d.example secure match=a.d.example:b.d.example servername=hostname\n"},
	{"4 MTA-STS, and a host that is not in DNS yet", PROTECTION_MTA_STS, "", {"a.e.example"},
		{"mx.d.example", "*.e.example", "A.e.example"},
		"d.example secure match=a.e.example:mx.d.example servername=hostname\n"},
	{"5 what is no name is left out", PROTECTION_MTA_STS, "", {"mx.d.example", "c:d"},
		{"*.d.example", "a b", "x:y protocols=none"},
		"d.example secure match=mx.d.example servername=hostname\n"},
	{"6 nothing but that", PROTECTION_MTA_STS, "", {"a b"}, {"*.d.example"},
		"# d.example: unknown: no name of its mail servers can be written to a table\n"},
	{"7 an address makes OpenSSL look for it in the certificate", PROTECTION_MTA_STS, "",
		{"mx.d1"}, {"mx.d1", "192.0.2.25", "1.2", "25", "*.d1"},
		"d.example secure match=mx.d1 servername=hostname\n"},
	{"8 none", PROTECTION_NONE, "no policy", {"mx.d.example"}, {NULL},
		"# d.example: none: no policy\n"},
	{"9 unknown, with a line end in the reason", PROTECTION_UNKNOWN, "x\nevil.example none",
		{NULL}, {NULL}, "# d.example: unknown: x\\x0aevil.example none\n"},
};

static void lines(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct check_reply r = {.domain = S("d.example")};
		struct protection bound = {.kind = row[i].kind};
		struct buf b = BUF_INIT(POSTFIX_LINE_MAX);
		struct check_mx host[3] = {{.host = NULL}};
		char *mx[5];

		for (n = 0; n < 5 && row[i].mx[n]; n++)
			mx[n] = S(row[i].mx[n]);
		for (; r.n_mx < 3 && row[i].host[r.n_mx]; r.n_mx++)
			host[r.n_mx].host = S(row[i].host[r.n_mx]);
		r.mx = host;
		r.sts.mx = mx;
		r.sts.n_mx = n;
		snprintf(bound.reason, sizeof(bound.reason), "%s", row[i].reason);
		assert_int_equal(postfix_line(&b, &r, &bound), 0);
		if (strcmp(buf_str(&b), row[i].want) != 0)
			fail_msg("%s: %s", row[i].name, buf_str(&b));
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
