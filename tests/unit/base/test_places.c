/* SPDX-License-Identifier: ISC */
/* base/places: the first place that is there, of every system; the place of the first system where
 * none is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/places.h"

#define FILES_MAX 5

static const char *const *have;

static bool is_there(const char *path)
{
	size_t i;

	for (i = 0; i < FILES_MAX && have[i]; i++) {
		if (strcmp(have[i], path) == 0)
			return true;
	}
	return false;
}

#define DEBIAN_CA "/etc/ssl/certs/ca-certificates.crt"
#define FEDORA_CA "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"

static const struct {
	const char *what;
	enum place place;
	const char *have[FILES_MAX];
	const char *want;
} row[] = {
	{"1 Debian, Arch and Alpine: bundle", PLACE_CA_BUNDLE,
		{DEBIAN_CA, "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
			"/etc/ssl/cert.pem"},
		DEBIAN_CA},
	{"2 Fedora: bundle", PLACE_CA_BUNDLE, {FEDORA_CA}, FEDORA_CA},
	{"3 Arch: bundle, without the links", PLACE_CA_BUNDLE,
		{"/etc/ca-certificates/extracted/tls-ca-bundle.pem", "/etc/ssl/cert.pem"},
		"/etc/ca-certificates/extracted/tls-ca-bundle.pem"},
	{"4 Alpine: bundle, without ca-certificates", PLACE_CA_BUNDLE, {"/etc/ssl/cert.pem"},
		"/etc/ssl/cert.pem"},
	{"5 none: bundle", PLACE_CA_BUNDLE, {NULL}, DEBIAN_CA},
	{"6 Debian, Arch and Alpine: folder", PLACE_CA_FOLDER, {"/etc/ssl/certs"},
		"/etc/ssl/certs"},
	{"7 Fedora: folder", PLACE_CA_FOLDER,
		{"/etc/ssl/certs", "/etc/pki/ca-trust/extracted/pem/directory-hash"},
		"/etc/pki/ca-trust/extracted/pem/directory-hash"},
	{"8 Debian: hints", PLACE_ROOT_HINTS, {"/usr/share/dns/root.hints"},
		"/usr/share/dns/root.hints"},
	{"9 Fedora: hints", PLACE_ROOT_HINTS, {"/var/named/named.ca"}, "/var/named/named.ca"},
	{"10 Arch: hints", PLACE_ROOT_HINTS, {"/etc/unbound/root.hints"},
		"/etc/unbound/root.hints"},
	{"11 Alpine: hints", PLACE_ROOT_HINTS, {"/usr/share/dns-root-hints/named.root"},
		"/usr/share/dns-root-hints/named.root"},
	{"12 none: hints", PLACE_ROOT_HINTS, {"/etc/ssl/cert.pem"}, "/usr/share/dns/root.hints"},
	{"13 Debian: anchor, before unbound's own", PLACE_TRUST_ANCHOR,
		{"/var/lib/unbound/root.key", "/usr/share/dns/root.key"},
		"/usr/share/dns/root.key"},
	{"14 Fedora: anchor", PLACE_TRUST_ANCHOR, {"/var/lib/unbound/root.key"},
		"/var/lib/unbound/root.key"},
	{"15 Arch: anchor", PLACE_TRUST_ANCHOR, {"/etc/trusted-key.key"}, "/etc/trusted-key.key"},
	{"16 Alpine: anchor", PLACE_TRUST_ANCHOR, {"/usr/share/dnssec-root/trusted-key.key"},
		"/usr/share/dnssec-root/trusted-key.key"},
	{"17 none: anchor", PLACE_TRUST_ANCHOR, {NULL}, "/usr/share/dns/root.key"},
};

static void usual(void **state)
{
	const char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		have = row[i].have;
		got = place_choose(row[i].place, is_there);
		if (strcmp(got, row[i].want) != 0)
			print_error("row %s: %s\n", row[i].what, got);
		assert_string_equal(got, row[i].want);
	}
}

/* Bundle and folder lie where the process that asks the network may read. */
static void readable(void **state)
{
	static const enum place place[] = {PLACE_CA_BUNDLE, PLACE_CA_FOLDER};
	size_t i, k, n;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < 2; k++) {
			bool below = row[i].place != place[k];

			for (n = 0; place_ca_folders[n]; n++)
				below |= strncmp(row[i].want, place_ca_folders[n],
						 strlen(place_ca_folders[n])) == 0;
			if (!below)
				print_error("row %s\n", row[i].what);
			assert_true(below);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(usual), cmocka_unit_test(readable)};

	return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
