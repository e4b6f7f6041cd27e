/* SPDX-License-Identifier: ISC */
/* base/endpoint: resolvers and proxies as the settings name them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/endpoint.h"

struct row {
	const char *value, *ip; /* NULL: refused */
	uint16_t port;
};

static const struct row resolvers[] = {
	{"192.0.2.1", "192.0.2.1", 53},
	{"192.0.2.1@5353", "192.0.2.1", 5353},
	{"2001:DB8:0::1", "2001:db8::1", 53},
	{"::1@65535", "::1", 65535},
	{"", NULL},
	{"ns.example", NULL},
	{"192.0.2", NULL},
	{"192.0.2.1 ", NULL},
	{"192.0.2.1:53", NULL},
	{"[::1]", NULL},
	{"::1@", NULL},
	{"::1@0", NULL},
	{"::1@65536", NULL},
	{"::1@53x", NULL},
	{"::1@+53", NULL},
	{"::1@000053", NULL},
	{"::1#dns.example", NULL},
	{"::1@53#", NULL},
	{"fe80::1%eth0", NULL},
	{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", NULL},
	{"tls://192.0.2.1", NULL},
	{"tls://192.0.2.1#dns.example", NULL},
	{"https://192.0.2.1#dns.example", NULL},
};

static const struct row proxies[] = {
	{"socks5h://127.0.0.1", "127.0.0.1", 1080},
	{"socks5h://127.0.0.1:9050", "127.0.0.1", 9050},
	{"socks5h://localhost:9050", "127.0.0.1", 9050},
	{"socks5h://localhost", "127.0.0.1", 1080},
	{"socks5h://[::1]", "::1", 1080},
	{"socks5h://[2001:db8::1]:65535", "2001:db8::1", 65535},
	{"", NULL},
	{"127.0.0.1:9050", NULL},
	{"socks5://127.0.0.1", NULL},
	{"socks4a://127.0.0.1", NULL},
	{"http://127.0.0.1", NULL},
	{"socks5h://", NULL},
	{"socks5h://proxy.example", NULL},
	{"socks5h://local", NULL},
	{"socks5h://::1", NULL},
	{"socks5h://[::1", NULL},
	{"socks5h://[]", NULL},
	{"socks5h://[127.0.0.1]", NULL},
	{"socks5h://[::1]9050", NULL},
	{"socks5h://127.0.0.1:", NULL},
	{"socks5h://127.0.0.1:0", NULL},
	{"socks5h://127.0.0.1:9050/", NULL},
	{"socks5h://127.0.0.1/", NULL},
	{"socks5h://me:secret@127.0.0.1", NULL},
	{"socks5h://127.0.0.1:9050 ", NULL},
};

static void check(
	const struct row *r, size_t n, bool (*parse)(const char *value, struct endpoint *out))
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct endpoint e = {.port = 7};
		bool taken = parse(r[i].value, &e);

		if (taken != (r[i].ip != NULL))
			fail_msg("'%s': %s", r[i].value, taken ? "taken" : "refused");
		if (!taken) {
			assert_int_equal(e.port, 7);
			continue;
		}
		assert_string_equal(e.ip, r[i].ip);
		assert_int_equal(e.v6, strchr(r[i].ip, ':') != NULL);
		assert_int_equal(e.port, r[i].port);
	}
}

static void a_resolver(void **state)
{
	(void)state;
	check(resolvers, sizeof(resolvers) / sizeof(resolvers[0]), endpoint_resolver);
}

static void a_proxy(void **state)
{
	(void)state;
	check(proxies, sizeof(proxies) / sizeof(proxies[0]), endpoint_proxy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_resolver), cmocka_unit_test(a_proxy)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
