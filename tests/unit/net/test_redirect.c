/* SPDX-License-Identifier: ISC */
/* net/redirect: where a Location field may lead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "net/https.h"

#define BASE "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/abc?l=joe"

static const struct {
	const char *location, *url,
		*host; /* url: what comes, or NULL: refused, with these words in host */
} rows[] = {
	{"https://keys.example.net/k", "https://keys.example.net/k", "keys.example.net"},
	{"https://keys.example.net", "https://keys.example.net/", "keys.example.net"},
	{"HTTPS://KEYS.Example.NET/K", "https://keys.example.net/K", "keys.example.net"},
	{"https://keys.example.net:443/k", "https://keys.example.net/k", "keys.example.net"},
	{"https://keys.example.net/k?a=b#c", "https://keys.example.net/k?a=b", "keys.example.net"},
	{"//keys.example.net/k", "https://keys.example.net/k", "keys.example.net"},
	{"/other", "https://openpgpkey.example.org/other", "openpgpkey.example.org"},
	{"def", "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/def",
		"openpgpkey.example.org"},
	{"https://m\xc3\xbcnchen.example/k", "https://xn--mnchen-3ya.example/k",
		"xn--mnchen-3ya.example"},
	{"?l=ann", "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/abc?l=ann",
		"openpgpkey.example.org"},
	{"", NULL, "not a URL"},
	{"#c", NULL, "in a loop"},
	{"#", NULL, "in a loop"},
	{"http://keys.example.net/k", NULL, "other than https"},
	{"HTTP://keys.example.net/k", NULL, "other than https"},
	{"ftp://keys.example.net/k", NULL, "other than https"},
	{"file:///etc/passwd", NULL, "other than https"},
	{"javascript:alert(1)", NULL, NULL},
	{"gopher://keys.example.net/", NULL, "other than https"},
	{"https://joe@keys.example.net/k", NULL, "user information"},
	{"https://joe:pw@keys.example.net/k", NULL, "user information"},
	{"https://:pw@keys.example.net/k", NULL, "user information"},
	{"https://keys.example.net:8443/k", NULL, "port"},
	{"https://keys.example.net:80/k", NULL, "port"},
	{"https://192.0.2.1/k", NULL, "not a domain name"},
	{"https://127.1/k", NULL, "not a domain name"},
	{"https://0x7f000001/k", NULL, "not a domain name"},
	{"https://2130706433/k", NULL, "not a domain name"},
	{"https://a.0x7f/k", NULL, "not a domain name"},
	{"https://[::1]/k", NULL, "without a name"},
	{"https://localhost/k", NULL, "not a domain name"},
	{"https://under_score.example/k", NULL, "not a domain name"},
	{"https://keys.example.net%2f@evil.example/k", NULL, NULL},
	{"https://keys.exa mple.net/k", NULL, NULL},
	{"https://keys.example.net\x01/k", NULL, NULL},
	{"https:///k", NULL, NULL},
};

static void where(void **state)
{
	char url[HTTPS_URL_MAX], host[ADDR_DOMAIN_MAX + 1];
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		rc = https_redirect(BASE, rows[i].location, url, host, &err);
		print_message("# %zu %s: %s\n", i, rows[i].url ? rows[i].url : "refused", err.msg);
		assert_int_equal(rc == 0, rows[i].url != NULL);
		if (rc == 0) {
			assert_string_equal(url, rows[i].url);
			assert_string_equal(host, rows[i].host);
		} else if (rows[i].host) {
			assert_non_null(strstr(err.msg, rows[i].host));
		}
	}
}

static void too_long(void **state)
{
	char url[HTTPS_URL_MAX], host[ADDR_DOMAIN_MAX + 1], location[HTTPS_URL_MAX + 64];

	(void)state;
	memset(location, 'a', sizeof(location));
	memcpy(location, "https://keys.example.net/", 25);
	location[HTTPS_URL_MAX] = '\0';
	assert_int_equal(https_redirect(BASE, location, url, host, NULL), ERR_TEMP);
	location[HTTPS_URL_MAX - 1] = '\0';
	assert_int_equal(https_redirect(BASE, location, url, host, NULL), 0);
	assert_string_equal(url, location);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(where), cmocka_unit_test(too_long)};

	return cmocka_run_group_tests_name("redirect", tests, NULL, NULL);
}
