/* SPDX-License-Identifier: ISC */
/* pgp/cert/sig_marks.h with the real gpg: only what it has found valid is marked, and it takes the
 * marks for its own. */
#include "gpg_keys.h"

#include "pgp/gpg/home.h"
#include "pgp/cert/sig_marks.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))
#define CERT_MAX 65536

static struct cert_set alice,
	bob; /* each: primary key, User ID, its signature, subkey, its signature */

static int start(void **state)
{
	(void)state;
	keys_start();
	assert_int_equal(gpg_init(NULL), 0);
	keys_new_cert("alice@x.example", &alice);
	keys_new_cert("bob@x.example", &bob);
	return 0;
}

static int end_group(void **state)
{
	(void)state;
	cert_set_free(&alice);
	cert_set_free(&bob);
	keys_stop();
	return 0;
}

/* The nth packet of a certificate. */
static struct packet nth(const struct cert *c, size_t n)
{
	const uint8_t *p = c->data;
	size_t len = c->len, i;
	struct packet k = {0};

	for (i = 0; i <= n; i++)
		assert_int_equal(packet_next(&p, &len, &k), 1);
	return k;
}

enum { KEY, UID, UID_SIG, SUBKEY, SUBKEY_SIG, N_PARTS, DAMAGED = 16, BOBS = 32 };

/* Alice's parts in this order, ended by N_PARTS; a DAMAGED one has its last octet changed; BOBS are
 * not hers. */
static void build(const int *part, struct buf *out)
{
	for (; *part != N_PARTS; part++) {
		struct packet k = nth(*part & BOBS ? &bob.v[0] : &alice.v[0], (size_t)(*part & 15));

		assert_int_equal(buf_add(out, k.raw, k.raw_len), 0);
		if (*part & DAMAGED)
			out->p[out->len - 1] ^= 1;
	}
}

static const struct {
	const char *name;
	int part[12];
	const char *marks; /* NULL: none at all */
} marks_case[] = {
	{"1 as published", {KEY, UID, UID_SIG, SUBKEY, SUBKEY_SIG, N_PARTS}, "++"},
	{"2 no subkey", {KEY, UID, UID_SIG, N_PARTS}, "+"},
	{"3 subkey's signature damaged", {KEY, UID, UID_SIG, SUBKEY, SUBKEY_SIG | DAMAGED, N_PARTS},
		"+-"},
	{"4 User ID's signature damaged",
		{KEY, UID, UID_SIG | DAMAGED, SUBKEY, SUBKEY_SIG, N_PARTS}, NULL},
	{"5 a damaged one beside a good one",
		{KEY, UID, UID_SIG | DAMAGED, UID_SIG, SUBKEY, SUBKEY_SIG, N_PARTS}, "-++"},
	{"6 in a strange place", {KEY, UID, UID_SIG, SUBKEY_SIG, SUBKEY, SUBKEY_SIG, N_PARTS},
		"+-+"},
	{"7 a signature on another's User ID",
		{KEY, UID, UID_SIG, UID | BOBS, UID_SIG, SUBKEY, SUBKEY_SIG, N_PARTS}, "+-+"},
	{"8 a signature on another's subkey",
		{KEY, UID, UID_SIG, SUBKEY | BOBS, SUBKEY_SIG, N_PARTS}, "+-"},
	{"9 another's signatures",
		{KEY, UID, UID_SIG, UID_SIG | BOBS, SUBKEY, SUBKEY_SIG, SUBKEY_SIG | BOBS, N_PARTS},
		"+-+-"},
	{"10 another's key before all", {KEY | BOBS, UID, UID_SIG, SUBKEY, SUBKEY_SIG, N_PARTS},
		NULL},
	{"11 no User ID", {KEY, SUBKEY, SUBKEY_SIG, N_PARTS}, NULL},
	{"12 begins with a signature", {UID_SIG, KEY, UID, UID_SIG, N_PARTS}, NULL},
};

static void marks(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(marks_case); i++) {
		struct buf b = BUF_INIT(CERT_MAX);
		struct sig_marks m = {0};
		struct err err = ERR_INIT;

		print_message("%s\n", marks_case[i].name);
		build(marks_case[i].part, &b);
		m.data = b.p;
		m.len = b.len;
		assert_int_equal(sig_marks_make(&m, 1, &err), 0);
		if (marks_case[i].marks)
			assert_string_equal(m.text, marks_case[i].marks);
		else
			assert_null(m.text);
		free(m.text);
		buf_free(&b);
	}
}

/* What is wrong with one does not matter to another, and one certificate may come twice. */
static void many_at_once(void **state)
{
	static const int broken[] = {KEY, UID, UID_SIG | DAMAGED, N_PARTS},
			 half[] = {KEY, UID, UID_SIG, N_PARTS};
	struct buf bad = BUF_INIT(CERT_MAX), part = BUF_INIT(CERT_MAX);
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	build(broken, &bad);
	build(half, &part);
	struct sig_marks m[] = {{bad.p, bad.len, NULL}, {bob.v[0].data, bob.v[0].len, NULL},
		{part.p, part.len, NULL}, {alice.v[0].data, alice.v[0].len, NULL}};

	assert_int_equal(sig_marks_make(m, N_OF(m), &err), 0);
	assert_null(m[0].text);
	assert_string_equal(m[1].text, "++");
	assert_string_equal(m[2].text, "+");
	assert_string_equal(m[3].text, "++");
	for (i = 0; i < N_OF(m); i++)
		free(m[i].text);
	buf_free(&bad);
	buf_free(&part);
}

/* Too many signatures, or octets: none, and no harm to the rest. */
static void limits(void **state)
{
	struct buf large = BUF_INIT(1u << 20), sigs = BUF_INIT(1u << 20);
	struct packet k = nth(&alice.v[0], UID_SIG);
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(buf_add(&large, alice.v[0].data, alice.v[0].len), 0);
	while (large.len <= SIG_MARKS_OCTETS_MAX)
		assert_int_equal(buf_add(&large, k.raw, k.raw_len), 0);
	assert_int_equal(buf_add(&sigs, alice.v[0].data, alice.v[0].len), 0);
	for (i = 2; i <= SIG_MARKS_MAX; i++)
		assert_int_equal(buf_add(&sigs, k.raw, k.raw_len), 0);
	struct sig_marks m[] = {{large.p, large.len, NULL}, {sigs.p, sigs.len, NULL},
		{bob.v[0].data, bob.v[0].len, NULL}};

	assert_int_equal(sig_marks_make(m, N_OF(m), &err), 0);
	assert_null(m[0].text);
	assert_null(m[1].text);
	assert_string_equal(m[2].text, "++");
	free(m[2].text);
	buf_free(&large);
	buf_free(&sigs);
}

/* Whether gpg finds the one certificate of a keyring of these octets valid. */
static bool is_valid(const struct buf *ring)
{
	char path[FILE_PATH_MAX];
	const char *argv[] = {"gpg", "--homedir", keys_home, "--batch", "--no-tty",
		"--no-allow-non-selfsigned-uid", "--no-default-keyring", "--keyring", path,
		"--lock-never", "--trust-model", "always", "--with-colons", "--list-keys", NULL};
	struct buf out = BUF_INIT(KEYS_OUT_MAX);
	bool yes;
	FILE *f;

	assert_int_equal(path_join(path, keys_home, "woven.gpg"), 0);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(ring->p, 1, ring->len, f), ring->len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(keys_run(argv, NULL, &out), 0);
	assert_non_null(strstr(buf_str(&out), "\npub:"));
	yes = !strstr(buf_str(&out), "\npub:i:");
	buf_free(&out);
	return yes;
}

/* A mark takes the place of gpg's own check: that is what it is for, and why nothing else may be
 * marked. */
static void gpg_heeds_them(void **state)
{
	static const int broken[] = {KEY, UID, UID_SIG | DAMAGED, N_PARTS};
	static const struct {
		const char *text;
		bool valid;
		size_t trust; /* packets */
	} c[] = {{"+", true, 1}, {"-", false, 0}, {NULL, false, 0}, {"++", false, 0},
		{"", false, 0}};
	struct buf b = BUF_INIT(CERT_MAX), woven = BUF_INIT(CERT_MAX);
	size_t i;

	(void)state;
	build(broken, &b);
	for (i = 0; i < N_OF(c); i++) {
		buf_reset(&woven);
		assert_int_equal(sig_marks_weave(b.p, b.len, c[i].text, &woven), 0);
		assert_int_equal(keys_count(woven.p, woven.len, PACKET_TRUST, -1), c[i].trust);
		assert_int_equal(is_valid(&woven), c[i].valid);
	}
	buf_free(&b);
	buf_free(&woven);
}

/* Marks that stand in a certificate are not ours. */
static void others_marks_are_dropped(void **state)
{
	struct buf first = BUF_INIT(CERT_MAX), second = BUF_INIT(CERT_MAX);
	const struct cert *c = &alice.v[0];

	(void)state;
	assert_int_equal(sig_marks_weave(c->data, c->len, "++", &first), 0);
	assert_int_equal(keys_count(first.p, first.len, PACKET_TRUST, -1), 2);
	assert_int_equal(sig_marks_weave(first.p, first.len, NULL, &second), 0);
	assert_int_equal(second.len, c->len);
	assert_memory_equal(second.p, c->data, c->len);
	buf_reset(&second);
	assert_int_equal(sig_marks_weave(first.p, first.len, "-+", &second), 0);
	assert_int_equal(keys_count(second.p, second.len, PACKET_TRUST, -1), 1);
	buf_free(&first);
	buf_free(&second);
}

static void key_is_of_the_octets(void **state)
{
	uint8_t a[DIGEST_LEN], b[DIGEST_LEN], again[DIGEST_LEN];

	(void)state;
	assert_int_equal(sig_marks_key(alice.v[0].data, alice.v[0].len, a), 0);
	assert_int_equal(sig_marks_key(alice.v[0].data, alice.v[0].len, again), 0);
	assert_memory_equal(a, again, sizeof(a));
	assert_int_equal(sig_marks_key(alice.v[0].data, alice.v[0].len - 1, b), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(limits),
		cmocka_unit_test(gpg_heeds_them),
		cmocka_unit_test(others_marks_are_dropped),
		cmocka_unit_test(key_is_of_the_octets),
	};

	return cmocka_run_group_tests(tests, start, end_group);
}
