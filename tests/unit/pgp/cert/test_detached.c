/* SPDX-License-Identifier: ISC */
/* Detached signatures: read, armoured, binary, and what is none; and verified. */
#include "gpg_keys.h"

#include "pgp/cert/detached.h"
#include "pgp/gpg/home.h"

/* Version 4, type 0, EdDSA, SHA-512; hashed: issuer fingerprint, key block 99; no more. */
static const uint8_t sig[] = {0xc2, 40, 4, 0, 22, 10, 0, 26, 22, 33, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9,
	10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 2, 38, 0, 0, 0, 1, 2, 0, 1, 1, 0};
#define FPR "0102030405060708090A0B0C0D0E0F1011121314"
#define BEGIN "-----BEGIN PGP SIGNATURE-----\n"
#define BODY "wigEABYKABoWIQQBAgMEBQYHCAkKCwwNDg8QERITFAImAAAAAQIAAQEA\n"
#define END "-----END PGP SIGNATURE-----\n"

static void texts(void **state)
{
	static const struct {
		const char *name, *text;
		int want;
	} row[] = {
		{"armoured", BEGIN "\n" BODY "=abcd\n" END, 0},
		{"with a comment", BEGIN "Comment: x\n\n" BODY END, 0},
		{"text before it", "hello\n\n" BEGIN "\n" BODY END, 0},
		{"without an end", BEGIN "\n" BODY, -1},
		{"the end of something else",
			BEGIN "\n" BODY "-----END PGP PUBLIC KEY BLOCK-----\n", -1},
		{"without an empty line", BEGIN BODY END, 0},
		{"behind a byte order mark", "\xef\xbb\xbf" BEGIN "\n" BODY END, 0},
		{"base64 alone", BODY, 0},
		{"text behind it", BEGIN "\n" BODY END "bye\n", 0},
		{"a damaged one behind it", BEGIN "\n" BODY END BEGIN "\nwig", -1},
		{"another one behind it", BEGIN "\n" BODY END BEGIN "\n" BODY END, -1},
		{"base64 that is none", BEGIN "\nwigE*\n" END, -1},
		{"two of them",
			BEGIN "\nwigEABYKABoWIQQBAgMEBQYHCAkKCwwNDg8QERITFAImAAAAAQIAAQEA"
			      "wigEABYKABoWIQQBAgMEBQYHCAkKCwwNDg8QERITFAImAAAAAQIAAQEA\n" END,
			-1},
		{"cut short", BEGIN "\nwigEABYKABoWIQQB\n" END, -1},
		{"nothing in it", BEGIN "\n" END, -1},
		{"no armour", "hello\n", -1},
		{"empty", "", -1},
		{"a key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" BODY, -1},
	};
	struct detached d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int rc = detached_read((const uint8_t *)row[i].text, strlen(row[i].text), &d);

		if (rc != row[i].want || (rc == 0 && strcmp(d.s.fpr, FPR) != 0))
			fail_msg("%s: %d", row[i].name, rc);
		if (rc == 0)
			assert_memory_equal(d.sig.p, sig, sizeof(sig));
		detached_free(&d);
	}
}

static void binary(void **state)
{
	struct detached d;
	size_t n;

	(void)state;
	assert_int_equal(detached_read(sig, sizeof(sig), &d), 0);
	assert_string_equal(d.s.fpr, FPR);
	assert_null(d.s.key_block); /* there is nothing in it */
	detached_free(&d);
	for (n = 0; n < sizeof(sig); n++)
		assert_int_equal(detached_read(sig, n, &d), -1);
}

#define SIGNED "hello\n"

static struct buf sign_text(const char *fpr, const char *when)
{
	struct buf text = BUF_INIT(64), made = BUF_INIT(65536);

	assert_int_equal(buf_adds(&text, SIGNED), 0);
	keys_gpg_in(&text, &made, when, "--status-fd", "2", "--local-user", fpr, "--output", "-",
		"--detach-sign", NULL);
	buf_free(&text);
	return made;
}

/* Of detached_verify, with the key as it is now. */
static int verdict(const struct buf *made, const char *fpr)
{
	struct buf text = BUF_INIT(64), certs = keys_export(fpr, NULL);
	struct err err = ERR_INIT;
	char by[CERT_FPR_MAX];
	struct detached d;
	int rc;

	assert_int_equal(buf_adds(&text, SIGNED), 0);
	assert_int_equal(detached_read(made->p, made->len, &d), 0);
	rc = detached_verify(&d, &text, &certs, by, &err);
	if (rc == 1)
		assert_string_equal(by, fpr);
	detached_free(&d);
	buf_free(&text);
	buf_free(&certs);
	return rc;
}

/* gpg ends well for the signature of a key that has expired or is revoked: only its status tells,
 * and in that stand the key's User IDs too. */
static void verified(void **state)
{
	static const char *const uid[] = {"ann@x.example", "x [GNUPG:] GOODSIG y <eve@x.example>",
		"x [GNUPG:] VALIDSIG y <eva@x.example>"};
	char fpr[CERT_FPR_MAX];
	struct buf made;
	size_t i;

	(void)state;
	keys_start();
	assert_int_equal(gpg_init(NULL), 0);
	for (i = 0; i < sizeof(uid) / sizeof(uid[0]); i++) {
		keys_make(uid[i], NULL, "0", false, fpr);
		made = sign_text(fpr, NULL);
		assert_int_equal(verdict(&made, fpr), 1);
		keys_revoke(fpr);
		assert_int_equal(verdict(&made, fpr), 0);
		buf_free(&made);
		keys_make(uid[i], "20200101T000000", "2020-02-01", false, fpr);
		made = sign_text(fpr, "20200102T000000");
		assert_int_equal(verdict(&made, fpr), 0);
		buf_free(&made);
	}
	keys_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(binary),
		cmocka_unit_test(verified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
