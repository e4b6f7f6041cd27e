/* SPDX-License-Identifier: ISC */
/* net/dns_known: about which names nothing is asked, once it is known of which domains nobody
 * answers for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/dns.h"
#include "net/dns_known.h"

static void names(void **state)
{
	static const struct {
		const char *what, *silent[3], *answers[3], *name;
		uint16_t type;
		bool asked;
	} row[] = {
		{"nothing is known", {NULL}, {NULL}, "a.example", DNS_A, true},
		{"the domain", {"a.example"}, {NULL}, "a.example", DNS_MX, false},
		{"its DS, which its parent has", {"a.example"}, {NULL}, "a.example", DNS_DS, true},
		{"its DNSKEY", {"a.example"}, {NULL}, "a.example", DNS_DNSKEY, false},
		{"a name below", {"a.example"}, {NULL}, "x.y.a.example", DNS_A, false},
		{"the DS of a name below", {"a.example"}, {NULL}, "x.a.example", DNS_DS, false},
		{"a name above", {"a.example"}, {NULL}, "example", DNS_SOA, true},
		{"one beside it", {"a.example"}, {NULL}, "b.example", DNS_A, true},
		{"one that ends alike only", {"a.example"}, {NULL}, "aa.example", DNS_A, true},
		{"one that answers", {"b.example"}, {"a.example"}, "a.example", DNS_A, true},
		{"one that answers, below", {"b.example"}, {"a.example"}, "x.a.example", DNS_A,
			true},
		{"one that answers below one that does not", {"example"}, {"a.example"},
			"x.a.example", DNS_A, true},
		{"its DS", {"example"}, {"a.example"}, "a.example", DNS_DS, false},
		{"one that does not below one that answers", {"a.example"}, {"example"},
			"x.a.example", DNS_A, false},
		{"one that answered another time", {"a.example"}, {"a.example"}, "a.example", DNS_A,
			true},
		{"the root", {"a.example"}, {NULL}, ".", DNS_DNSKEY, true},
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct dns_known k = {.tree = NULL};
		const char *why;

		for (j = 0; row[i].silent[j]; j++)
			dns_known_put(&k, row[i].silent[j], "silent");
		for (j = 0; row[i].answers[j]; j++)
			dns_known_put(&k, row[i].answers[j], NULL);
		/* What answers does so whatever comes later. */
		for (j = 0; row[i].answers[j]; j++)
			dns_known_put(&k, row[i].answers[j], "silent");
		why = dns_known_silent(&k, row[i].name, row[i].type);
		if ((why == NULL) != row[i].asked)
			fail_msg("%s: %s", row[i].what, why ? "not asked" : "asked");
		for (j = 0; row[i].silent[j]; j++)
			assert_true(dns_known_has(&k, row[i].silent[j]));
		assert_false(dns_known_has(&k, "nowhere.example"));
		dns_known_free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names)};

	return cmocka_run_group_tests_name("dns_known", tests, NULL, NULL);
}
