/* SPDX-License-Identifier: ISC */
/* pgp/seal/key_args.h: which certificate goes into the keyring, and which is a file. Their
 * signatures are of no matter here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "pgp/cert/packet.h"
#include "pgp/seal/key_args.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))
#define KEYS_MAX 8

static struct gpg_home home;

static int start(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	return gpg_home_make(&home, NULL, &err);
}

static int end_group(void **state)
{
	(void)state;
	gpg_home_remove(&home);
	return 0;
}

/* A version 4 key packet whose material is its number; its fingerprint follows. */
static void add_key(struct buf *b, unsigned tag, unsigned number)
{
	const uint8_t p[] = {(uint8_t)(0xc0 | tag), 10, 4, 0, 0, 0, 1, 22, 0, 0,
		(uint8_t)(number >> 8), (uint8_t)number};

	assert_int_equal(buf_add(b, p, sizeof(p)), 0);
}

/* Primary key, User ID, signature, subkeys each with a signature. keys: numbers, ended by 0. */
static struct buf make_cert(const unsigned *keys)
{
	static const uint8_t uid[] = {0xc0 | PACKET_USER_ID, 1, 'u'},
			     sig[] = {0xc0 | PACKET_SIGNATURE, 3, 4, 0x13, 22};
	struct buf b = BUF_INIT(65536);
	size_t i;

	for (i = 0; keys[i]; i++) {
		add_key(&b, i == 0 ? PACKET_PUBLIC_KEY : PACKET_PUBLIC_SUBKEY, keys[i]);
		if (i == 0)
			assert_int_equal(buf_add(&b, uid, sizeof(uid)), 0);
		assert_int_equal(buf_add(&b, sig, sizeof(sig)), 0);
	}
	return b;
}

struct one {
	unsigned keys[KEYS_MAX];
	const char *marks;
};

static const struct {
	const char *name;
	unsigned signer[KEYS_MAX]; /* none: {0} */
	struct one to[4];          /* ended by one without keys */
	const char *args;          /* by letters: u signer, r recipient in the keyring, f file */
} args_case[] = {
	{"1 one with marks", {0}, {{{1, 2}, "++"}}, "r"},
	{"2 one without", {0}, {{{1, 2}, NULL}}, "f"},
	{"3 none of them good", {0}, {{{1, 2}, "--"}}, "f"},
	{"4 none to be had", {0}, {{{1, 2}, ""}}, "f"},
	{"5 two", {0}, {{{1, 2}, "++"}, {{3, 4}, "+-"}}, "rr"},
	{"6 the signer too", {1, 2}, {{{3, 4}, "++"}, {{1, 2}, NULL}}, "urr"},
	{"7 the signer with another copy of the certificate", {1, 2}, {{{1, 2, 3}, "+++"}}, "uf"},
	{"8 a subkey that is another's primary key", {0}, {{{1, 2, 3}, "+++"}, {{3, 4}, "++"}},
		"rf"},
	{"9 the other way round", {0}, {{{3, 4}, "++"}, {{1, 2, 3}, "+++"}}, "rf"},
	{"10 a subkey that is the signer's primary key", {3, 4}, {{{1, 2, 3}, "+++"}}, "uf"},
	{"11 the same subkey in two", {0}, {{{1, 2}, "++"}, {{3, 2}, "++"}, {{5, 6}, "++"}}, "rfr"},
	{"12 the same key twice in one", {0}, {{{1, 2, 2}, "+++"}, {{3, 4}, "++"}}, "fr"},
	{"13 a signer with the same key twice", {1, 1}, {{{3, 4}, "++"}, {{1, 1}, "++"}}, "uff"},
};

static void check_args(const struct gpg_job *j, const char *want)
{
	char name[32], path[FILE_PATH_MAX];
	size_t i, n_to = 0, n_file = 0;

	for (i = 0; want[i]; i++) {
		n_to += want[i] == 'r';
		n_file += want[i] == 'f';
	}
	assert_int_equal(j->signer[0] != '\0', want[0] == 'u');
	assert_int_equal(j->n_to, n_to);
	assert_int_equal(j->n_file, n_file);
	for (i = 0; i < n_to; i++)
		assert_true(text_is_fingerprint(j->to[i].fpr));
	for (i = 0; i < n_file; i++) {
		snprintf(name, sizeof(name), GPG_JOB_FILE, i);
		assert_int_equal(path_join(path, home.path, name), 0);
		assert_int_equal(unlink(path), 0);
	}
}

/* Of a keyring, or of a keybox. */
static size_t count_certs(const struct buf *b)
{
	const uint8_t *p = b->p;
	size_t len = b->len, n = 0;
	struct packet k;

	if (len > 12 && memcmp(p + 8, "KBXf", 4) == 0) {
		for (; len > 0; len -= packet_be32(p), p += packet_be32(p)) {
			assert_true(packet_be32(p) >= 20 && packet_be32(p) <= len);
			n += p[4] == 2;
		}
		return n;
	}
	while (packet_next(&p, &len, &k) == 1)
		n += k.tag == PACKET_PUBLIC_KEY;
	return n;
}

/* The keyring: no key comes twice, but for a signer's own. */
static void check_ring(const struct key_args *a, size_t certs)
{
	char path[FILE_PATH_MAX];
	struct buf b = BUF_INIT(16u << 20);

	assert_int_equal(key_args_write(a, NULL), 0);
	assert_int_equal(path_join(path, home.path, "ring.gpg"), 0);
	assert_int_equal(file_read(path, &b, ERR_IO, NULL), 0);
	assert_int_equal(count_certs(&b), certs);
	buf_free(&b);
}

static size_t certs_of(const char *args)
{
	size_t n = 0;

	for (; *args; args++)
		n += *args != 'f';
	return n;
}

static void which_way(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < N_OF(args_case); i++) {
		struct buf b[4], s = make_cert(args_case[i].signer);
		struct cert signer = {.data = s.p,
			.len = s.len,
			.fpr = "0123456789ABCDEF0123456789ABCDEF01234567"};
		struct gpg_job job = {.n_to = 0};
		struct key_args a;
		size_t own = 0;

		print_message("%s\n", args_case[i].name);
		key_args_init(&a, &home, &job);
		if (args_case[i].signer[0])
			assert_int_equal(key_args_sign(&a, &signer, NULL, NULL), 0);
		for (k = 0; k < 4 && args_case[i].to[k].keys[0]; k++) {
			b[k] = make_cert(args_case[i].to[k].keys);
			own += s.len == b[k].len && memcmp(s.p, b[k].p, s.len) == 0 &&
			       args_case[i].args[k + 1] == 'r';
			assert_int_equal(key_args_encrypt(&a,
						 &(struct seal_cert){b[k].p, b[k].len, NULL, 0,
							 args_case[i].to[k].marks},
						 NULL),
				0);
		}
		check_args(&job, args_case[i].args);
		check_ring(&a, certs_of(args_case[i].args) - own);
		key_args_free(&a);
		gpg_job_free(&job);
		while (k > 0)
			buf_free(&b[--k]);
		buf_free(&s);
	}
}

/* gpg reads a keyring through for each recipient: many do better as files. */
static void many(void **state)
{
	enum { N = 3 * KEY_ARGS_RING_MAX };
	struct gpg_job job = {.n_to = 0};
	struct key_args a;
	unsigned i;

	(void)state;
	key_args_init(&a, &home, &job);
	for (i = 0; i < N; i++) {
		struct buf b = make_cert((unsigned[]){2 * i + 1, 2 * i + 2, 0});

		assert_int_equal(
			key_args_encrypt(&a, &(struct seal_cert){b.p, b.len, NULL, 0, "++"}, NULL),
			0);
		buf_free(&b);
	}
	assert_int_equal(job.n_to, KEY_ARGS_RING_MAX);
	assert_int_equal(job.n_file, N - KEY_ARGS_RING_MAX);
	check_ring(&a, KEY_ARGS_RING_MAX);
	key_args_free(&a);
	gpg_job_free(&job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(which_way), cmocka_unit_test(many)};

	return cmocka_run_group_tests(tests, start, end_group);
}
