/* SPDX-License-Identifier: ISC */
/*
 * Certificates that name our recipient and were not made by the key in them. gpg takes a User ID
 * without a valid self-signature where it is built or told to (allow-non-selfsigned-uid): we never
 * do.
 */
#include "gpg_keys.h"

#define T2020 "20200101T000000"

static char ours[CERT_FPR_MAX], theirs[CERT_FPR_MAX], old[CERT_FPR_MAX];
static struct buf our_key, their_key, old_key;

static int setup(void **state)
{
	(void)state;
	keys_start();
	keys_make("Alice <alice@example.org>", NULL, "never", true, ours);
	keys_make("Mallory <mallory@example.org>", NULL, "never", true, theirs);
	keys_make("Alice <alice@example.org>", T2020, "1m", true, old);
	our_key = keys_export(ours, NULL);
	their_key = keys_export(theirs, NULL);
	old_key = keys_export(old, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_free(&our_key);
	buf_free(&their_key);
	buf_free(&old_key);
	keys_stop();
	return 0;
}

/* As gpg exports them. BROKEN: its last byte changed. */
enum part { KEY, UID, UID_SIG, SUBKEY, SUBKEY_SIG, BROKEN = 16, OURS = 32, END = 64 };

static void add_part(const struct buf *from, int part, struct buf *out)
{
	const uint8_t *p = from->p;
	size_t len = from->len;
	struct packet k = {0};
	int i;

	for (i = 0; i <= (part & 15); i++)
		assert_int_equal(packet_next(&p, &len, &k), 1);
	assert_int_equal(buf_add(out, k.raw, k.raw_len), 0);
	if (part & BROKEN)
		out->p[out->len - 1] ^= 1;
}

static const struct {
	const char *name;
	const struct buf *key;
	int part[8];
	bool usable;
} rows[] = {
	{"1 our own", &our_key, {KEY, UID, UID_SIG, SUBKEY, SUBKEY_SIG, END}, true},
	{"2 another's key with our name", &their_key, {KEY, UID | OURS, SUBKEY, SUBKEY_SIG, END},
		false},
	{"3 with a signature made for another name", &their_key,
		{KEY, UID | OURS, UID_SIG, SUBKEY, SUBKEY_SIG, END}, false},
	{"4 with a signature of ours", &their_key,
		{KEY, UID | OURS, UID_SIG | OURS, SUBKEY, SUBKEY_SIG, END}, false},
	{"5 with a damaged signature", &their_key,
		{KEY, UID | OURS, UID_SIG | BROKEN, SUBKEY, SUBKEY_SIG, END}, false},
	{"6 beside its own name", &their_key,
		{KEY, UID | OURS, UID, UID_SIG, SUBKEY, SUBKEY_SIG, END}, false},
	{"7 our own, its signature damaged", &our_key,
		{KEY, UID, UID_SIG | BROKEN, SUBKEY, SUBKEY_SIG, END}, false},
	{"8 expired", &old_key, {KEY, UID, UID_SIG, SUBKEY, SUBKEY_SIG, END}, false},
	{"9 expired, the signature that says so damaged", &old_key,
		{KEY, UID, UID_SIG | BROKEN, SUBKEY, SUBKEY_SIG | BROKEN, END}, false},
	{"10 expired, the signature that says so removed", &old_key,
		{KEY, UID, SUBKEY, SUBKEY_SIG, END}, false},
	{"11 our own, its subkey's binding damaged", &our_key,
		{KEY, UID, UID_SIG, SUBKEY, SUBKEY_SIG | BROKEN, END}, false},
	{"12 our own, another's subkey", &our_key, {KEY, UID, UID_SIG, END}, false},
};

static void build_row(size_t i, struct buf *out)
{
	const int *part;

	for (part = rows[i].part; *part != END; part++)
		add_part(*part & OURS ? &our_key : rows[i].key, *part, out);
	if (i + 1 == sizeof(rows) / sizeof(rows[0])) {
		add_part(&their_key, SUBKEY, out);
		add_part(&their_key, SUBKEY_SIG, out);
	}
}

static void expect_usable(const struct buf *body, bool usable)
{
	struct cert_set set = keys_read("alice@example.org", false, body, NULL, NULL);

	assert_int_equal(cert_set_choose(&set, NULL) != NULL, usable);
	cert_set_free(&set);
}

/* By itself, twice in one answer (which has it judged in a home of its own), and beside an honest
 * one. */
static void forged(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf body = BUF_INIT(1 << 17);

		print_message("  %s\n", rows[i].name);
		build_row(i, &body);
		expect_usable(&body, rows[i].usable);
		build_row(i, &body);
		expect_usable(&body, rows[i].usable);
		if (rows[i].key == &their_key) {
			buf_reset(&body);
			build_row(i, &body);
			build_row(0, &body);
			expect_usable(&body, true);
		}
		buf_free(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(forged)};

	return cmocka_run_group_tests_name("forged", tests, setup, teardown);
}
