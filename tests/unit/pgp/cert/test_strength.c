/* SPDX-License-Identifier: ISC */
#include "gpg_keys.h"

#include "pgp/cert/signature.h"
#include "pgp/cert/strength.h"

/* Certificates are made by gpg; which of their signatures and keys are looked at. */

#define T1 "20150101T000000"
#define T2 "20240101T000000"
#define T3 "20240601T000000"
#define ADDRESS "a@example.org"

static int setup(void **state)
{
	(void)state;
	keys_start();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	keys_stop();
	return 0;
}

static void add_subkey(const char *fpr, const char *when, const char *algo, const char *digest)
{
	keys_gpg(when, "--cert-digest-algo", digest, "--quick-add-key", fpr, algo, "encr", "never");
}

static void make_primary(const char *when, const char *algo, const char *digest, char *fpr)
{
	struct buf out = BUF_INIT(KEYS_OUT_MAX);
	const char *p;

	keys_gpg_in(NULL, &out, when, "--cert-digest-algo", digest, "--quick-gen-key", ADDRESS,
		algo, "cert,sign", "never", NULL);
	p = strstr(buf_str(&out), "KEY_CREATED P ");
	assert_non_null(p);
	assert_int_equal(sscanf(p, "KEY_CREATED P %64[0-9A-F]", fpr), 1);
	buf_free(&out);
}

/* What stands in the certificate as intake leaves it. */
static struct cert_strength look_at(const char *fpr)
{
	struct buf body = keys_export(fpr, NULL);
	struct cert_set set = keys_read(ADDRESS, false, &body, NULL, NULL);
	struct cert_strength s;

	assert_int_equal(set.n, 1);
	assert_string_equal(set.v[0].why, "");
	assert_int_equal(
		cert_strength(set.v[0].data, set.v[0].len, set.v[0].enc_keyid, set.v[0].n_enc, &s),
		0);
	cert_set_free(&set);
	buf_free(&body);
	return s;
}

static void expect(const char *what, const struct cert_strength *s, struct cert_strength want)
{
	print_message("%s\n", what);
	assert_int_equal(s->primary.algo, want.primary.algo);
	assert_int_equal(s->primary.bits, want.primary.bits);
	assert_int_equal(s->encryption.algo, want.encryption.algo);
	assert_int_equal(s->encryption.bits, want.encryption.bits);
	assert_int_equal(s->user_id.hash, want.user_id.hash);
	assert_int_equal(s->binding.hash, want.binding.hash);
}

static void which_count(void **state)
{
	char fpr[CERT_FPR_MAX];
	struct cert_strength s;

	(void)state;
	make_primary(T1, "rsa2048", "SHA1", fpr);
	add_subkey(fpr, T1, "rsa1024", "RIPEMD160");
	s = look_at(fpr);
	expect("1 all of it is weak but the primary key", &s,
		(struct cert_strength){.primary = {1, 2048},
			.encryption = {1, 1024},
			.user_id = {HASH_SHA1, 0},
			.binding = {HASH_RIPEMD160, 0}});
	assert_int_equal(s.user_id.made, 1420070400);
	add_subkey(fpr, T2, "rsa1536", "SHA512");
	s = look_at(fpr);
	expect("2 a newer subkey is the one that counts", &s,
		(struct cert_strength){.primary = {1, 2048},
			.encryption = {1, 1536},
			.user_id = {HASH_SHA1, 0},
			.binding = {HASH_SHA512, 0}});
	keys_gpg(T3, "--cert-digest-algo", "SHA256", "--quick-set-expire", fpr, "20y");
	s = look_at(fpr);
	expect("3 a newer self-signature is the one that counts", &s,
		(struct cert_strength){.primary = {1, 2048},
			.encryption = {1, 1536},
			.user_id = {HASH_SHA256, 0},
			.binding = {HASH_SHA512, 0}});
	assert_int_equal(s.user_id.made, 1717200000);
	keys_gpg("20240701T000000", "--cert-digest-algo", "SHA1", "--quick-set-expire", fpr, "21y");
	s = look_at(fpr);
	expect("4 a newer one by SHA-1 too", &s,
		(struct cert_strength){.primary = {1, 2048},
			.encryption = {1, 1536},
			.user_id = {HASH_SHA1, 0},
			.binding = {HASH_SHA512, 0}});
	make_primary(T2, "ed25519", "SHA256", fpr);
	add_subkey(fpr, T2, "cv25519", "SHA512");
	s = look_at(fpr);
	expect("5 elliptic curves", &s,
		(struct cert_strength){.primary = {22, 0},
			.encryption = {18, 0},
			.user_id = {HASH_SHA256, 0},
			.binding = {HASH_SHA512, 0}});
}

static void not_a_certificate(void **state)
{
	static const uint8_t noise[] = {0x99, 1, 2};
	static const uint64_t id = 1;
	struct cert_strength s;

	(void)state;
	assert_int_equal(cert_strength(NULL, 0, &id, 1, &s), -1);
	assert_int_equal(cert_strength(noise, sizeof(noise), &id, 1, &s), -1);
	assert_int_equal(s.primary.algo, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_count),
		cmocka_unit_test(not_a_certificate),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
