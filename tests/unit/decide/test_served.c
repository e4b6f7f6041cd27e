/* SPDX-License-Identifier: ISC */
/* decide/served: an absence that came another way than the keys is none, unless the way is securely
 * closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/served.h"

#define ADV METHOD_WKD_ADVANCED
#define DIR METHOD_WKD_DIRECT
#define DANE METHOD_OPENPGPKEY

static void table(void **state)
{
	static const struct {
		const char *name;
		enum lookup_method way, wkd; /* METHOD_NONE: not asked */
		enum dns_state wkd_dnssec;
		enum tls_auth tls;
		bool proved;
		enum dns_state dane_dnssec; /* 0: not asked */
		bool otherwise;
	} row[] = {
		{"how the keys came is not known", METHOD_NONE, DIR, DNS_INSECURE, TLS_WEBPKI,
			false, DNS_INSECURE, false},
		{"by a key server, which is no way of the domain's", METHOD_KEYSERVER, DIR,
			DNS_INSECURE, TLS_WEBPKI, false, DNS_INSECURE, false},
		{"by advanced, and 404 there", ADV, ADV, DNS_INSECURE, TLS_WEBPKI, false,
			DNS_INSECURE, false},
		{"by advanced, its host forged away", ADV, DIR, DNS_INSECURE, TLS_WEBPKI, false,
			DNS_INSECURE, true},
		{"by advanced, its host forged away, and the domain's too", ADV, DIR, DNS_INSECURE,
			TLS_NONE, false, DNS_INSECURE, true},
		{"by advanced, its host securely denied", ADV, DIR, DNS_SECURE, TLS_WEBPKI, true,
			DNS_SECURE, false},
		{"by advanced, its host securely denied, the other has no proof", ADV, DIR,
			DNS_SECURE, TLS_WEBPKI, false, DNS_SECURE, false},
		{"by direct, and 404 there", DIR, DIR, DNS_INSECURE, TLS_WEBPKI, false,
			DNS_INSECURE, false},
		{"by direct, and no host now, forgeable", DIR, DIR, DNS_INSECURE, TLS_NONE, false,
			DNS_INSECURE, true},
		{"by direct, and no host now, proved", DIR, DIR, DNS_SECURE, TLS_NONE, true,
			DNS_SECURE, false},
		{"by direct, and an advanced host turns up, forgeable", DIR, ADV, DNS_INSECURE,
			TLS_WEBPKI, false, DNS_INSECURE, true},
		{"by direct, and an advanced host turns up, signed", DIR, ADV, DNS_SECURE,
			TLS_WEBPKI, true, DNS_SECURE, false},
		{"by the record, and securely none", DANE, DIR, DNS_SECURE, TLS_NONE, true,
			DNS_SECURE, false},
		{"by the record, and the zone is not signed any more", DANE, DIR, DNS_INSECURE,
			TLS_NONE, false, DNS_INSECURE, true},
		{"by the record, which is not asked for now", DANE, DIR, DNS_SECURE, TLS_NONE, true,
			0, true},
		{"by WKD, which is not asked now", ADV, METHOD_NONE, 0, TLS_NONE, false, DNS_SECURE,
			true},
	};
	static const struct method_result unsaid = {
		.method = METHOD_WKD_ADVANCED, .status = METHOD_ABSENT, .dnssec = DNS_INSECURE};
	size_t i;

	(void)state;
	/* What cannot be is not taken for closed. */
	assert_true(served_otherwise((enum lookup_method)99, &unsaid, &unsaid));
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct method_result wkd = {.method = row[i].wkd,
			.status = row[i].wkd ? METHOD_ABSENT : METHOD_NOT_ASKED,
			.dnssec = row[i].wkd_dnssec,
			.tls = row[i].tls,
			.proved = row[i].proved};
		struct method_result dane = {.method = DANE,
			.status = row[i].dane_dnssec ? METHOD_ABSENT : METHOD_NOT_ASKED,
			.dnssec = row[i].dane_dnssec};

		print_message("  row %zu: %s\n", i + 1, row[i].name);
		assert_int_equal(served_otherwise(row[i].way, &wkd, &dane), row[i].otherwise);
	}
}

static void ways(void **state)
{
	(void)state;
	assert_int_equal(served_way("wkd-advanced"), ADV);
	assert_int_equal(served_way("wkd-direct"), DIR);
	assert_int_equal(served_way("openpgpkey"), DANE);
	assert_int_equal(served_way("import"), METHOD_NONE);
	assert_int_equal(served_way(""), METHOD_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(ways)};

	return cmocka_run_group_tests_name("served", tests, NULL, NULL);
}
