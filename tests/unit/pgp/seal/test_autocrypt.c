/* SPDX-License-Identifier: ISC */
/* minimal.c and autocrypt.c: five packets of a certificate, as Autocrypt's own example has them. */
#include "mime_util.h"

#include "pgp/cert/minimal.h"
#include "base/base64.h"
#include "pgp/seal/autocrypt.h"

/* Autocrypt Level 1.1, "Example Autocrypt headers". */
static const char keydata[] =
	"mDMEXEcE6RYJKwYBBAHaRw8BAQdArjWwk3FAqyiFbFBKT4TzXcVBqPTB3gmzlC/Ub7O1u120F2F"
	"saWNlQGF1dG9jcnlwdC5leGFtcGxliJYEExYIAD4WIQTrhbtfozp14V6UTmPyMVUMT0fjjgUCXE"
	"cE6QIbAwUJA8JnAAULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRDyMVUMT0fjjkqLAP9frlijw"
	"BJvA+HFnqCZcYIVxlyXzS5Gi5gMTpp37K73jgD/VbKYhkwk9iu689OYH4K7q7LbmdeaJ+RX88Y/"
	"ad9hZwy4OARcRwTpEgorBgEEAZdVAQUBAQdAQv8GIa2rSTzgqbXCpDDYMiKRVitCsy203x3sE9+"
	"eviIDAQgHiHgEGBYIACAWIQTrhbtfozp14V6UTmPyMVUMT0fjjgUCXEcE6QIbDAAKCRDyMVUMT0"
	"fjjlnQAQDFHUs6TIcxrNTtEZFjUFm1M0PJ1Dng/cDW4xN80fsn0QEA22Kr7VkCjeAEC08VSTeV+"
	"QFsmz55/lntWkwYWhmvOgE=";
#define ALICE_SUBKEY 0x4766F6B9D5F21EB6ULL
#define CERT_MAX 65536

static struct buf alice = BUF_INIT(CERT_MAX);

static int start(void **state)
{
	const char *p;
	uint32_t bits = 0;
	unsigned n = 0;

	(void)state;
	for (p = keydata; *p && *p != '='; p++) {
		bits = bits << 6 | (uint32_t)base64_value((uint8_t)*p);
		n += 6;
		if (n >= 8) {
			n -= 8;
			assert_int_equal(buf_addc(&alice, (char)(bits >> n)), 0);
		}
	}
	return 0;
}

static int end_group(void **state)
{
	(void)state;
	buf_free(&alice);
	return 0;
}

/* The nth packet of alice's certificate. */
static struct packet nth(size_t n)
{
	const uint8_t *p = alice.p;
	size_t len = alice.len;
	struct packet pkt;

	do
		assert_int_equal(packet_next(&p, &len, &pkt), 1);
	while (n-- > 0);
	return pkt;
}

static struct cert cert_of(const struct buf *b, uint64_t subkey)
{
	return (struct cert){.data = b->p, .len = b->len, .enc_keyid = {subkey}, .n_enc = 1};
}

static void minimal_of(const struct buf *b, struct buf *out, int want)
{
	struct cert c = cert_of(b, ALICE_SUBKEY);
	struct addr a;
	struct err err = ERR_INIT;

	assert_int_equal(addr_parse("alice@autocrypt.example", &a, NULL), 0);
	assert_int_equal(cert_minimal(&c, &a, out, &err), want);
}

static void add(struct buf *b, size_t n)
{
	struct packet p = nth(n);

	assert_int_equal(buf_add(b, p.raw, p.raw_len), 0);
}

static void assert_alice(const struct buf *out)
{
	assert_int_equal(out->len, alice.len);
	assert_memory_equal(out->p, alice.p, alice.len);
}

static void minimal(void **state)
{
	struct buf out = BUF_INIT(CERT_MAX);

	(void)state;
	minimal_of(&alice, &out, 1);
	assert_alice(&out);
	buf_free(&out);
}

/* Whatever stands between, and however often: the same five. */
static void much_more(void **state)
{
	static const char uid[] = "\xb4\x05"
				  "x@y.z",
			  attribute[] = "\xd1\x02\x01\x01";
	struct buf b = BUF_INIT(CERT_MAX), out = BUF_INIT(CERT_MAX);
	struct packet sig = nth(2);

	(void)state;
	add(&b, 0);
	buf_add(&b, uid, sizeof(uid) - 1);
	add(&b, 2); /* of another User ID that is not the address's */
	add(&b, 1);
	add(&b, 2);
	/* The same signature, older: its time is the first subpacket but one. */
	buf_add(&b, sig.raw, sig.raw_len);
	{
		uint8_t *p = memmem(b.p + b.len - sig.raw_len, sig.raw_len, "\x05\x02\x5c", 3);

		assert_non_null(p);
		p[2] = 0x5b;
	}
	buf_add(&b, attribute, sizeof(attribute) - 1);
	add(&b, 2);
	add(&b, 3);
	add(&b, 4);
	add(&b, 4);
	minimal_of(&b, &out, 1);
	assert_alice(&out);
	buf_free(&b);
	buf_free(&out);
}

static void too_little(void **state)
{
	static const size_t without[][5] = {{1, 2, 3, 4, 4}, {0, 2, 3, 4, 4}, {0, 1, 3, 4, 4},
		{0, 1, 2, 4, 4}, {0, 1, 2, 3, 3}};
	struct buf b = BUF_INIT(CERT_MAX), out = BUF_INIT(CERT_MAX);
	struct cert c;
	size_t i, j;

	(void)state;
	for (i = 0; i < N_OF(without); i++) {
		buf_reset(&b);
		for (j = 0; j < 5; j++)
			add(&b, without[i][j]);
		minimal_of(&b, &out, 0);
		assert_int_equal(out.len, 0);
	}
	c = cert_of(&alice, 1); /* no subkey that may be used */
	assert_int_equal(cert_minimal(&c, NULL, &out, NULL), 0);
	buf_free(&b);
}

/* Only for an address that the key names. */
static void whose(void **state)
{
	static const struct {
		const char *name, *uid, *addr;
		int want;
	} row[] = {
		{"1 the address", "a@x.example", "a@x.example", 1},
		{"2 with a name", "A <a@x.example>", "a@x.example", 1},
		{"3 with a comment", "A <a@x.example> (work)", "a@x.example", 1},
		{"4 another", "A <a@x.example>", "b@x.example", 0},
		{"5 a tag", "A <a@x.example>", "a+tag@x.example", 0},
		{"6 the whole domain", "*@x.example", "a@x.example", 0},
		{"7 in the name only", "a@x.example <b@x.example>", "a@x.example", 0},
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct buf b = BUF_INIT(CERT_MAX), out = BUF_INIT(CERT_MAX);
		struct err err = ERR_INIT;
		struct cert c;
		struct addr a;

		print_message("%s\n", row[i].name);
		n = strlen(row[i].uid);
		add(&b, 0);
		assert_int_equal(buf_addc(&b, (char)0xb4), 0);
		assert_int_equal(buf_addc(&b, (char)n), 0);
		assert_int_equal(buf_add(&b, row[i].uid, n), 0);
		add(&b, 2);
		add(&b, 3);
		add(&b, 4);
		c = cert_of(&b, ALICE_SUBKEY);
		assert_int_equal(addr_parse(row[i].addr, &a, NULL), 0);
		assert_int_equal(cert_minimal(&c, &a, &out, &err), row[i].want);
		buf_free(&b);
		buf_free(&out);
	}
}

static void value(void **state)
{
	struct cert c = cert_of(&alice, ALICE_SUBKEY);
	struct addr a;
	const char *why = NULL, *p, *k;
	char *text;

	(void)state;
	assert_int_equal(addr_parse("alice@autocrypt.example", &a, NULL), 0);
	assert_int_equal(autocrypt_value(&a, &c, true, &text, &why, NULL), 1);
	assert_ptr_equal(
		strstr(text, "addr=alice@autocrypt.example; prefer-encrypt=mutual; keydata=\n "),
		text);
	for (p = strstr(text, "keydata=") + 8, k = keydata; *p; p++) {
		if (*p == '\n')
			assert_int_equal(p[1], ' ');
		else if (*p != ' ')
			assert_int_equal(*p, *k++);
	}
	assert_int_equal(*k, 0);
	free(text);
	assert_int_equal(autocrypt_value(&a, &c, false, &text, &why, NULL), 1);
	assert_null(strstr(text, "prefer-encrypt"));
	free(text);
	assert_int_equal(addr_parse("\"a;b\"@x.example", &a, NULL), 0);
	assert_int_equal(autocrypt_value(&a, &c, false, &text, &why, NULL), 0);
	assert_null(text);
	assert_non_null(strstr(why, "does not fit"));
}

/* A User ID of n octets. */
static void add_uid(struct buf *b, size_t n)
{
	const uint8_t head[] = {0xcd, 0xff, 0, 0, (uint8_t)(n >> 8), (uint8_t)n};
	static const char who[] = " <alice@autocrypt.example>";

	assert_int_equal(buf_add(b, head, sizeof(head)), 0);
	for (n -= strlen(who); n > 0; n--)
		assert_int_equal(buf_addc(b, 'x'), 0);
	assert_int_equal(buf_adds(b, who), 0);
}

/* 10 KiB with its name and folding: a User ID takes the place of a large key. */
static void too_large(void **state)
{
	struct addr a;
	const char *why = NULL;
	char *text;
	size_t n, fits = 0;

	(void)state;
	assert_int_equal(addr_parse("alice@autocrypt.example", &a, NULL), 0);
	for (n = 6000; n < 9000; n += 7) {
		struct buf b = BUF_INIT(CERT_MAX);
		struct cert c;
		int rc;

		add(&b, 0);
		add_uid(&b, n);
		add(&b, 2);
		add(&b, 3);
		add(&b, 4);
		c = cert_of(&b, ALICE_SUBKEY);
		rc = autocrypt_value(&a, &c, false, &text, &why, NULL);
		if (rc == 1) {
			assert_true(strlen("Autocrypt-Gossip: ") + strlen(text) + 2 <=
				    AUTOCRYPT_FIELD_MAX);
			fits = n;
		} else {
			assert_int_equal(rc, 0);
			assert_non_null(strstr(why, "too large"));
		}
		free(text);
		buf_free(&b);
	}
	assert_true(fits > 6000 && fits < 9000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(minimal), cmocka_unit_test(much_more),
		cmocka_unit_test(too_little), cmocka_unit_test(whose), cmocka_unit_test(value),
		cmocka_unit_test(too_large)};

	return cmocka_run_group_tests(tests, start, end_group);
}
