/* SPDX-License-Identifier: ISC */
/* wkd/name: where certificates are published. Values: the WKD draft, RFC 7929, GnuPG's and gemato's
 * tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/wkd_name.h"

#define ORG(host, path, hash, l) "https://" host "/.well-known/openpgpkey/" path "hu/" hash "?l=" l

static const struct {
	const char *address, *hash, *advanced, *direct, *owner;
} names[] = {
#define ROW(address, domain, hash, l, owner)                                                       \
	{                                                                                          \
		address, hash, ORG("openpgpkey." domain, domain "/", hash, l),                     \
			ORG(domain, "", hash, l), owner "._openpgpkey." domain                     \
	}
	ROW("Joe.Doe@Example.ORG", "example.org", "iy9q119eutrkn8s1mk4r39qejnbu3n5q", "Joe.Doe",
		"bf724b60e040515d3d9e8f45bb344402dd3b76bc8eed999f8b7de446"),
	ROW("joe.doe@example.org", "example.org", "iy9q119eutrkn8s1mk4r39qejnbu3n5q", "joe.doe",
		"a418287638a9d71c1a563a47d37aa26207daeb183f6cf720caaa44df"),
	ROW("patrice.lumumba@example.net", "example.net", "gzfxrwe6o9qrddujrwnjran6nh41hfex",
		"patrice.lumumba", "e60b3e460de458ae717afdfb474aa0c387d9c28ad3115171dc7572d7"),
	ROW("hugh@example.com", "example.com", "w5n1gnooatcyfd9tzicamzk8aqkyfdk8", "hugh",
		"c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6"),
	ROW("Hugh@Example.COM", "example.com", "w5n1gnooatcyfd9tzicamzk8aqkyfdk8", "Hugh",
		"7063a398942ba5c6125429518d0608563f3974bb48013ddf58fb01d4"),
	ROW("a+b@example.org", "example.org", "i6wwpbayndmjsnjzbzdj15jgc77g8a4f", "a%2Bb",
		"300273daf0bb57c239f83585d71ced54ce6b3b5fb81615abbeeb3f9c"),
	ROW("test%&=#?@example.org", "example.org", "fjf6zwpe5hppkhpdtzsth7sg5z3css4g",
		"test%25%26%3D%23%3F", "9671eef4ad55c67be679383d8ca527323838b741f5c6d7d0c923cc56"),
	ROW("j\xc3\xb6rg@example.org", "example.org", "h8ghzysw1a49fnopr45hii67zzgshjt8",
		"j%C3%B6rg", "12c433a0914cf916178d99b922892cd3280438b675c139c3807325e8"),
	/* decomposed: only OPENPGPKEY composes it (RFC 7929 section 3.2) */
	ROW("jo\xcc\x88rg@example.org", "example.org", "e49rrt9uc4ym6gmmy4kabo6xmx3ob9es",
		"jo%CC%88rg", "12c433a0914cf916178d99b922892cd3280438b675c139c3807325e8"),
	ROW("J\xc3\x96RG@example.org", "example.org", "w77p6y3jz34qfi4fgwkgaw3oeumka146",
		"J%C3%96RG", "6bc9a7fb766440e0e08547152cfc952f943d3bedd7983c0c639495fe"),
	ROW("\"Bob Smith\"@example.org", "example.org", "iaepxewf7jdq8kfheojbt79rxao3xf4j",
		"Bob%20Smith", "7e3d89811312ed290e4d1e50b7edbeea816a31d0b586c5e85c16c9c4"),
	ROW("test-wkd@metacode.biz", "metacode.biz", "4hg7tescnttreaouu4z1izeuuyibwww1", "test-wkd",
		"bb9cd2d22f59aa24e736970885538fa054d212f02d397cf7b318e959"),
	ROW("gemato@example.com", "example.com", "5x66h616iaskmnadrm86ndo6xnxbxjxb", "gemato",
		"f558dbf20b4f001e6bb3235832013e56c7d68084225ccfd7fb3ddcde"),
};

static void published_names(void **state)
{
	char out[WKD_URL_MAX], owner[WKD_OWNER_MAX + 1], hash[WKD_HASH_LEN + 1];
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(addr_parse(names[i].address, &a, NULL), 0);
		wkd_hash(&a, hash);
		assert_string_equal(hash, names[i].hash);
		wkd_url(&a, true, out);
		assert_string_equal(out, names[i].advanced);
		wkd_url(&a, false, out);
		assert_string_equal(out, names[i].direct);
		assert_int_equal(openpgpkey_owner(&a, owner, NULL), 0);
		assert_string_equal(owner, names[i].owner);
	}
}

/* The longest address, every octet of it escaped, is not cut anywhere. */
static void longest(void **state)
{
	char out[WKD_URL_MAX], owner[WKD_OWNER_MAX + 1], host[WKD_HOST_MAX + 1];
	struct addr a = {.local = ""};

	(void)state;
	memset(a.local, '%', ADDR_LOCAL_MAX);
	memset(a.domain, 'd', ADDR_DOMAIN_MAX);
	wkd_url(&a, true, out);
	assert_string_equal(out + strlen(out) - 6, "%25%25");
	assert_int_equal(strlen(strstr(out, "?l=")), 3 + 3 * ADDR_LOCAL_MAX);
	assert_int_equal(openpgpkey_owner(&a, owner, NULL), 0);
	assert_int_equal(strlen(owner), 56 + 13 + ADDR_DOMAIN_MAX);
	wkd_host(&a, true, host);
	assert_int_equal(strlen(host), WKD_HOST_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_names), cmocka_unit_test(longest)};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
