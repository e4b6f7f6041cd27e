/* SPDX-License-Identifier: ISC */
/* net/coding: what comes coded, though it was asked for as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "net/coding.h"

enum { PLAIN = 0, GZIP = 15 + 16, ZLIB = 15, RAW = -15 };

/* n times the text, coded. */
static void encode(int bits, const char *text, size_t n, struct buf *out)
{
	struct buf in = BUF_INIT(1u << 22);
	z_stream z = {0};

	while (n-- > 0)
		assert_int_equal(buf_adds(&in, text), 0);
	if (bits == PLAIN) {
		assert_int_equal(buf_add(out, buf_str(&in), in.len), 0);
	} else {
		assert_int_equal(
			deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
		assert_int_equal(buf_reserve(out, in.len + 100), 0);
		z.next_in = (uint8_t *)(uintptr_t)buf_str(&in);
		z.avail_in = (unsigned)in.len;
		z.next_out = out->p;
		z.avail_out = (unsigned)in.len + 100;
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		out->len = in.len + 100 - z.avail_out;
		deflateEnd(&z);
	}
	buf_free(&in);
}

static void codings(void **state)
{
	static const struct {
		const char *name, *field;
		int bits;
		size_t times;
		int cut, more; /* bytes taken from its end, or added */
		int rc;
		bool decoded;
	} row[] = {
		{"gzip", "gzip", GZIP, 1, 0, 0, 0, true},
		{"gzip that nothing speaks of", "", GZIP, 1, 0, 0, 0, true},
		{"x-gzip", "x-gzip", GZIP, 1, 0, 0, 0, true},
		{"deflate with zlib's header", "deflate", ZLIB, 1, 0, 0, 0, true},
		{"deflate without", "Deflate", RAW, 1, 0, 0, 0, true},
		{"as it is", "", PLAIN, 1, 0, 0, 0, false},
		{"identity", "identity", PLAIN, 1, 0, 0, 0, false},
		{"called gzip, but as it is", "gzip", PLAIN, 1, 0, 0, 0, false},
		{"called deflate, but as it is", "deflate", PLAIN, 1, 0, 0, 0, false},
		{"zlib that nothing speaks of", "", ZLIB, 1, 0, 0, 0, false},
		{"unknown coding", "br", PLAIN, 1, 0, 0, 0, false},
		{"cut", "gzip", GZIP, 1, 1, 0, 0, false},
		{"something behind it", "gzip", GZIP, 1, 0, 1, 0, false},
		{"empty", "gzip", PLAIN, 0, 0, 0, 0, false},
		{"empty, coded", "gzip", GZIP, 0, 0, 0, 0, true},
		{"as large as may be", "gzip", GZIP, 65536 / 4, 0, 0, 0, true},
		{"one too large", "gzip", GZIP, 65536 / 4 + 1, 0, 0, -1, false},
		{"far too large", "gzip", GZIP, 1u << 19, 0, 0, -1, false},
	};
	struct buf body = BUF_INIT(65536), sent = BUF_INIT(1u << 22), plain = BUF_INIT(1u << 22);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("  row %zu: %s\n", i + 1, row[i].name);
		buf_reset(&sent);
		buf_reset(&plain);
		encode(row[i].bits, "text", row[i].times, &sent);
		encode(PLAIN, "text", row[i].times, &plain);
		if (row[i].more)
			assert_int_equal(buf_addc(&sent, 'x'), 0);
		sent.len -= (size_t)row[i].cut;
		buf_reset(&body);
		assert_int_equal(buf_add(&body, buf_str(&sent), sent.len), 0);
		assert_int_equal(coding_undo(row[i].field, &body), row[i].rc);
		assert_int_equal(body.len, row[i].decoded ? plain.len : sent.len);
		assert_memory_equal(buf_str(&body),
			row[i].decoded ? buf_str(&plain) : buf_str(&sent), body.len);
		assert_int_equal(body.max, 65536);
	}
	buf_free(&body);
	buf_free(&sent);
	buf_free(&plain);
}

/* Members, one behind the other, are one text (RFC 1952 section 2.2); more than one may be is still
 * too much. */
static void members(void **state)
{
	static const struct {
		size_t times;
		int rc, plain;
	} row[] = {{1, 0, 1}, {32768 / 4, 0, 1}, {32768 / 4 + 1, -1, 0}};
	struct buf body = BUF_INIT(65536), one = BUF_INIT(65536);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&one);
		buf_reset(&body);
		encode(GZIP, "text", row[i].times, &one);
		assert_int_equal(buf_add(&body, buf_str(&one), one.len), 0);
		assert_int_equal(buf_add(&body, buf_str(&one), one.len), 0);
		assert_int_equal(coding_undo("gzip", &body), row[i].rc);
		assert_int_equal(body.len, row[i].plain ? 8 * row[i].times : 2 * one.len);
	}
	buf_free(&body);
	buf_free(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(codings), cmocka_unit_test(members)};

	return cmocka_run_group_tests_name("coding", tests, NULL, NULL);
}
