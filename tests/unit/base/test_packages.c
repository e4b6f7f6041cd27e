/* SPDX-License-Identifier: ISC */
/* base/packages: the hint for each package, with apt-get and without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/packages.h"

static const struct {
	const char *what;
	enum package package;
	const char *apt, *also; /* also: what both name besides */
} row[] = {
	{"1 gpg", PACKAGE_GPG, "apt-get install gpg", ""},
	{"2 gpg-agent", PACKAGE_GPG_AGENT, "apt-get install gpg-agent", "gpg-agent"},
	{"3 GPGME", PACKAGE_GPGME, "apt-get install libgpgme", ""},
	{"4 libcurl", PACKAGE_LIBCURL, "apt-get install libcurl4", "libcurl"},
	{"5 authorities", PACKAGE_CA_CERTIFICATES, "apt-get install ca-certificates",
		", or set ca-file"},
	{"6 trust anchor", PACKAGE_DNS_ROOT_DATA, "apt-get install dns-root-data",
		", or set trust-anchor"},
};

static void hints(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(sizeof(row) / sizeof(row[0]), PACKAGES);
	for (i = 0; i < PACKAGES; i++) {
		const char *apt = package_choose(row[i].package, true);
		const char *words = package_choose(row[i].package, false);

		if (strncmp(apt, row[i].apt, strlen(row[i].apt)) != 0 ||
			!strstr(apt, row[i].also) || strstr(words, "apt") ||
			!strstr(words, row[i].also))
			fail_msg("row %s: %s; %s", row[i].what, apt, words);
		assert_ptr_equal(package_hint(row[i].package),
			access("/usr/bin/apt-get", X_OK) == 0 ? apt : words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(hints)};

	return cmocka_run_group_tests_name("packages", tests, NULL, NULL);
}
