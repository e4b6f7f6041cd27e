/* SPDX-License-Identifier: ISC */
/* auth_results.c: who says that which domain signed, row by row. */
#include "mime_util.h"

#include "mime/auth_results.h"

static const struct {
	const char *name, *value, *authserv, *signers; /* authserv NULL: it is no such field */
} row[] = {
	{"1 plain", "mx.a.example; dkim=pass header.d=b.example", "mx.a.example", "b.example"},
	{"2 no results", "mx.a.example; none", "mx.a.example", ""},
	{"3 nothing behind it", "mx.a.example", "mx.a.example", ""},
	{"4 version", "mx.a.example 1; dkim=pass header.d=b.example", "mx.a.example", "b.example"},
	{"5 folded, comments, any case",
		" MX.A.example\n (here);\n\tDKIM = Pass (2048 bits) Header.D = B.Example",
		"mx.a.example", "b.example"},
	{"6 failed", "mx.a.example; dkim=fail header.d=b.example", "mx.a.example", ""},
	{"7 another method", "mx.a.example; spf=pass smtp.mailfrom=b.example header.d=b.example",
		"mx.a.example", ""},
	{"8 several",
		"mx.a.example; dkim=pass header.d=b.example; dkim=fail header.d=c.example; "
		"dkim=pass header.d=d.example",
		"mx.a.example", "b.example d.example"},
	{"9 header.i", "mx.a.example; dkim=pass header.i=@b.example header.s=x", "mx.a.example",
		"b.example"},
	{"10 header.d before header.i",
		"mx.a.example; dkim=pass header.i=x@c.b.example header.d=b.example", "mx.a.example",
		"b.example"},
	{"11 reason", "mx.a.example; dkim=pass reason=\"good; dkim=pass\" header.d=b.example",
		"mx.a.example", "b.example"},
	{"12 a result in a comment", "mx.a.example; dkim=fail (dkim=pass header.d=b.example)",
		"mx.a.example", ""},
	{"13 a result in a quotation",
		"mx.a.example; dkim=fail reason=\"; dkim=pass header.d=b.example\"", "mx.a.example",
		""},
	{"14 open quotation", "mx.a.example; dkim=pass reason=\"x header.d=b.example", NULL, ""},
	{"15 open comment", "mx.a.example; dkim=pass (header.d=b.example", NULL, ""},
	{"16 empty", "", NULL, ""},
	{"17 no value", "mx.a.example; dkim= ; dkim=pass header.d=b.example", NULL, ""},
	{"18 method version", "mx.a.example; dkim/1=pass header.d=b.example", "mx.a.example",
		"b.example"},
	{"19 quoted name", "\"mx.a.example\"; dkim=pass header.d=\"b.example\"", "mx.a.example",
		"b.example"},
	{"20 semicolon at the end", "mx.a.example; dkim=pass header.d=b.example;", "mx.a.example",
		"b.example"},
	{"21 text behind the name", "mx.a.example dkim=pass header.d=b.example", NULL, ""},
};

static void reads(void **state)
{
	struct auth_results a;
	char got[1024];
	size_t i, k;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		rc = auth_results_read(&a, row[i].value);
		got[0] = '\0';
		for (k = 0; k < a.n_dkim; k++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", k ? " " : "",
				a.dkim[k]);
		if ((rc == 0) != (row[i].authserv != NULL) || strcmp(got, row[i].signers) != 0 ||
			(rc == 0 && strcmp(a.authserv, row[i].authserv) != 0))
			fail_msg("%s: %d %s: %s", row[i].name, rc, a.authserv, got);
	}
}

static void too_long(void **state)
{
	char value[2000];
	struct auth_results a;

	(void)state;
	snprintf(value, sizeof(value), "%0400d; dkim=pass header.d=b.example", 0);
	assert_int_equal(auth_results_read(&a, value), -1);
	snprintf(value, sizeof(value), "m; dkim=pass header.d=%0300d", 0);
	assert_int_equal(auth_results_read(&a, value), 0);
	assert_int_equal(a.n_dkim, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(too_long)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
