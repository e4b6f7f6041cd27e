/* SPDX-License-Identifier: ISC */
/* net/ip: what lies in the open internet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "net/ip.h"

static const struct {
	const char *text;
	enum ip_class want;
} rows[] = {
	{"0.0.0.0", IP_NOHOST},
	{"0.0.0.1", IP_PRIVATE},
	{"0.255.255.255", IP_PRIVATE},
	{"1.0.0.0", IP_GLOBAL},
	{"9.255.255.255", IP_GLOBAL},
	{"10.0.0.0", IP_PRIVATE},
	{"10.255.255.255", IP_PRIVATE},
	{"11.0.0.0", IP_GLOBAL},
	{"100.63.255.255", IP_GLOBAL},
	{"100.64.0.0", IP_PRIVATE},
	{"100.127.255.255", IP_PRIVATE},
	{"100.128.0.0", IP_GLOBAL},
	{"127.0.0.1", IP_PRIVATE},
	{"127.255.255.255", IP_PRIVATE},
	{"128.0.0.0", IP_GLOBAL},
	{"169.253.255.255", IP_GLOBAL},
	{"169.254.169.254", IP_PRIVATE},
	{"169.255.0.0", IP_GLOBAL},
	{"172.15.255.255", IP_GLOBAL},
	{"172.16.0.0", IP_PRIVATE},
	{"172.31.255.255", IP_PRIVATE},
	{"172.32.0.0", IP_GLOBAL},
	{"192.0.0.8", IP_PRIVATE},
	{"192.0.2.1", IP_GLOBAL},
	{"192.167.255.255", IP_GLOBAL},
	{"192.168.0.0", IP_PRIVATE},
	{"192.169.0.0", IP_GLOBAL},
	{"198.17.255.255", IP_GLOBAL},
	{"198.18.0.0", IP_PRIVATE},
	{"198.19.255.255", IP_PRIVATE},
	{"198.20.0.0", IP_GLOBAL},
	{"198.51.100.1", IP_GLOBAL},
	{"203.0.113.1", IP_GLOBAL},
	{"223.255.255.255", IP_GLOBAL},
	{"224.0.0.1", IP_NOHOST},
	{"239.255.255.255", IP_NOHOST},
	{"240.0.0.1", IP_PRIVATE},
	{"255.255.255.255", IP_NOHOST},
	{"::", IP_NOHOST},
	{"::1", IP_PRIVATE},
	{"::2", IP_PRIVATE},
	{"::ffff:127.0.0.1", IP_PRIVATE},
	{"::ffff:10.1.2.3", IP_PRIVATE},
	{"::ffff:192.0.2.1", IP_GLOBAL},
	{"::ffff:0.0.0.0", IP_NOHOST},
	{"::10.0.0.1", IP_PRIVATE},
	{"64:ff9b::192.168.1.1", IP_PRIVATE},
	{"64:ff9b::192.0.2.1", IP_GLOBAL},
	{"64:ff9b:1::1", IP_PRIVATE},
	{"100::1", IP_PRIVATE},
	{"2001:0:1::1", IP_PRIVATE},
	{"2001:db8::1", IP_GLOBAL},
	{"2002:a00:1::1", IP_PRIVATE},
	{"2002:c000:201::1", IP_GLOBAL},
	{"2606:4700::1", IP_GLOBAL},
	{"fbff::1", IP_GLOBAL},
	{"fc00::1", IP_PRIVATE},
	{"fdff::1", IP_PRIVATE},
	{"fe80::1", IP_PRIVATE},
	{"febf::1", IP_PRIVATE},
	{"fec0::1", IP_PRIVATE},
	{"ff02::1", IP_NOHOST},
};

static void classes(void **state)
{
	uint8_t raw[16];
	struct net_ip ip;
	char text[IP_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool v6 = strchr(rows[i].text, ':') != NULL;

		assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, rows[i].text, raw), 1);
		assert_true(ip_parse(raw, v6 ? 16 : 4, v6, &ip));
		ip_text(&ip, text);
		print_message("# %s\n", text);
		assert_int_equal(ip_class(&ip), rows[i].want);
	}
}

static void lengths(void **state)
{
	uint8_t raw[17] = {192, 0, 2, 1};
	struct net_ip ip;
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof(raw); len++) {
		assert_int_equal(ip_parse(raw, len, false, &ip), len == 4);
		assert_int_equal(ip_parse(raw, len, true, &ip), len == 16);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(classes), cmocka_unit_test(lengths)};

	return cmocka_run_group_tests_name("ip", tests, NULL, NULL);
}
