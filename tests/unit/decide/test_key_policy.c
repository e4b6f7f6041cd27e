/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decide/key_policy.h"

#define RSA 1
#define ELGAMAL 16
#define DSA 17
#define ECDH 18
#define EDDSA 22
#define MD5 1
#define SHA1 2
#define RIPEMD160 3
#define SHA256 8
#define BEFORE 1675209599 /* 2023-01-31 23:59:59 UTC */
#define FROM 1675209600
#define OLD 946684800 /* 2000-01-01 */

static const struct cert_strength good = {
	.primary = {EDDSA, 0},
	.encryption = {ECDH, 0},
	.user_id = {SHA256, FROM},
	.binding = {SHA256, FROM},
};

/* Which numbers make a key too weak; of the primary and of the encryption key alike. */
static void keys(void **state)
{
	static const struct {
		int number;
		const char *what;
		struct key_strength key;
		bool strong;
	} row[] = {
		{1, "RSA 512", {RSA, 512}, false},
		{2, "RSA 1024", {RSA, 1024}, false},
		{3, "RSA 2047", {RSA, 2047}, false},
		{4, "RSA 2048", {RSA, 2048}, true},
		{5, "RSA 4096", {RSA, 4096}, true},
		{6, "RSA, encrypt only, 1024", {2, 1024}, false},
		{7, "RSA, sign only, 1024", {3, 1024}, false},
		{8, "RSA that cannot be read", {RSA, 0}, false},
		{9, "DSA 1024", {DSA, 1024}, false},
		{10, "DSA 2048", {DSA, 2048}, true},
		{11, "ElGamal 1024", {ELGAMAL, 1024}, false},
		{12, "ElGamal 2048", {ELGAMAL, 2048}, true},
		{13, "ElGamal of the old number, 1024", {20, 1024}, false},
		{14, "ECDH", {ECDH, 0}, true},
		{15, "EdDSA", {EDDSA, 0}, true},
		{16, "X25519 of RFC 9580", {25, 0}, true},
		{17, "none", {0, 0}, false},
	};
	char why[KEY_POLICY_WHY_MAX];
	struct cert_strength s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d %s\n", row[i].number, row[i].what);
		s = good;
		s.primary = row[i].key;
		assert_int_equal(key_policy_strong(&s, why), row[i].strong);
		assert_int_equal(why[0] == '\0', row[i].strong);
		s = good;
		s.encryption = row[i].key;
		assert_int_equal(key_policy_strong(&s, why), row[i].strong);
		assert_int_equal(why[0] == '\0', row[i].strong);
	}
}

/* Which hash makes a signature count, and until when. */
static void signatures(void **state)
{
	static const struct {
		int number;
		const char *what;
		struct sig_strength sig;
		bool strong;
	} row[] = {
		{1, "SHA-256", {SHA256, FROM}, true},
		{2, "SHA-384", {9, FROM}, true},
		{3, "SHA-512", {10, FROM}, true},
		{4, "SHA-224", {11, FROM}, true},
		{5, "SHA3-256", {12, FROM}, true},
		{6, "SHA3-512", {14, FROM}, true},
		{7, "SHA-1, January 2023", {SHA1, BEFORE}, true},
		{8, "SHA-1, February 2023", {SHA1, FROM}, false},
		{9, "SHA-1 of long ago", {SHA1, OLD}, true},
		{10, "SHA-1 of a day to come", {SHA1, INT64_MAX}, false},
		{11, "MD5", {MD5, FROM}, false},
		{12, "MD5 of long ago", {MD5, OLD}, false},
		{13, "RIPEMD-160", {RIPEMD160, FROM}, false},
		{14, "RIPEMD-160 of long ago", {RIPEMD160, OLD}, false},
		{15, "a hash that is not known", {7, OLD}, false},
	};
	char why[KEY_POLICY_WHY_MAX];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d %s\n", row[i].number, row[i].what);
		for (k = 0; k < 3; k++) {
			struct cert_strength s = good;

			*(k == 0 ? &s.user_id : k == 1 ? &s.direct : &s.binding) = row[i].sig;
			assert_int_equal(key_policy_strong(&s, why), row[i].strong);
			assert_int_equal(why[0] == '\0', row[i].strong);
		}
	}
}

/* What need not be there, and what must. */
static void missing(void **state)
{
	static const struct cert_strength nothing;
	char why[KEY_POLICY_WHY_MAX];
	struct cert_strength s = good;

	(void)state;
	assert_true(key_policy_strong(&s, why)); /* there is no direct signature */
	memset(&s.binding, 0, sizeof(s.binding));
	assert_true(key_policy_strong(&s, why)); /* the primary key encrypts */
	memset(&s.user_id, 0, sizeof(s.user_id));
	assert_false(key_policy_strong(&s, why));
	assert_false(key_policy_strong(&nothing, why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(signatures),
		cmocka_unit_test(missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
