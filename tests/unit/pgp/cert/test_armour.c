/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pgp/cert/armour.h"
#include "pgp/cert/intake.h"

static void test_armour_reading(void **state)
{
	static const char begin[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
	static const char end[] = "-----END PGP PUBLIC KEY BLOCK-----";
	const struct {
		const char *name, *between;
		bool with_end, damaged;
		const char *octets;
	} rows[] = {
		{"plain", "\n\nYWJj\n", true, false, "abc"},
		{"crlf", "\r\n\r\nYWJj\r\n", true, false, "abc"},
		{"padding", "\n\nYWI=\n", true, false, "ab"},
		{"two of padding", "\n\nYQ==\n", true, false, "a"},
		{"no padding", "\n\nYQ\n", true, false, "a"},
		{"checksum, wrong", "\n\nYWJj\n=AAAA\n", true, false, "abc"},
		{"fields", "\nVersion: x\nComment: y: z\n\nYWJj\n", true, false, "abc"},
		{"no blank line", "\nYWJj\n", true, false, "abc"},
		{"lines", "\n\nYW\nJj\n", true, false, "abc"},
		{"empty", "\n\n", true, false, ""},
		{"no end", "\n\nYWJj\n", false, true, "abc"},
		{"other characters", "\n\nYW!Jj\n", true, true, "a"},
		{"behind the dashes", " x\n\nYWJj\n", true, true, NULL},
		{"one digit", "\n\nYWJjY\n", true, true, "abc"},
		{"text in the checksum", "\n\nYWJj\n=A!\n", true, true, "abc"},
	};
	struct buf in = BUF_INIT(4096), out = BUF_INIT(4096), tiny = BUF_INIT(2);
	struct armour a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		buf_reset(&in);
		buf_reset(&out);
		assert_int_equal(buf_addf(&in, "%s%s%s", begin, rows[i].between,
					 rows[i].with_end ? end : ""),
			0);
		assert_int_equal(armour_read(in.p, in.len, &out, &a), 0);
		assert_true(a.found);
		assert_int_equal(a.damaged, rows[i].damaged);
		if (rows[i].octets)
			assert_string_equal(buf_str(&out), rows[i].octets);
	}
	assert_int_equal(armour_read(NULL, 0, &out, &a), 0);
	assert_false(a.found || a.damaged);
	buf_reset(&in);
	assert_int_equal(
		buf_addf(&in, "%s\n\nYWJj\n%s\n\n%s\n\nZGVm\n%s\nbye", begin, end, begin, end), 0);
	buf_reset(&out);
	assert_int_equal(armour_read(in.p, in.len, &out, &a), 0);
	assert_string_equal(buf_str(&out), "abcdef");
	assert_false(a.damaged);
	assert_int_equal(armour_read(in.p, in.len, &tiny, &a), -1);
	assert_int_equal(armour_read((const uint8_t *)"text", 4, &out, &a), 0);
	assert_false(a.found);
	buf_free(&in);
	buf_free(&out);
	buf_free(&tiny);
}

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define END "-----END PGP PUBLIC KEY BLOCK-----"
#define BLOCK BEGIN "\n\nYWJj\n" END

/* A key that is published, but not as a file that holds its armour and nothing else. */
static void test_published_oddly(void **state)
{
	static const struct {
		const char *name, *text;
		bool found, secret;
		const char *bytes;
	} rows[] = {
		{"behind a greeting", "My key:\n\n" BLOCK "\n", true, false, "abc"},
		{"in a page, behind <pre>", "<!DOCTYPE html>\n<body><pre>" BLOCK "</pre></body>\n",
			true, false, "abc"},
		{"two, with text between", BLOCK "\nand the new one:\n" BLOCK, true, false,
			"abcabc"},
		{"behind a byte order mark", "\xef\xbb\xbf" BLOCK, true, false, "abc"},
		{"behind a mark and a greeting", "\xef\xbb\xbfHello\r\n" BLOCK, true, false, "abc"},
		{"behind the armour of something else",
			"-----BEGIN PGP SIGNATURE-----\n\n=\n-----END PGP SIGNATURE-----\n" BLOCK,
			true, false, "abc"},
		{"a private key behind text", "x\n-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nYWJj\n",
			true, true, ""},
		{"a private key behind a public one",
			BLOCK "\n-----BEGIN PGP PRIVATE KEY BLOCK-----\n", true, true, "abc"},
		{"base64 of a key", "mAE=\n", true, false, "\x98\x01"},
		{"base64 of armour",
			"LS0tLS1CRUdJTiBQR1AgUFVCTElDIEtFWSBCTE9DSy0tLS0tCgpZV0pqCi0t\n"
			"LS0tRU5EIFBHUCBQVUJMSUMgS0VZIEJMT0NLLS0tLS0=\n",
			true, false, "abc"},
		{"base64 of something else", "YWJj", false, false, ""},
		{"base64 that is cut", "mAE", false, false, ""},
		{"armour inside of a packet", "\x98\x60" BLOCK, false, false, ""},
		{"half a BEGIN line", "-----BEGIN PGP PUBLIC", false, false, ""},
		{"a page", "<html><title>Welcome</title></html>", false, false, ""},
		{"one byte", "x", false, false, ""},
	};
	static const uint8_t mark[2][2] = {{0xff, 0xfe}, {0xfe, 0xff}};
	struct buf out = BUF_INIT(4096), wide = BUF_INIT(4096);
	struct armour a;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  row %zu: %s\n", i + 1, rows[i].name);
		buf_reset(&out);
		assert_int_equal(
			armour_read((const uint8_t *)rows[i].text, strlen(rows[i].text), &out, &a),
			0);
		assert_int_equal(a.found, rows[i].found);
		assert_int_equal(a.secret, rows[i].secret);
		assert_string_equal(buf_str(&out), rows[i].bytes);
	}
	for (i = 0; i < 2; i++) {
		print_message("  row %zu: UTF-16\n", sizeof(rows) / sizeof(rows[0]) + 1 + i);
		buf_reset(&out);
		buf_reset(&wide);
		assert_int_equal(buf_add(&wide, mark[i], 2), 0);
		for (k = 0; BLOCK[k]; k++) {
			assert_int_equal(buf_addc(&wide, i ? '\0' : BLOCK[k]), 0);
			assert_int_equal(buf_addc(&wide, i ? BLOCK[k] : '\0'), 0);
		}
		assert_int_equal(armour_read(wide.p, wide.len, &out, &a), 0);
		assert_true(a.found && !a.damaged);
		assert_string_equal(buf_str(&out), "abc");
	}
	buf_free(&out);
	buf_free(&wide);
}

static void test_armour_text(void **state)
{
	uint8_t octets[200];
	struct buf out = BUF_INIT(65536), tiny = BUF_INIT(50);
	const char *line;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)i;
	for (n = 0; n < sizeof(octets); n++) {
		buf_reset(&out);
		assert_int_equal(cert_armour(octets, n, &out), 0);
		/* a checksum where no padding shows gpg the end */
		assert_int_equal(strstr(buf_str(&out), "\n=") != NULL, n % 3 == 0);
		for (line = buf_str(&out); *line; line = strchr(line, '\n') + 1)
			assert_true(strcspn(line, "\n") <= 64);
	}
	buf_reset(&out);
	assert_int_equal(cert_armour((const uint8_t *)"123456789", 9, &out), 0);
	assert_string_equal(buf_str(&out),
		"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nMTIzNDU2Nzg5\n=Ic8C\n"
		"-----END PGP PUBLIC KEY BLOCK-----\n");
	buf_reset(&out);
	assert_int_equal(cert_armour((const uint8_t *)"abcd", 4, &out), 0);
	assert_string_equal(buf_str(&out), "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nYWJjZA==\n"
					   "-----END PGP PUBLIC KEY BLOCK-----\n");
	assert_int_equal(cert_armour(octets, sizeof(octets), &tiny), -1);
	buf_free(&out);
	buf_free(&tiny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_armour_reading),
		cmocka_unit_test(test_published_oddly),
		cmocka_unit_test(test_armour_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
