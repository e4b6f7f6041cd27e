/* SPDX-License-Identifier: ISC */
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
		/* Spelt with a combining character: handed over so, and the same name. */
		{"Jo\xcc\x88rg@b.example", "Jo\xcc\x88rg@b.example", "j\xc3\xb6rg@b.example",
			"Jo\xcc\x88rg", "b.example"},
		{"\"jo\xcc\x88 rg\"@b.example", "\"jo\xcc\x88 rg\"@b.example",
			"\"j\xc3\xb6 rg\"@b.example", "jo\xcc\x88 rg", "b.example"},
		/* Marks in another order; Hangul. */
		{"a\xcc\x81\xcc\xa3@b.example", "a\xcc\x81\xcc\xa3@b.example",
			"\xe1\xba\xa1\xcc\x81@b.example", "a\xcc\x81\xcc\xa3", "b.example"},
		{"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab@b.example",
			"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab@b.example", "\xed\x95\x9c@b.example",
			"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "b.example"},
		{"x@XN--EXMPLE-CUA.example", "x@xn--exmple-cua.example", "x@xn--exmple-cua.example",
			"x", "xn--exmple-cua.example"},
		{"user@[192.0.2.1]", "user@[192.0.2.1]", "user@[192.0.2.1]", "user", "[192.0.2.1]"},
		{"user@[IPv6:2001:db8::1]", "user@[IPv6:2001:db8::1]", "user@[ipv6:2001:db8::1]",
			"user", "[IPv6:2001:db8::1]"},
		{"root", "root", "root", "root", ""},
		/* The DNS's final dot. */
		{"A@B.example.", "A@b.example", "a@b.example", "A", "b.example"},
		{"a@ex\xc3\xa4mple.example.", "a@xn--exmple-cua.example",
			"a@xn--exmple-cua.example", "a", "xn--exmple-cua.example"},
		{"a+b%c=d#e&f@b.example", "a+b%c=d#e&f@b.example", "a+b%c=d#e&f@b.example",
			"a+b%c=d#e&f", "b.example"},
		{L64 "@b.example", L64 "@b.example", L64 "@b.example", L64, "b.example"},
		/* Dots out of place: handed over in quotes. */
		{"a..b@c.example", "\"a..b\"@c.example", "\"a..b\"@c.example", "a..b", "c.example"},
		{".A@b.example", "\".A\"@b.example", "\".a\"@b.example", ".A", "b.example"},
		{"a.@b.example", "\"a.\"@b.example", "\"a.\"@b.example", "a.", "b.example"},
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
		"a@b@c.example", "-a@b.example", "a b@c.example", "a@b c.example", ".@b.example",
		"..@b.example", ".a", "a..b", "a@b..example", "a@.b.example", "a@b.example..",
		"a@.", "a@-b.example", "a@b-.example", "a@b_c.example", "a\r\nBcc: x@y.example",
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

/* A local part that a person would take for another, or that is an encoded word: in quotes or not,
 * with a domain or without. The first and last of each range, and what stands beside it. */
static void look_alikes(void **state)
{
	static const struct {
		int n;
		const char *local;
		bool refused;
	} row[] = {
		{1, "=?utf-8?q?b?=", true},
		{2, "=?", true},
		{3, "=b?", false},
		{4, "?=", false},
		{5, "\xc2\xa0", true},
		{6, "\xc2\xa1", false},
		{7, "\xc2\xac", false},
		{8, "\xc2\xad", true},
		{9, "\xc2\xae", false},
		{10, "\xcd\x8e", false},
		{11, "\xcd\x8f", true},
		{12, "\xcd\x90", false},
		{13, "\xcd\xbd", false},
		{14, "\xcd\xbe", true},
		{15, "\xcd\xbf", false},
		{16, "\xd8\x9b", false},
		{17, "\xd8\x9c", true},
		{18, "\xd8\x9d", false},
		{19, "\xe1\x85\x9e", false},
		{20, "\xe1\x85\x9f", true},
		{21, "\xe1\x85\xa0", true},
		{22, "\xe1\x85\xa1", false},
		{23, "\xe1\x99\xbf", false},
		{24, "\xe1\x9a\x80", true},
		{25, "\xe1\x9a\x81", false},
		{26, "\xe1\x9e\xb3", false},
		{27, "\xe1\x9e\xb4", true},
		{28, "\xe1\x9e\xb5", true},
		{29, "\xe1\x9e\xb6", false},
		{30, "\xe1\xa0\x8a", false},
		{31, "\xe1\xa0\x8b", true},
		{32, "\xe1\xa0\x8f", true},
		{33, "\xe1\xa0\x90", false},
		{34, "\xe1\xbf\xae", false},
		{35, "\xe1\xbf\xaf", true},
		{36, "\xe1\xbf\xb0", false},
		{37, "\xe1\xbf\xbf", false},
		{38, "\xe2\x80\x80", true},
		{39, "\xe2\x80\x8f", true},
		{40, "\xe2\x80\x90", false},
		{41, "\xe2\x80\xa3", false},
		{42, "\xe2\x80\xa4", true},
		{43, "\xe2\x80\xaf", true},
		{44, "\xe2\x80\xb0", false},
		{45, "\xe2\x81\x9e", false},
		{46, "\xe2\x81\x9f", true},
		{47, "\xe2\x81\xaf", true},
		{48, "\xe2\x81\xb0", false},
		{49, "\xe2\x83\xbf", false},
		{50, "\xe2\x84\x80", true},
		{51, "\xe2\x85\x8f", true},
		{52, "\xe2\x85\x90", false},
		{53, "\xe2\x91\x9f", false},
		{54, "\xe2\x91\xa0", true},
		{55, "\xe2\x93\xbf", true},
		{56, "\xe2\x94\x80", false},
		{57, "\xe2\x9f\xbf", false},
		{58, "\xe2\xa0\x80", true},
		{59, "\xe2\xa0\x81", false},
		{60, "\xe2\xbf\xbf", false},
		{61, "\xe3\x80\x80", true},
		{62, "\xe3\x80\x81", false},
		{63, "\xe3\x85\xa3", false},
		{64, "\xe3\x85\xa4", true},
		{65, "\xe3\x85\xa5", false},
		{66, "\xef\xb7\xbf", false},
		{67, "\xef\xb8\x80", true},
		{68, "\xef\xb8\x8f", true},
		{69, "\xef\xb8\x90", false},
		{70, "\xef\xb9\x8f", false},
		{71, "\xef\xb9\x90", true},
		{72, "\xef\xb9\xaf", true},
		{73, "\xef\xb9\xb0", false},
		{74, "\xef\xbb\xbe", false},
		{75, "\xef\xbb\xbf", true},
		{76, "\xef\xbc\x80", false},
		{77, "\xef\xbc\x81", true},
		{78, "\xef\xbd\x9e", true},
		{79, "\xef\xbd\x9f", false},
		{80, "\xef\xbe\x9f", false},
		{81, "\xef\xbe\xa0", true},
		{82, "\xef\xbe\xa1", false},
		{83, "\xef\xbf\xb8", false},
		{84, "\xef\xbf\xb9", true},
		{85, "\xef\xbf\xbb", true},
		{86, "\xef\xbf\xbc", false},
		{87, "\xef\xbf\xbd", false},
		{88, "\xef\xbf\xbe", true},
		{89, "\xef\xbf\xbf", true},
		{90, "\xf0\x90\x80\x80", false},
		{91, "\xf0\x9b\xb2\x9f", false},
		{92, "\xf0\x9b\xb2\xa0", true},
		{93, "\xf0\x9b\xb2\xa3", true},
		{94, "\xf0\x9b\xb2\xa4", false},
		{95, "\xf0\x9d\x85\xb2", false},
		{96, "\xf0\x9d\x85\xb3", true},
		{97, "\xf0\x9d\x85\xba", true},
		{98, "\xf0\x9d\x85\xbb", false},
		{99, "\xf0\x9d\x8f\xbf", false},
		{100, "\xf0\x9d\x90\x80", true},
		{101, "\xf0\x9d\x9f\xbf", true},
		{102, "\xf0\x9d\xa0\x80", false},
		{103, "\xf0\x9f\x83\xbf", false},
		{104, "\xf0\x9f\x84\x80", true},
		{105, "\xf0\x9f\x87\xbf", true},
		{106, "\xf0\x9f\x88\x80", false},
		{107, "\xf3\x9f\xbf\xbf", true},
		{108, "\xf3\xa0\x80\x80", true},
		{109, "\xf3\xa0\xbf\xbf", true},
		{110, "\xf3\xa1\x80\x80", false},
		{111, "\xef\xbc\xa0", true},
		{112, "\xef\xb9\xab", true},
		{113, "\xe2\x80\x8b", true},
		{114, "\xe2\x80\xae", true},
	};
	char text[64];
	struct addr a;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d: %s\n", row[i].n, row[i].local);
		assert_int_equal(row[i].n, i + 1);
		snprintf(text, sizeof(text), "a%s@b.example", row[i].local);
		assert_int_equal(addr_parse(text, &a, &err), row[i].refused ? ERR_USAGE : 0);
		snprintf(text, sizeof(text), "\"a%s\"@b.example", row[i].local);
		assert_int_equal(addr_parse(text, &a, &err), row[i].refused ? ERR_USAGE : 0);
		snprintf(text, sizeof(text), "a%s", row[i].local);
		assert_int_equal(addr_parse(text, &a, &err), row[i].refused ? ERR_USAGE : 0);
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
		/* What stands behind the address: a comment, and nothing else. */
		{"a@b.example", "Name <a@b.example> (work)", 1, 1},
		{"a@b.example", "<a@b.example>(work) ", 1, 1},
		{"a@b.example", "Name <a@b.example> ()", 1, 1},
		{"a@b.example", "Name <a@b.example> (x) y", 0, 0},
		{"a@b.example", "Name <a@b.example> (", 0, 0},
		{"a@b.example", "Name <a@b.example> work)", 0, 0},
		{"a@b.example", "Any <*@b.example> (all)", 0, 1},
		/* Exactly one pair of brackets: of two nobody can say which one counts. */
		{"a@b.example", "<x@y.example> <a@b.example>", 0, 0},
		{"a@b.example", "Name <a@b.example> (<x@y.example>)", 0, 0},
		{"a@b.example", "<x@y.example> (<a@b.example>)", 0, 0},
		{"a@b.example", "Name (<x@y.example>) <a@b.example>", 0, 0},
		{"a@b.example", "Name <<a@b.example>>", 0, 0},
		{"a@b.example", "Name <a@b.example>>", 0, 0},
		{"a@b.example", "Name <a@b.example", 0, 0},
		{"a@b.example", "Name > <a@b.example>", 1, 1},
		{"a@b.example", "x@y.example (<a@b.example>)", 0, 0},
		{"a@b.example", "Name <>", 0, 0},
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

static void in_zone(void **state)
{
	static const struct {
		const char *name, *zone;
		bool in;
	} row[] = {{"a.example", "a.example", true}, {"b.a.example", "a.example", true},
		{"ba.example", "a.example", false}, {"example", "a.example", false},
		{"a.example", "b.a.example", false}, {"a.example.net", "a.example", false}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s in %s\n", row[i].name, row[i].zone);
		assert_int_equal(addr_in_zone(row[i].name, row[i].zone), row[i].in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(good), cmocka_unit_test(bad),
		cmocka_unit_test(look_alikes), cmocka_unit_test(long_domain), cmocka_unit_test(uid),
		cmocka_unit_test(discoverable), cmocka_unit_test(in_zone)};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
