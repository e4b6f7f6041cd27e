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
		cmocka_unit_test(test_armour_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
