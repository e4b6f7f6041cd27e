/* SPDX-License-Identifier: ISC */
/* A primary key's kind and age, from its packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pgp/cert/describe.h"

#define V4(algo) 4, 0x65, 0x53, 0xf1, 0x00, algo /* made 1700000000 */

static void kinds_of_keys(void **state)
{
	static const struct {
		const char *name;
		uint8_t data[32]; /* old format, tag 6, one octet of length */
		size_t len;
		const char *algorithm;
		int64_t created;
	} table[] = {
		{"RSA", {0x98, 9, V4(1), 0x0c, 0x00, 0xff}, 11, "rsa3072", 1700000000},
		{"DSA", {0x98, 8, V4(17), 0x08, 0x00}, 10, "dsa2048", 1700000000},
		{"Ed25519 of LibrePGP",
			{0x98, 17, V4(22), 9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01,
				0},
			19, "ed25519", 1700000000},
		{"P-256", {0x98, 16, V4(19), 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0},
			18, "nistp256", 1700000000},
		{"a curve that is not known", {0x98, 9, V4(19), 2, 1, 1}, 11, "ecc", 1700000000},
		{"a curve cut off", {0x98, 8, V4(22), 9, 0x2b}, 10, "ecc", 1700000000},
		{"Ed25519 of RFC 9580",
			{0x98, 12, 6, 0x65, 0x53, 0xf1, 0x00, 27, 0, 0, 0, 32, 1, 2}, 14, "ed25519",
			1700000000},
		{"unknown algorithm", {0x98, 7, V4(99), 0}, 9, "algorithm 99", 1700000000},
		{"RSA without its number", {0x98, 6, V4(1)}, 8, "rsa0", 1700000000},
		{"version 3", {0x98, 8, 3, 0x65, 0x53, 0xf1, 0x00, 0, 1, 1}, 10, "", 0},
		{"version 6, cut off", {0x98, 7, 6, 0x65, 0x53, 0xf1, 0x00, 27, 0}, 9, "", 0},
		{"a subkey first", {0xb8, 9, V4(1), 0x0c, 0x00, 0xff}, 11, "", 0},
		{"not whole", {0x98, 20, V4(1)}, 8, "", 0},
		{"nothing", {0}, 0, "", 0},
	};
	char algorithm[CERT_ALGORITHM_MAX];
	int64_t created;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cert_describe(table[i].data, table[i].len, algorithm, &created);
		if (strcmp(algorithm, table[i].algorithm) != 0 || created != table[i].created)
			fail_msg("%s: %s %lld", table[i].name, algorithm, (long long)created);
	}
	cert_describe(NULL, 0, algorithm, &created);
	assert_string_equal(algorithm, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(kinds_of_keys)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
