/* SPDX-License-Identifier: ISC */
/* Which ports the network process may connect to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "netd/ports.h"

static void wanted(void **state)
{
	static const struct {
		struct net_settings set;
		const char *ports;
	} row[] = {
		{{.resolver = ""}, "443, 53"},
		{{.resolver = "system"}, "443, 53"},
		{{.resolver = "recursive"}, "443, 53"},
		{{.resolver = "192.0.2.1"}, "443, 53"},
		{{.resolver = "192.0.2.1@5353"}, "443, 5353"},
		{{.resolver = "2001:db8::1@65535"}, "443, 65535"},
		{{.smtp_port = 25}, "443, 53, 25"},
		{{.resolver = "192.0.2.1@65534", .smtp_port = 65535}, "443, 65534, 65535"},
		{{.proxy = "socks5h://127.0.0.1"}, "1080"},
		{{.proxy = "socks5h://localhost:9050"}, "9050"},
		{{.proxy = "socks5h://[::1]:9150", .resolver = "192.0.2.1@5353", .smtp_port = 25},
			"9150"},
		/* Settings that nothing can be done with: nothing is asked. */
		{{.proxy = "http://127.0.0.1:3128"}, ""},
	};
	uint16_t ports[PORTS_MAX];
	char text[PORTS_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ports_wanted(&row[i].set, ports);
		ports_text(ports, text);
		assert_string_equal(text, row[i].ports);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(wanted)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
