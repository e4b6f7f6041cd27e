/* addr.c: RFC 5321/5322/6531 addresses; the vectors are examples of those documents and our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"

#define L64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void good(void **state)
{
	static const struct {
		const char *in, *text, *name, *local, *domain;
	} row[] = {
		{"a@b.example", "a@b.example", "a@b.example", "a", "b.example"},
		{"<a@b.example>", "a@b.example", "a@b.example", "a", "b.example"},
		{"Joe.Doe@Example.ORG", "Joe.Doe@example.org", "joe.doe@example.org", "Joe.Doe",
			"example.org"},
		{"\"hugh\"@example.com", "hugh@example.com", "hugh@example.com", "hugh",
			"example.com"},
		{"\"Joe\\,Smith\"@example.com", "\"Joe,Smith\"@example.com",
			"\"joe,smith\"@example.com", "Joe,Smith", "example.com"},
		{"\"foo@bar\"@example.com", "\"foo@bar\"@example.com", "\"foo@bar\"@example.com",
			"foo@bar", "example.com"},
		{"\"a\\\"b\\\\\"@x.example", "\"a\\\"b\\\\\"@x.example", "\"a\\\"b\\\\\"@x.example",
			"a\"b\\", "x.example"},
		{"\"-x\"@b.example", "\"-x\"@b.example", "\"-x\"@b.example", "-x", "b.example"},
		{"j\xc3\xb6rg@ex\xc3\xa4mple.example", "j\xc3\xb6rg@xn--exmple-cua.example",
			"j\xc3\xb6rg@xn--exmple-cua.example", "j\xc3\xb6rg",
			"xn--exmple-cua.example"},
		{"J\xc3\x96RG@b.example", "J\xc3\x96RG@b.example", "j\xc3\x96rg@b.example",
			"J\xc3\x96RG", "b.example"},
		{"x@XN--EXMPLE-CUA.example", "x@xn--exmple-cua.example", "x@xn--exmple-cua.example",
			"x", "xn--exmple-cua.example"},
		{"user@[192.0.2.1]", "user@[192.0.2.1]", "user@[192.0.2.1]", "user", "[192.0.2.1]"},
		{"user@[IPv6:2001:db8::1]", "user@[IPv6:2001:db8::1]", "user@[ipv6:2001:db8::1]",
			"user", "[IPv6:2001:db8::1]"},
		{"root", "root", "root", "root", ""},
		{"a+b%c=d#e&f@b.example", "a+b%c=d#e&f@b.example", "a+b%c=d#e&f@b.example",
			"a+b%c=d#e&f", "b.example"},
		{L64 "@b.example", L64 "@b.example", L64 "@b.example", L64, "b.example"},
		{"a||mbox=~x@b.example", "a||mbox=~x@b.example", "a||mbox=~x@b.example",
			"a||mbox=~x", "b.example"},
	};
	struct addr a;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s\n", row[i].in);
		assert_int_equal(addr_parse(row[i].in, &a, &err), 0);
		assert_string_equal(a.text, row[i].text);
		assert_string_equal(a.name, row[i].name);
		assert_string_equal(a.local, row[i].local);
		assert_string_equal(a.domain, row[i].domain);
	}
}

static void bad(void **state)
{
	static const char *const row[] = {"", "@", "a@", "@b.example", "a@@b.example",
		"a@b@c.example", "-a@b.example", "a b@c.example", "a@b c.example", ".a@b.example",
		"a.@b.example", "a..b@c.example", "a@b..example", "a@.b.example", "a@b.example.",
		"a@-b.example", "a@b-.example", "a@b_c.example", "a\r\nBcc: x@y.example",
		"a\x01@b.example", "a@b.example\n", "\"a@b.example", "\"\"@b.example",
		"a\xc2\x85@b.example", "a\xff@b.example", "a\xc0\xaf@b.example", L64 "a@b.example",
		"a@[192.0.2.1", "a@[x]", "a@[192.0.2.999]", "a,b@c.example",
		"a@b.example,c@d.example", "a@b.example;id", "a@/etc/passwd", "a@b.example/../x",
		"\"" L64 "a\"@b.example", "a@" L64 ".example", "a@\xe2\x80\xae.example",
		"\xed\xa0\x80@b.example"};
	struct addr a, before;
	struct err err;
	size_t i;

	(void)state;
	memset(&a, 0x5a, sizeof(a));
	before = a;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s\n", row[i]);
		err = (struct err)ERR_INIT;
		assert_int_equal(addr_parse(row[i], &a, &err), ERR_USAGE);
		assert_memory_equal(&a, &before, sizeof(a));
		assert_int_not_equal(err.msg[0], '\0');
	}
}

static void long_domain(void **state)
{
	char s[400];
	struct addr a;
	int n = 0, i;

	(void)state;
	n += snprintf(s + n, sizeof(s) - (size_t)n, "a@");
	for (i = 0; i < 63; i++)
		n += snprintf(s + n, sizeof(s) - (size_t)n, "abc.");
	snprintf(s + n, sizeof(s) - (size_t)n, "e");
	assert_int_equal(strlen(s + 2), 253);
	assert_int_equal(addr_parse(s, &a, NULL), 0);
	snprintf(s + n, sizeof(s) - (size_t)n, "ex");
	assert_int_equal(addr_parse(s, &a, NULL), ERR_USAGE);
}

static void uid(void **state)
{
	static const struct {
		const char *addr, *uid;
		int plain, wildcard;
	} row[] = {
		{"a@b.example", "a@b.example", 1, 1},
		{"a@b.example", "<a@b.example>", 1, 1},
		{"a@b.example", "Name <A@B.example>", 1, 1},
		{"a@b.example", "Name (note) <a@b.example> ", 1, 1},
		{"a@b.example", "\"<a@b.example>\" <x@y.example>", 0, 0},
		{"a@b.example", "Name <a@b.example> trailing", 0, 0},
		{"a@b.example", "aa@b.example", 0, 0},
		{"a@b.example", "Name a@b.example", 0, 0},
		{"a@b.example", "a@b.example.evil", 0, 0},
		{"a@b.example", "*@b.example", 0, 1},
		{"a@b.example", "Any <*@b.example>", 0, 1},
		{"a@b.example", "*@c.example", 0, 0},
		{"a@b.example", "a*@b.example", 0, 0},
		{"a@b.example", "", 0, 0},
		{"a@b.example", "<", 0, 0},
		{"a@b.example", ">", 0, 0},
		{"j\xc3\x96rg@b.example", "j\xc3\xb6rg@b.example", 0, 0},
	};
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s ~ %s\n", row[i].addr, row[i].uid);
		assert_int_equal(addr_parse(row[i].addr, &a, NULL), 0);
		assert_int_equal(
			addr_matches_uid(&a, row[i].uid, strlen(row[i].uid), false), row[i].plain);
		assert_int_equal(addr_matches_uid(&a, row[i].uid, strlen(row[i].uid), true),
			row[i].wildcard);
	}
	assert_false(addr_matches_uid(&a, "a@b.example\0x", 13, false));
}

static void discoverable(void **state)
{
	static const struct {
		const char *addr;
		int yes;
	} row[] = {{"a@b.example", 1}, {"a@[192.0.2.1]", 0}, {"root", 0}, {"root@localhost", 0}};
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(addr_parse(row[i].addr, &a, NULL), 0);
		assert_int_equal(addr_discoverable(&a), row[i].yes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(good), cmocka_unit_test(bad),
		cmocka_unit_test(long_domain), cmocka_unit_test(uid),
		cmocka_unit_test(discoverable)};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
