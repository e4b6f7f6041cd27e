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
	const char *mx[4];
	const char *want; /* NULL: there can be none */
} row[] = {
	{"1 DANE", PROTECTION_DANE, "", {NULL}, "d.example dane-only\n"},
	{"2 MTA-STS, a host", PROTECTION_MTA_STS, "", {"mx.d.example"},
		"d.example secure match=mx.d.example\n"},
	{"3 MTA-STS, a wildcard", PROTECTION_MTA_STS, "", {"*.d.example"},
		"d.example secure match=.d.example\n"},
	{"4 MTA-STS, several", PROTECTION_MTA_STS, "", {"mx.d.example", "*.e.example"},
		"d.example secure match=mx.d.example:.e.example\n"},
	{"5 what is no name is left out", PROTECTION_MTA_STS, "",
		{"mx.d.example", "a b", "x:y protocols=none"},
		"d.example secure match=mx.d.example\n"},
	{"6 nothing but that", PROTECTION_MTA_STS, "", {"a b"}, NULL},
	{"7 none", PROTECTION_NONE, "no policy", {NULL}, "# d.example: none: no policy\n"},
	{"8 unknown, with a line end in the reason", PROTECTION_UNKNOWN, "x\nevil.example none",
		{NULL}, "# d.example: unknown: x\\x0aevil.example none\n"},
};

static void lines(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct check_reply r = {.domain = S("d.example")};
		struct protection bound = {.kind = row[i].kind};
		struct buf b = BUF_INIT(POSTFIX_LINE_MAX);
		char *mx[4];
		int rc;

		for (n = 0; n < 4 && row[i].mx[n]; n++)
			mx[n] = S(row[i].mx[n]);
		r.sts.mx = mx;
		r.sts.n_mx = n;
		snprintf(bound.reason, sizeof(bound.reason), "%s", row[i].reason);
		rc = postfix_line(&b, &r, &bound);
		if (rc != (row[i].want ? 0 : -1) ||
			(row[i].want && strcmp(buf_str(&b), row[i].want) != 0))
			fail_msg("%s: %d %s", row[i].name, rc, buf_str(&b));
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
