/* SPDX-License-Identifier: ISC */
/* ctype.c: Content-Type read, and marked as RFC 9788 wants it. */
#include "mime_util.h"

#include "mime/ctype.h"

static void parse(void **state)
{
	static const struct {
		const char *in, *type, *subtype, *boundary, *protocol;
	} row[] = {
		{"text/plain", "text", "plain", "", ""},
		{" TEXT / Plain ; charset=utf-8", "text", "plain", "", ""},
		{"text/plain;", "text", "plain", "", ""},
		{"text/plain;; charset=x;", "text", "plain", "", ""},
		{"multipart/mixed; boundary=abc", "multipart", "mixed", "abc", ""},
		{"multipart/mixed;\n\tboundary=\"a b\\\"c;=d\"", "multipart", "mixed", "a b\"c;=d",
			""},
		{"multipart/mixed (a; boundary=x) ; (c) boundary (d) = (e) Y (f)", "multipart",
			"mixed", "Y", ""},
		{"multipart/encrypted; PROTOCOL=\"Application/PGP-Encrypted\"; boundary=A",
			"multipart", "encrypted", "A", "application/pgp-encrypted"},
		{"multipart/mixed; x=\"; boundary=no\"; boundary=yes", "multipart", "mixed", "yes",
			""},
	};
	static const char *const bad[] = {"", "text", "text/", "/plain", "text plain",
		"text/plain x", "text/plain; charset", "text/plain; =x", "text/plain; charset=\"x",
		"text/plain (x", "multipart/mixed; boundary=a; boundary=b",
		"multipart/mixed; boundary=a; BOUNDARY=a", "text/plain; charset=a b",
		"t\xc3\xa4xt/plain (", "text/plain; protocol=a; protocol=b",
		"=?utf-8?q?text?=/plain"};
	struct ctype ct;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].in);
		assert_int_equal(ctype_parse(row[i].in, &ct), 0);
		assert_true(ctype_is(&ct, row[i].type, row[i].subtype));
		assert_true(ctype_is(&ct, row[i].type, NULL));
		assert_false(ctype_is(&ct, "x", NULL));
		assert_string_equal(ct.boundary, row[i].boundary);
		assert_string_equal(ct.protocol, row[i].protocol);
	}
	for (i = 0; i < N_OF(bad); i++) {
		print_message("%s\n", bad[i]);
		assert_int_equal(ctype_parse(bad[i], &ct), -1);
		assert_string_equal(ct.type, "");
		assert_string_equal(ct.boundary, "");
	}
}

static void long_boundary(void **state)
{
	char in[400] = "multipart/mixed; boundary=";
	struct ctype ct;
	size_t n = strlen(in);

	(void)state;
	memset(in + n, 'b', CTYPE_BOUNDARY_MAX);
	assert_int_equal(ctype_parse(in, &ct), 0);
	assert_int_equal(strlen(ct.boundary), CTYPE_BOUNDARY_MAX);
	memset(in + n, 'b', CTYPE_BOUNDARY_MAX + 1);
	assert_int_equal(ctype_parse(in, &ct), -1);
}

#define MARK ";\n hp=\"cipher\"; protected-headers=\"v1\""

static void protect(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{"text/plain", "text/plain" MARK},
		{"text/plain; charset=utf-8", "text/plain; charset=utf-8" MARK},
		{"text/plain; charset=utf-8;", "text/plain; charset=utf-8" MARK},
		{"text/plain;\n charset=utf-8;\n format=flowed ",
			"text/plain;\n charset=utf-8;\n format=flowed" MARK},
		{"text/plain; hp=\"clear\"; charset=x", "text/plain; charset=x" MARK},
		{"text/plain; charset=x; HP=cipher", "text/plain; charset=x" MARK},
		{"text/plain; protected-headers=\"v1\"; hp*=utf-8''clear; hp*0=\"a\"",
			"text/plain" MARK},
		{"text/plain; hp-legacy-display=\"1\"", "text/plain; hp-legacy-display=\"1\"" MARK},
		{"text/plain; x=\"; hp=clear\"", "text/plain; x=\"; hp=clear\"" MARK},
		{"multipart/mixed (hp=x); boundary=\"b\" (c)",
			"multipart/mixed (hp=x); boundary=\"b\" (c)" MARK},
	};
	static const char *const bad[] = {"", "text", "text/plain; charset", "text/plain; x=\"y"};
	struct buf out = BUF_INIT(1000), tiny = BUF_INIT(20);
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].in);
		buf_reset(&out);
		assert_int_equal(ctype_protect(row[i].in, HP_CIPHER, &out), 0);
		assert_string_equal(buf_str(&out), row[i].out);
	}
	for (i = 0; i < N_OF(bad); i++)
		assert_int_equal(ctype_protect(bad[i], HP_CIPHER, &out), -1);
	assert_int_equal(ctype_protect("text/plain", HP_CIPHER, &tiny), -1);
	buf_free(&out);
	buf_free(&tiny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(parse), cmocka_unit_test(long_boundary),
		cmocka_unit_test(protect)};

	return cmocka_run_group_tests_name("ctype", tests, NULL, NULL);
}
