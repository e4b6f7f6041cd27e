/* SPDX-License-Identifier: ISC */
/* Certificates taken apart and put together. The packets are written by hand: nothing is signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "pgp/cert/packet.h"
#include "pgp/cert/split.h"

#define OUT_MAX (1u << 20)

static struct err err;

/*
 * Octets of a certificate as a word for each packet: K key, U User ID, A attribute, S subkey, s
 * signature, t trust, X secret key; the digit behind it is its content.
 */
static struct buf make(const char *words)
{
	struct buf b = BUF_INIT(OUT_MAX);
	uint8_t body[8] = {4, 0x5f, 0, 0, 0, 22, 0, 0}, head[2];
	unsigned tag;

	for (; *words; words += 2 + (words[2] == ' ')) {
		switch (words[0]) {
		case 'K':
			tag = PACKET_PUBLIC_KEY;
			break;
		case 'U':
			tag = PACKET_USER_ID;
			break;
		case 'A':
			tag = PACKET_USER_ATTRIBUTE;
			break;
		case 'S':
			tag = PACKET_PUBLIC_SUBKEY;
			break;
		case 't':
			tag = PACKET_TRUST;
			break;
		case 'X':
			tag = PACKET_SECRET_KEY;
			break;
		default:
			tag = PACKET_SIGNATURE;
			break;
		}
		body[7] = (uint8_t)words[1];
		head[0] = (uint8_t)(0xc0 | tag);
		head[1] = sizeof(body);
		assert_int_equal(buf_add(&b, head, 2), 0);
		assert_int_equal(buf_add(&b, body, sizeof(body)), 0);
		if (words[2] == '\0')
			break;
	}
	return b;
}

static char *words_of(const uint8_t *p, size_t len)
{
	static char out[4096];
	struct packet k;
	size_t n = 0;

	while (packet_next(&p, &len, &k) == 1) {
		char c = k.tag == PACKET_PUBLIC_KEY       ? 'K'
			 : k.tag == PACKET_USER_ID        ? 'U'
			 : k.tag == PACKET_USER_ATTRIBUTE ? 'A'
			 : k.tag == PACKET_PUBLIC_SUBKEY  ? 'S'
			 : k.tag == PACKET_TRUST          ? 't'
							  : 's';

		n += (size_t)snprintf(
			out + n, sizeof(out) - n, "%s%c%c", n ? " " : "", c, k.body[7]);
	}
	assert_int_equal(len, 0);
	return out;
}

static void test_merge(void **state)
{
	static const struct {
		const char *name, *a, *b, *want;
	} row[] = {
		{"the same", "K1 U1 s1 S1 s2", "K1 U1 s1 S1 s2", "K1 U1 s1 S1 s2"},
		{"a new subkey comes last", "K1 U1 s1 S1 s2", "K1 U1 s1 S2 s3",
			"K1 U1 s1 S1 s2 S2 s3"},
		{"a new User ID comes before subkeys", "K1 U1 s1 S1 s2", "K1 U2 s3",
			"K1 U1 s1 U2 s3 S1 s2"},
		{"a revocation of the key", "K1 U1 s1", "K1 s9 U1 s1", "K1 s9 U1 s1"},
		{"a signature more", "K1 U1 s1 S1 s2", "K1 U1 s1 s4 S1 s2 s5",
			"K1 U1 s1 s4 S1 s2 s5"},
		{"what is there stays", "K1 s7 U1 s1 s8 A1 s6 S1 s2", "K1 U1 s1 S1 s2",
			"K1 s7 U1 s1 s8 A1 s6 S1 s2"},
		{"a signature counts where it stands", "K1 U1 s1 U2 s2", "K1 U1 s2 U2 s1",
			"K1 U1 s1 s2 U2 s2 s1"},
		{"a User ID twice", "K1 U1 s1 U1 s2", "K1 U1 s3", "K1 U1 s1 s3 U1 s2"},
		{"twice in the other", "K1 U1 s1", "K1 U1 s2 U1 s3", "K1 U1 s1 s2 s3"},
		{"gpg's notes go", "K1 t1 U1 s1 t2", "K1 U1 s1", "K1 U1 s1"},
		{"no User ID", "K1 U1 s1", "K1 s9", "K1 s9 U1 s1"},
		{"only the key", "K1", "K1", "K1"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf a = make(row[i].a), b = make(row[i].b), out = BUF_INIT(OUT_MAX);
		struct buf again = BUF_INIT(OUT_MAX);

		assert_int_equal(split_merge(a.p, a.len, b.p, b.len, &out, &err), 0);
		if (strcmp(words_of(out.p, out.len), row[i].want) != 0)
			fail_msg("%s: got %s, want %s", row[i].name, words_of(out.p, out.len),
				row[i].want);
		/* Merged once more nothing changes. */
		assert_int_equal(split_merge(out.p, out.len, b.p, b.len, &again, &err), 0);
		if (again.len != out.len || memcmp(again.p, out.p, out.len) != 0)
			fail_msg("%s: not stable", row[i].name);
		buf_free(&a);
		buf_free(&b);
		buf_free(&out);
		buf_free(&again);
	}
}

static void test_merge_refuses(void **state)
{
	static const struct {
		const char *name, *a, *b;
	} row[] = {
		{"another key", "K1 U1", "K2 U1"},
		{"two certificates", "K1 U1 K1 U1", "K1 U1"},
		{"no key", "U1 s1", "K1 U1"},
		{"nothing", "K1 U1", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf a = make(row[i].a), b = make(row[i].b), out = BUF_INIT(OUT_MAX);

		if (split_merge(a.p, a.len, b.p, b.len, &out, &err) != ERR_DATA || out.len != 0)
			fail_msg("%s: taken", row[i].name);
		buf_free(&a);
		buf_free(&b);
		buf_free(&out);
	}
}

/* Every packet of both is in what comes out, whatever they are. */
static void test_merge_loses_nothing(void **state)
{
	static const char kind[] = "UASs";
	uint32_t seed = 1;
	int round;

	(void)state;
	for (round = 0; round < 300; round++) {
		char text[2][256];
		struct buf b[2], out = BUF_INIT(OUT_MAX);
		int i, k;

		for (i = 0; i < 2; i++) {
			char *p = text[i];

			p += snprintf(p, 3, "K1");
			for (k = 0; k < 20; k++) {
				seed = seed * 1664525 + 1013904223;
				p += snprintf(p, 4, " %c%c", kind[seed >> 20 & 3],
					'0' + (int)(seed >> 24 & 3));
			}
			b[i] = make(text[i]);
		}
		assert_int_equal(split_merge(b[0].p, b[0].len, b[1].p, b[1].len, &out, &err), 0);
		for (i = 0; i < 2; i++) {
			const uint8_t *p = b[i].p;
			size_t len = b[i].len;
			struct packet k1;

			while (packet_next(&p, &len, &k1) == 1)
				assert_non_null(memmem(out.p, out.len, k1.raw, k1.raw_len));
		}
		assert_true(out.len >= b[0].len);
		buf_free(&b[0]);
		buf_free(&b[1]);
		buf_free(&out);
	}
}

static void test_next(void **state)
{
	struct buf b = make("K1 U1 s1 K2 U2 S1 K3");
	const uint8_t *p = b.p, *cert;
	size_t len = b.len, n;

	(void)state;
	assert_int_equal(split_next(&p, &len, &cert, &n), 1);
	assert_string_equal(words_of(cert, n), "K1 U1 s1");
	assert_int_equal(split_next(&p, &len, &cert, &n), 1);
	assert_string_equal(words_of(cert, n), "K2 U2 S1");
	assert_int_equal(split_next(&p, &len, &cert, &n), 1);
	assert_string_equal(words_of(cert, n), "K3");
	assert_int_equal(split_next(&p, &len, &cert, &n), 0);
	buf_free(&b);
}

static void test_next_refuses(void **state)
{
	static const char *const row[] = {"U1 K1", "s1", "X1 U1", "K1 X2"};
	static const uint8_t junk[] = "<html>";
	const uint8_t *p = junk, *cert;
	size_t i, len = sizeof(junk), n;

	(void)state;
	assert_int_equal(split_next(&p, &len, &cert, &n), -1);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf b = make(row[i]);

		p = b.p;
		len = b.len;
		if (split_next(&p, &len, &cert, &n) != -1)
			fail_msg("%s: taken", row[i]);
		buf_free(&b);
	}
	/* Cut anywhere but between packets. */
	for (i = 1; i < 20; i++) {
		struct buf b = make("K1 U1");

		p = b.p;
		len = i;
		assert_int_equal(split_next(&p, &len, &cert, &n), i == 10 ? 1 : -1);
		buf_free(&b);
	}
}

static void add_uid(struct buf *b, const char *uid)
{
	uint8_t head[2] = {0xc0 | PACKET_USER_ID, (uint8_t)strlen(uid)};

	assert_int_equal(buf_add(b, head, 2), 0);
	assert_int_equal(buf_adds(b, uid), 0);
}

static void test_addresses(void **state)
{
	struct addr a[SPLIT_ADDRESSES_MAX];
	struct buf b = make("K1");
	char uid[64];
	size_t i;

	(void)state;
	add_uid(&b, "Alice <Alice@Example.ORG>");
	add_uid(&b, "alice@example.org");
	add_uid(&b, "No address");
	add_uid(&b, "two@example.org <three@example.org>");
	add_uid(&b, "<broken@@example.org>");
	add_uid(&b, "<local>");
	add_uid(&b, "behind <x@example.org> it");
	assert_int_equal(split_addresses(b.p, b.len, a), 2);
	assert_string_equal(a[0].name, "alice@example.org");
	assert_string_equal(a[1].name, "three@example.org");
	for (i = 0; i < 2 * SPLIT_ADDRESSES_MAX; i++) {
		snprintf(uid, sizeof(uid), "u%zu@example.org", i);
		add_uid(&b, uid);
	}
	assert_int_equal(split_addresses(b.p, b.len, a), SPLIT_ADDRESSES_MAX);
	buf_free(&b);
}

static void test_fpr(void **state)
{
	struct buf a = make("K1 U1"), b = make("K2 U1"), none = make("U1");
	char one[CERT_FPR_MAX], same[CERT_FPR_MAX], two[CERT_FPR_MAX];

	(void)state;
	assert_int_equal(split_fpr(a.p, a.len, one), 0);
	assert_int_equal(split_fpr(a.p, 10, same), 0);
	assert_int_equal(split_fpr(b.p, b.len, two), 0);
	assert_int_equal(strlen(one), 40);
	assert_string_equal(one, same);
	assert_string_not_equal(one, two);
	assert_int_equal(split_fpr(none.p, none.len, two), -1);
	b.p[2] = 3; /* a version 3 key */
	assert_int_equal(split_fpr(b.p, b.len, two), -1);
	buf_free(&a);
	buf_free(&b);
	buf_free(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_merge_refuses),
		cmocka_unit_test(test_merge_loses_nothing),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_next_refuses),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_fpr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
