/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "pgp/cert/packet.h"

#define IN(s) (const uint8_t *)(s), sizeof(s) - 1

static const struct {
	const char *name;
	const uint8_t *p;
	size_t len;
	int rc;
	unsigned tag;
	size_t header, body;
	bool partial;
} framing[] = {
	{"nothing", IN(""), 0, 0, 0, 0, false},
	{"old, one byte", IN("\x88\x02xy"), 1, 2, 2, 2, false},
	{"old, two bytes", IN("\x89\x00\x02xy"), 1, 2, 3, 2, false},
	{"old, four bytes", IN("\x8a\x00\x00\x00\x02xy"), 1, 2, 5, 2, false},
	{"old, empty body", IN("\x98\x00"), 1, 6, 2, 0, false},
	{"old, indeterminate data", IN("\xa3xyz"), 1, 8, 1, 3, true},
	{"old, indeterminate data, empty", IN("\xaf"), 1, 11, 1, 0, true},
	{"old, indeterminate key", IN("\x9bxyz"), -1, 0, 0, 0, false},
	{"old, header cut", IN("\x89\x00"), -1, 0, 0, 0, false},
	{"old, four bytes cut", IN("\x8a\x00\x00\x00"), -1, 0, 0, 0, false},
	{"old, body cut", IN("\x88\x03xy"), -1, 0, 0, 0, false},
	{"old, huge", IN("\x8a\xff\xff\xff\xffxy"), -1, 0, 0, 0, false},
	{"new, one byte", IN("\xc2\x02xy"), 1, 2, 2, 2, false},
	{"new, five bytes", IN("\xc2\xff\x00\x00\x00\x02xy"), 1, 2, 6, 2, false},
	{"new, five bytes cut", IN("\xc2\xff\x00\x00\x00"), -1, 0, 0, 0, false},
	{"new, header cut", IN("\xc2"), -1, 0, 0, 0, false},
	{"new, two bytes cut", IN("\xc2\xc0"), -1, 0, 0, 0, false},
	{"new, body cut", IN("\xc2\x03xy"), -1, 0, 0, 0, false},
	{"new, huge", IN("\xc2\xff\xff\xff\xff\xffxy"), -1, 0, 0, 0, false},
	{"new, partial data", IN("\xd2\xe1xyz"), 1, 18, 2, 2, true},
	{"new, partial data, chunk cut", IN("\xd2\xf0xyz"), 1, 18, 2, 3, true},
	{"new, partial user id", IN("\xcd\xe1xyz"), -1, 0, 0, 0, false},
	{"new, tag 0", IN("\xc0\x01x"), -1, 0, 0, 0, false},
	{"old, tag 0", IN("\x80\x01x"), -1, 0, 0, 0, false},
	{"text", IN("hello"), -1, 0, 0, 0, false},
	{"zero", IN("\x00\x00"), -1, 0, 0, 0, false},
};

static void test_framing(void **state)
{
	const uint8_t *p;
	struct packet k;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(framing) / sizeof(framing[0]); i++) {
		print_message("  %s\n", framing[i].name);
		p = framing[i].p;
		len = framing[i].len;
		assert_int_equal(packet_next(&p, &len, &k), framing[i].rc);
		if (framing[i].rc != 1) {
			assert_ptr_equal(p, framing[i].p);
			assert_int_equal(len, framing[i].len);
			continue;
		}
		assert_int_equal(k.tag, framing[i].tag);
		assert_ptr_equal(k.raw, framing[i].p);
		assert_ptr_equal(k.body, framing[i].p + framing[i].header);
		assert_int_equal(k.body_len, framing[i].body);
		assert_int_equal(k.partial, framing[i].partial);
		assert_int_equal(k.raw_len,
			k.partial ? framing[i].len : framing[i].header + framing[i].body);
		assert_int_equal(len, framing[i].len - k.raw_len);
		assert_ptr_equal(p, framing[i].p + k.raw_len);
	}
}

/* Two-octet lengths, 192 to 8383, one past each end. */
static void test_two_octet_lengths(void **state)
{
	static uint8_t in[3 + 8383];
	const size_t lengths[] = {192, 193, 255, 256, 447, 448, 8382, 8383};
	const uint8_t *p;
	struct packet k;
	size_t i, n, len;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		n = lengths[i];
		in[0] = 0xc0 | PACKET_SIGNATURE;
		in[1] = (uint8_t)(((n - 192) >> 8) + 192);
		in[2] = (uint8_t)(n - 192);
		p = in;
		len = 3 + n;
		assert_int_equal(packet_next(&p, &len, &k), 1);
		assert_int_equal(k.body_len, n);
		assert_int_equal(len, 0);
		p = in;
		len = 2 + n;
		assert_int_equal(packet_next(&p, &len, &k), -1);
	}
}

static void test_sequence(void **state)
{
	static const char in[] = "\xc6\x01k\x88\x01s\xcd\x02id\xd2\xe1xyz";
	const unsigned tags[] = {PACKET_PUBLIC_KEY, PACKET_SIGNATURE, PACKET_USER_ID, PACKET_SEIPD};
	const uint8_t *p = (const uint8_t *)in;
	size_t len = sizeof(in) - 1, i;
	struct packet k;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(packet_next(&p, &len, &k), 1);
		assert_int_equal(k.tag, tags[i]);
	}
	assert_int_equal(packet_next(&p, &len, &k), 0);
}

#define FPR20 "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"
#define FPR32 FPR20 "\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20"

static void test_pkesk(void **state)
{
	static const struct {
		const char *name;
		unsigned tag;
		const uint8_t *p;
		size_t len;
		int rc;
		uint64_t keyid;
	} rows[] = {
		{"version 3", 1, IN("\x03\x11\x22\x33\x44\x55\x66\x77\x88\x12x"), 0,
			0x1122334455667788},
		{"version 3, hidden", 1, IN("\x03\0\0\0\0\0\0\0\0\x12x"), 0, 0},
		{"version 3, cut", 1, IN("\x03\x11\x22\x33\x44\x55\x66\x77\x88\x12"), -1, 0},
		{"version 6, of a version 4 key", 1, IN("\x06\x15\x04" FPR20 "\x19x"), 0,
			0x0d0e0f1011121314},
		{"version 6, of a version 6 key", 1, IN("\x06\x21\x06" FPR32 "\x19x"), 0,
			0x0102030405060708},
		{"version 6, hidden", 1, IN("\x06\x00\x19x"), 0, 0},
		{"version 6, wrong length", 1, IN("\x06\x15\x06" FPR20 "\x19x"), -1, 0},
		{"version 6, cut", 1, IN("\x06\x15\x04" FPR20), -1, 0},
		{"version 6, nothing else", 1, IN("\x06\x00"), -1, 0},
		{"version 6, no length", 1, IN("\x06"), -1, 0},
		{"version 2", 1, IN("\x02\x11\x22\x33\x44\x55\x66\x77\x88\x12x"), -1, 0},
		{"version 7", 1, IN("\x07\x11\x22\x33\x44\x55\x66\x77\x88\x12x"), -1, 0},
		{"empty", 1, IN(""), -1, 0},
		{"another packet", 3, IN("\x03\x11\x22\x33\x44\x55\x66\x77\x88\x12x"), -1, 0},
	};
	struct packet k;
	uint64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		memset(&k, 0, sizeof(k));
		k.tag = rows[i].tag;
		k.body = rows[i].p;
		k.body_len = rows[i].len;
		id = 0xdeadbeef;
		assert_int_equal(packet_pkesk_keyid(&k, &id), rows[i].rc);
		assert_true(id == (rows[i].rc ? 0xdeadbeef : rows[i].keyid));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_framing),
		cmocka_unit_test(test_two_octet_lengths),
		cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_pkesk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
