/* SPDX-License-Identifier: ISC */
#include "packets_util.h"

/* RFC 9580 appendix A.1 (version 4) and A.3 (version 6): published keys and fingerprints. */
static void test_fingerprints(void **state)
{
	static const uint8_t a1[] = {0x98, 0x33, 0x04, 0x53, 0xf3, 0x5f, 0x0b, 0x16, 0x09, 0x2b,
		0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01, 0x01, 0x07, 0x40, 0x3f, 0x09, 0x89,
		0x94, 0xbd, 0xd9, 0x16, 0xed, 0x40, 0x53, 0x19, 0x79, 0x34, 0xe4, 0xa8, 0x7c, 0x80,
		0x73, 0x3a, 0x12, 0x80, 0xd6, 0x2f, 0x80, 0x10, 0x99, 0x2e, 0x43, 0xee, 0x3b, 0x24,
		0x06};
	static const uint8_t a3[] = {0xc6, 0x2a, 0x06, 0x63, 0x87, 0x7f, 0xe3, 0x1b, 0x00, 0x00,
		0x00, 0x20, 0xf9, 0x4d, 0xa7, 0xbb, 0x48, 0xd6, 0x0a, 0x61, 0xe5, 0x67, 0x70, 0x6a,
		0x65, 0x87, 0xd0, 0x33, 0x19, 0x99, 0xbb, 0x9d, 0x89, 0x1a, 0x08, 0x24, 0x2e, 0xad,
		0x84, 0x54, 0x3d, 0xf8, 0x95, 0xa3};
	struct buf b = BUF_INIT(4096);
	struct filter_set set;

	(void)state;
	assert_int_equal(buf_add(&b, a1, sizeof(a1)), 0);
	assert_int_equal(buf_add(&b, a3, sizeof(a3)), 0);
	assert_int_equal(run("me@example.org", &b, &set), 0);
	assert_int_equal(set.n, 2);
	assert_string_equal(set.v[0].fpr, "C959BDBAFA32A2F89A153B678CFDE12197965A9A");
	assert_true(set.v[0].keyid == 0x8CFDE12197965A9A);
	assert_non_null(set.v[0].data);
	assert_string_equal(
		set.v[1].fpr, "CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9");
	assert_true(set.v[1].keyid == 0xCB186C4F0609A697);
	assert_null(set.v[1].data);
	filter_set_free(&set);
	buf_free(&b);
	assert_true(fpr_keyid("12") == 0 && fpr_keyid("") == 0 && fpr_keyid(NULL) == 0);
}

static void test_what_is_kept(void **state)
{
	uint8_t me[20];
	const uint8_t third[20] = {3};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;

	(void)state;
	own_fpr(me);
	add(&b, PACKET_MARKER, "PGP", 3);
	add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
	add_sig(&b, 0x1f, me, false);
	add_sig(&b, 0x1f, third, false); /* dropped */
	add_sig(&b, 0x20, third, false); /* perhaps a designated revoker */
	add(&b, PACKET_TRUST, "xx", 2);
	add_uid(&b, "Somebody <else@example.org>");
	add_sig(&b, 0x13, me, false);
	add_sig(&b, 0x30, me, false);
	add_uid(&b, "Me <me@example.org>");
	add_sig(&b, 0x13, me, false);
	add_sig(&b, 0x10, me, true);
	add_sig3(&b, 0x11, me);
	add_sig(&b, 0x30, me, false);
	add_sig(&b, 0x10, third, false);          /* dropped */
	add_sig(&b, 0x10, third, true);           /* dropped */
	add_sig3(&b, 0x10, third);                /* dropped */
	add_dated(&b, 0x13, pin_fpr, 8, NOW, -1); /* the pin's word */
	add_sig(&b, 0x30, pin_fpr, false);
	add_sig(&b, 0x18, me, false); /* out of place: goes last */
	add_sig(&b, 0x00, me, false); /* of a document */
	add_sig(&b, 0x20, me, false); /* out of place, but it counts */
	add(&b, PACKET_USER_ATTRIBUTE, "\2\1x", 3);
	add_sig(&b, 0x13, me, false); /* on the attribute */
	add(&b, PACKET_PADDING, "zzzz", 4);
	add_key(&b, PACKET_PUBLIC_SUBKEY, 4, "sub");
	add_sig(&b, 0x18, me, false);
	add_sig(&b, 0x28, me, true);
	add_sig(&b, 0x18, third, false);
	add_sig(&b, 0x13, me, false); /* out of place: goes last */
	add_key(&b, PACKET_PUBLIC_SUBKEY, 6, "sub6");
	add_sig(&b, 0x18, me, false); /* on a subkey of an unknown version */
	add(&b, 60, "private", 7);
	assert_int_equal(run("me@example.org", &b, &set), 0);
	assert_int_equal(set.n, 1);
	assert_false(set.v[0].damaged || set.v[0].no_uid || set.secret || set.not_openpgp);
	assert_string_equal(shape(set.v[0].data, set.v[0].len),
		"#6 1f 20 20 #13 13 10 11 30 13 30 #14 18 28 18 13");
	assert_string_equal(shape(set.v[0].data, set.v[0].uid_at), "#6 1f 20 20");
	assert_string_equal(
		shape(set.v[0].data + set.v[0].sub_at, set.v[0].stray_at - set.v[0].sub_at),
		"#14 18 28");
	filter_set_free(&set);

	/* Nobody's User ID: the rest is there all the same. */
	assert_int_equal(run("nobody@example.org", &b, &set), 0);
	assert_true(set.v[0].no_uid);
	assert_string_equal(shape(set.v[0].data, set.v[0].len), "#6 1f 20 20 #14 18 28 18 13");
	filter_set_free(&set);
	buf_free(&b);
}

static void test_foreign_revocations_are_capped(void **state)
{
	const uint8_t third[20] = {3};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	int i;

	(void)state;
	add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
	for (i = 0; i < 10; i++)
		add_sig(&b, 0x20, third, false);
	assert_int_equal(run("me@example.org", &b, &set), 0);
	assert_string_equal(shape(set.v[0].data, set.v[0].len), "#6 20 20 20 20");
	filter_set_free(&set);
	buf_free(&b);
}

static void test_user_ids(void **state)
{
	static const struct {
		const char *uid;
		bool kept;
	} rows[] = {
		{"me@example.org", true},
		{"Me <me@example.org>", true},
		{"Me <ME@Example.ORG>", true},
		{"<me@example.org>", true},
		{"me@example.org <evil@example.net>", false},
		{"Me <me@example.org> evil", false},
		{"Me <notme@example.org>", false},
		{"Me <me@example.org.example.net>", false},
		{"*@example.org", false},
		{"Me", false},
	};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].uid);
		buf_reset(&b);
		add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		add_uid(&b, rows[i].uid);
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_int_equal(set.v[0].no_uid, !rows[i].kept);
		filter_set_free(&set);
	}
	buf_free(&b);
}

/* What the pinned key says of a User ID replaces a pin: which of it counts. */
static void test_word_of_the_pin(void **state)
{
	static const struct {
		int number;
		const char *what;
		unsigned type, hash;
		uint32_t made;
		bool kept;
	} rows[] = {
		{1, "generic, SHA-256", 0x10, 8, NOW - 1, true},
		{2, "positive, SHA-256", 0x13, 8, NOW - 1, true},
		{3, "positive, SHA-384", 0x13, 9, NOW - 1, true},
		{4, "positive, SHA-512", 0x13, 10, NOW - 1, true},
		{5, "positive, made just now", 0x13, 8, NOW, true},
		{6, "positive, dated ahead", 0x13, 8, NOW + 1, false},
		{7, "persona", 0x11, 8, NOW - 1, false},
		{8, "casual", 0x12, 8, NOW - 1, false},
		{9, "MD5", 0x13, 1, NOW - 1, false},
		{10, "SHA-1", 0x13, 2, NOW - 1, false},
		{11, "SHA-1 of long ago", 0x13, 2, 1000000000, false},
		{12, "RIPEMD-160", 0x13, 3, NOW - 1, false},
		{13, "SHA-224", 0x13, 11, NOW - 1, false},
		{14, "a hash that is not known", 0x13, 99, NOW - 1, false},
		{15, "without a time", 0x13, 8, 0, false},
		{16, "a revocation, SHA-1, dated ahead", 0x30, 2, NOW + 1, true},
	};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	uint8_t me[20];
	size_t i;

	(void)state;
	own_fpr(me);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %d %s\n", rows[i].number, rows[i].what);
		buf_reset(&b);
		add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		add_uid(&b, "me@example.org");
		add_sig(&b, 0x13, me, false);
		add_dated(&b, rows[i].type, pin_fpr, rows[i].hash, rows[i].made, -1);
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_int_equal(keys_of(&set, PACKET_SIGNATURE), rows[i].kept ? 2 : 1);
		filter_set_free(&set);
	}
	buf_free(&b);
}

/* Revocations that are not in force yet are put aside; all others are gpg's to see. */
static void test_ahead(void **state)
{
	static const struct {
		int number;
		const char *what;
		unsigned type;
		uint32_t made;
		int reason;
		const char *kept, *ahead;
	} rows[] = {
		{1, "superseded, ahead", 0x20, NOW + 1, 1, "#6 #13 13 #14 18", "#6 20"},
		{2, "retired, ahead", 0x20, NOW + 9, 3, "#6 #13 13 #14 18", "#6 20"},
		{3, "superseded, now", 0x20, NOW, 1, "#6 20 #13 13 #14 18", ""},
		{4, "retired, long ago", 0x20, 1000000000, 3, "#6 20 #13 13 #14 18", ""},
		{5, "compromised, ahead", 0x20, NOW + 1, 2, "#6 20 #13 13 #14 18", ""},
		{6, "no reason, ahead", 0x20, NOW + 1, 0, "#6 20 #13 13 #14 18", ""},
		{7, "nothing said, ahead", 0x20, NOW + 1, -1, "#6 20 #13 13 #14 18", ""},
		{8, "User ID no longer valid, ahead", 0x20, NOW + 1, 32, "#6 20 #13 13 #14 18", ""},
		{9, "a private reason, ahead", 0x20, NOW + 1, 100, "#6 20 #13 13 #14 18", ""},
		{10, "subkey superseded, ahead", 0x28, NOW + 1, 1, "#6 #13 13 #14 18", "#6 #14 28"},
		{11, "subkey compromised, ahead", 0x28, NOW + 1, 2, "#6 #13 13 #14 18 28", ""},
		{12, "subkey superseded, now", 0x28, NOW, 1, "#6 #13 13 #14 18 28", ""},
	};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	uint8_t me[20];
	size_t i;

	(void)state;
	own_fpr(me);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %d %s\n", rows[i].number, rows[i].what);
		buf_reset(&b);
		add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		add_uid(&b, "me@example.org");
		add_sig(&b, 0x13, me, false);
		add_key(&b, PACKET_PUBLIC_SUBKEY, 4, "sub");
		add_sig(&b, 0x18, me, false);
		add_dated(&b, rows[i].type, me, 8, rows[i].made, rows[i].reason);
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_string_equal(shape(set.v[0].data, set.v[0].len), rows[i].kept);
		assert_string_equal(shape(set.v[0].ahead, set.v[0].ahead_len), rows[i].ahead);
		filter_set_free(&set);
	}
	buf_free(&b);
}

/* One certificate of the test below. */
struct bulk {
	int number;
	const char *what;
	int uids, subs, sigs, revocations; /* sigs: on the first User ID */
	int foreign, misplaced;            /* on another's User ID, and behind it */
	size_t padding;                    /* of one signature more, in bytes */
	bool excess;
};

static void add_bulk(struct buf *b, const struct bulk *r, const uint8_t *me)
{
	static uint8_t large[4 + 20 + FILTER_CERT_MAX];
	int i, k;

	add_key(b, PACKET_PUBLIC_KEY, 4, "self");
	for (i = 0; i < r->revocations; i++)
		add_sig(b, 0x20, me, false);
	add_uid(b, "else@example.org");
	for (i = 0; i < r->foreign; i++)
		add_sig(b, 0x13, me, false);
	for (i = 0; i < r->misplaced; i++)
		add_misplaced(b, 0x13, me);
	for (i = 0; i < r->uids; i++) {
		add_uid(b, "me@example.org");
		for (k = 0; i == 0 && k < r->sigs; k++)
			add_sig(b, 0x13, me, false);
	}
	if (r->padding > 0) {
		memcpy(large, "\4\x13\x16\x08\0\x17\x16\x21\4", 9);
		memcpy(large + 9, me, 20);
		add(b, PACKET_SIGNATURE, large, r->padding);
	}
	for (i = 0; i < r->subs; i++)
		add_key(b, PACKET_PUBLIC_SUBKEY, 4, "sub");
}

/* What gpg would be busy with for minutes never gets to it; that the key is revoked still does. */
static void test_excess(void **state)
{
	static const struct bulk rows[] = {
		{1, "64 User IDs", 64, 1, 1, 0, 0, 0, 0, false},
		{2, "65 User IDs", 65, 1, 1, 0, 0, 0, 0, true},
		{3, "64 subkeys", 1, 64, 1, 0, 0, 0, 0, false},
		{4, "65 subkeys", 1, 65, 1, 0, 0, 0, 0, true},
		{5, "128 own signatures", 1, 1, 128, 0, 0, 0, 0, false},
		{6, "129 own signatures", 1, 1, 129, 0, 0, 0, 0, true},
		{7, "129 own signatures, revocations among them", 1, 1, 127, 2, 0, 0, 0, true},
		{8, "250 kB", 1, 1, 1, 0, 0, 0, 250u << 10, false},
		{9, "256 kB and more", 1, 1, 1, 0, 0, 0, 256u << 10, true},
		{10, "200 revocations", 1, 1, 1, 200, 0, 0, 0, true},
		{11, "200 on another's User ID", 1, 1, 1, 0, 200, 0, 0, false},
		{12, "127 misplaced there", 1, 1, 1, 0, 200, 127, 0, false},
		{13, "128 misplaced there", 1, 1, 1, 0, 200, 128, 0, true},
	};
	struct buf b = BUF_INIT(FILTER_OCTETS_MAX);
	struct filter_set set;
	uint8_t me[20];
	size_t i, n;

	(void)state;
	own_fpr(me);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %d %s\n", rows[i].number, rows[i].what);
		buf_reset(&b);
		add_bulk(&b, &rows[i], me);
		add_key(&b, PACKET_PUBLIC_KEY, 4, "beside");
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_int_equal(set.n, 2);
		assert_null(set.v[1].excess);
		if (!rows[i].excess) {
			assert_null(set.v[0].excess);
		} else {
			assert_non_null(set.v[0].excess);
			assert_true(set.v[0].no_uid);
			n = keys_of(&set, PACKET_SIGNATURE);
			assert_int_equal(keys_of(&set, PACKET_PUBLIC_KEY), 1);
			assert_int_equal(keys_of(&set, PACKET_PUBLIC_SUBKEY), 0);
			assert_true(rows[i].revocations ? n > 0 && n <= FILTER_REVOCATIONS_MAX
							: n == 0);
		}
		filter_set_free(&set);
	}
	buf_free(&b);
}

/* An RSA key of so many bits, and its exponent. */
static void add_rsa(struct buf *b, unsigned tag, unsigned bits, unsigned exponent_bits)
{
	uint8_t body[4096] = {4, 0x5f, 0, 0, 0, 1};
	unsigned of[2] = {bits, exponent_bits}, i;
	size_t n = 6;

	for (i = 0; i < 2; i++) {
		body[n++] = (uint8_t)(of[i] >> 8);
		body[n++] = (uint8_t)of[i];
		body[n] = (uint8_t)(1u << (of[i] + 7) % 8);
		n += (of[i] + 7) / 8;
	}
	add(b, tag, body, n);
}

static void test_excess_of_rsa(void **state)
{
	static const struct {
		int number;
		const char *what;
		unsigned bits, exponent_bits;
		bool excess;
	} rows[] = {
		{1, "8192 bits", 8192, 17, false},
		{2, "8193 bits", 8193, 17, true},
		{3, "16384 bits", 16384, 17, true},
		{4, "exponent of 32 bits", 4096, 32, false},
		{5, "exponent of 33 bits", 4096, 33, true},
		{6, "exponent as large as the modulus", 4096, 4096, true},
	};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		bool sub = i & 1;

		print_message("  %d %s%s\n", rows[i / 2].number, rows[i / 2].what,
			sub ? ", of a subkey" : "");
		buf_reset(&b);
		if (sub)
			add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		add_rsa(&b, sub ? PACKET_PUBLIC_SUBKEY : PACKET_PUBLIC_KEY, rows[i / 2].bits,
			rows[i / 2].exponent_bits);
		add_uid(&b, "me@example.org");
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_int_equal(set.n, 1);
		assert_int_equal(set.v[0].excess != NULL, rows[i / 2].excess);
		/* The key itself is nothing for gpg, with or without anything else. */
		assert_int_equal(set.v[0].data != NULL, sub || !rows[i / 2].excess);
		filter_set_free(&set);
	}
	buf_free(&b);
}

static void test_secret(void **state)
{
	const unsigned tags[] = {PACKET_SECRET_KEY, PACKET_SECRET_SUBKEY};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		buf_reset(&b);
		add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		add_uid(&b, "me@example.org");
		add_key(&b, tags[i], 4, "secret");
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_true(set.secret && set.n == 0 && !set.not_openpgp);
	}
	buf_reset(&b);
	assert_int_equal(buf_adds(&b, "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n"), 0);
	assert_int_equal(run("me@example.org", &b, &set), 0);
	assert_true(set.secret && set.armoured);
	buf_free(&b);
}

static void test_caps(void **state)
{
	struct buf b = BUF_INIT(4u << 20);
	struct filter_set set;
	char name[8];
	int i;

	(void)state;
	for (i = 0; i < FILTER_CERTS_MAX; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		add_key(&b, PACKET_PUBLIC_KEY, 4, name);
	}
	assert_int_equal(run("me@example.org", &b, &set), 0);
	assert_int_equal(set.n, FILTER_CERTS_MAX);
	filter_set_free(&set);
	add_key(&b, PACKET_PUBLIC_KEY, 4, "more");
	assert_int_equal(run("me@example.org", &b, &set), ERR_DATA);
	assert_int_equal(set.n, 0);
	buf_reset(&b);
	add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
	for (i = 1; i < FILTER_PACKETS_MAX; i++)
		add(&b, PACKET_TRUST, "x", 1);
	assert_int_equal(run("me@example.org", &b, &set), 0);
	filter_set_free(&set);
	add(&b, PACKET_TRUST, "x", 1);
	assert_int_equal(run("me@example.org", &b, &set), ERR_DATA);
	buf_reset(&b);
	assert_int_equal(buf_reserve(&b, FILTER_OCTETS_MAX + 1), 0);
	memset(b.p, ' ', FILTER_OCTETS_MAX + 1);
	b.len = FILTER_OCTETS_MAX + 1;
	assert_int_equal(run("me@example.org", &b, &set), ERR_DATA);
	buf_free(&b);
}

/* What comes behind tells whether the certificate can be believed to be whole. */
static void test_damage(void **state)
{
	static const struct {
		const char *name, *behind;
		size_t len;
		bool damaged;
	} rows[] = {
		{"nothing", "", 0, false},
		{"a line end", "\r\n", 2, false},
		{"text", "bye\n", 4, true},
		{"nul", "\0", 1, true},
		{"half a header", "\xc2", 1, true},
		{"half a signature", "\xc2\x0a\x04", 3, true},
		{"data of unknown length", "\xd2\xe1xyz", 5, true},
		{"a packet of another kind", "\xcb\x02xy", 4, false},
	};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		buf_reset(&b);
		add_key(&b, PACKET_PUBLIC_KEY, 4, "first");
		add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		add_uid(&b, "me@example.org");
		assert_int_equal(buf_add(&b, rows[i].behind, rows[i].len), 0);
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_int_equal(set.n, 2);
		assert_false(set.v[0].damaged);
		assert_int_equal(set.v[1].damaged, rows[i].damaged);
		filter_set_free(&set);
	}
	buf_free(&b);
}

/* What is not signed hides no signature from gpg: the issuer is there, as it must be, and embedded
 * signatures are kept. */
static void test_what_is_not_signed(void **state)
{
	static const struct {
		const char *name, *subpackets, *kept;
		size_t len, kept_len;
	} rows[] = {
		{"nothing", "", "", 0, 0},
		{"another key ID",
			"\x09\x10"
			"ABCDEFGH",
			"", 10, 0},
		{"its own key ID",
			"\x09\x10"
			"IIIIIIII",
			"", 10, 0},
		{"a critical one that is unknown", "\x02\xe9x", "", 3, 0},
		{"and an embedded signature", "\x02\xe9x\x03\x20yz", "\x03\x20yz", 7, 4},
		{"an expiry", "\x05\x03\0\0\0\1", "", 6, 0},
		{"one that is longer than all", "\x03\x20yz\x7f\x10", "\x03\x20yz", 6, 4},
	};
	static const uint8_t types[] = {0x13, 0x30, 0x18, 0x28, 0x20, 0x1f};
	struct buf b = BUF_INIT(65536), want = BUF_INIT(256);
	uint8_t me[20], body[128] = {4, 0, 22, 8, 0, 23, 22, 33, 4};
	struct filter_set set;
	size_t i, k, n;

	(void)state;
	own_fpr(me);
	memcpy(body + 9, me, 20);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) * sizeof(types); i++) {
		k = i / sizeof(types);
		print_message("  %s\n", rows[k].name);
		body[1] = types[i % sizeof(types)];
		buf_reset(&want);
		assert_int_equal(buf_add(&want, body, 30), 0);
		assert_int_equal(buf_addc(&want, (char)(10 + rows[k].kept_len)), 0);
		assert_int_equal(buf_add(&want, "\x09\x10", 2), 0);
		assert_int_equal(buf_add(&want, me + 12, 8), 0);
		assert_int_equal(buf_add(&want, rows[k].kept, rows[k].kept_len), 0);
		assert_int_equal(buf_add(&want, "\xab\xcd\0\x09\1", 5), 0);
		body[30] = (uint8_t)rows[k].len;
		memcpy(body + 31, rows[k].subpackets, rows[k].len);
		if (rows[k].len == 10 && rows[k].subpackets[2] == 'I')
			memcpy(body + 33, me + 12, 8);
		n = 31 + rows[k].len;
		memcpy(body + n, "\xab\xcd\0\x09\1", 5);
		buf_reset(&b);
		add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		add_uid(&b, "me@example.org");
		if (body[1] == 0x18 || body[1] == 0x28)
			add_key(&b, PACKET_PUBLIC_SUBKEY, 4, "sub");
		add(&b, PACKET_SIGNATURE, body, n + 5);
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_non_null(memmem(set.v[0].data, set.v[0].len, want.p, want.len));
		assert_true(keys_of(&set, PACKET_SIGNATURE) == 1);
		filter_set_free(&set);
	}
	buf_free(&b);
	buf_free(&want);
}

/* Lengths inside a signature that lie. */
static void test_bad_signatures(void **state)
{
	static const struct {
		const char *name, *body;
		size_t len;
	} rows[] = {
		{"empty", "", 0},
		{"version only", "\x04", 1},
		{"hashed area too long", "\x04\x13\x16\x08\xff\xff\0\0\xab\xcd", 10},
		{"unhashed area too long", "\x04\x13\x16\x08\0\0\xff\xff\xab\xcd", 10},
		{"subpacket too long", "\x04\x13\x16\x08\0\x03\x20\x21\x04\0\0\xab\xcd", 13},
		{"subpacket of length 0", "\x04\x13\x16\x08\0\x01\0\0\0\xab\xcd", 11},
		{"five-byte length cut", "\x04\x13\x16\x08\0\x02\xff\0\0\0\xab\xcd", 12},
		{"version 6", "\x06\x13\x16\x08\0\0\0\0\0\0\0\0\xab\xcd", 14},
		{"version 3 cut", "\x03\x05\x13\0\0\0\0", 7},
	};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		buf_reset(&b);
		add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		add_uid(&b, "me@example.org");
		add(&b, PACKET_SIGNATURE, rows[i].body, rows[i].len);
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_string_equal(shape(set.v[0].data, set.v[0].len), "#6 #13");
		filter_set_free(&set);
	}
	buf_free(&b);
}

static void test_versions(void **state)
{
	const unsigned versions[] = {0, 2, 3, 5, 7, 255};
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		buf_reset(&b);
		add_key(&b, PACKET_PUBLIC_KEY, versions[i], "odd");
		add_uid(&b, "me@example.org");
		add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
		add_uid(&b, "me@example.org");
		assert_int_equal(run("me@example.org", &b, &set), 0);
		assert_int_equal(set.n, 2);
		assert_string_equal(set.v[0].fpr, "");
		assert_null(set.v[0].data);
		assert_string_equal(shape(set.v[1].data, set.v[1].len), "#6 #13");
		filter_set_free(&set);
	}
	buf_free(&b);
}

/* Every cut and a flip of each bit of a certificate: no crash, and never more than was there, but
 * for the key IDs of two signatures. */
static void test_mutations(void **state)
{
	uint8_t me[20];
	struct buf b = BUF_INIT(65536);
	struct filter_set set;
	size_t i, len;
	int bit;

	(void)state;
	own_fpr(me);
	add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
	add_uid(&b, "me@example.org");
	add_sig(&b, 0x13, me, false);
	add_key(&b, PACKET_PUBLIC_SUBKEY, 4, "sub");
	add_sig(&b, 0x18, me, true);
	for (i = 0; i < b.len; i++) {
		for (bit = 0; bit < 8; bit++) {
			b.p[i] ^= (uint8_t)(1 << bit);
			if (run("me@example.org", &b, &set) == 0) {
				assert_true(set.n <= 2);
				assert_true(set.n == 0 || set.v[0].len <= b.len + 2 * 14);
				filter_set_free(&set);
			}
			b.p[i] ^= (uint8_t)(1 << bit);
		}
	}
	for (len = b.len - 1; len > 0; len--) {
		b.len = len;
		assert_int_equal(run("me@example.org", &b, &set), 0);
		filter_set_free(&set);
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fingerprints),
		cmocka_unit_test(test_what_is_kept),
		cmocka_unit_test(test_foreign_revocations_are_capped),
		cmocka_unit_test(test_user_ids),
		cmocka_unit_test(test_word_of_the_pin),
		cmocka_unit_test(test_ahead),
		cmocka_unit_test(test_excess),
		cmocka_unit_test(test_excess_of_rsa),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_what_is_not_signed),
		cmocka_unit_test(test_bad_signatures),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
