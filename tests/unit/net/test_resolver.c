/* SPDX-License-Identifier: ISC */
/* net/resolver: when another way is taken, and how it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/resolver.h"

/* system, local, stripped */
static const struct {
	const char *name;
	struct resolver_facts f;
	enum resolver_step want;
} known[] = {
	{"the system's resolver strips DNSSEC", {true, false, true}, RESOLVER_RECURSE},
	{"on this machine", {true, true, true}, RESOLVER_STAY_LOCAL},
	{"chosen on purpose", {false, false, true}, RESOLVER_STAY},
	{"signatures that do not fit", {true, false, false}, RESOLVER_STAY},
};

static void decisions(void **state)
{
	unsigned bits;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		print_message("# %s\n", known[i].name);
		assert_int_equal(resolver_decide(&known[i].f), known[i].want);
	}
	/* Of all there is, one combination alone asks others. */
	for (bits = 0; bits < 8; bits++) {
		struct resolver_facts f = {
			.system = bits & 1, .local = bits & 2, .stripped = bits & 4};

		assert_int_equal(resolver_decide(&f) == RESOLVER_RECURSE, bits == 5);
	}
}

static const struct {
	const char *conf;
	bool local;
} confs[] = {
	{"nameserver 192.0.2.53\n", false},
	{"nameserver 192.0.2.53", false},
	{"  nameserver\t 2001:db8::53 \nsearch example\n", false},
	{"nameserver fe80::1%eth0\n", false},
	{"nameserver 192.0.2.53 # nameserver 127.0.0.1\n#nameserver 127.0.0.1\n", false},
	{"nameserver 127.0.0.53\noptions edns0 trust-ad\n", false},
	{"nameserver 127.0.0.54\r\n", false},
	{"nameserver ::ffff:127.0.0.53\n", false},
	{"nameserver 127.0.0.1\n", true},
	{"nameserver 127.0.2.1\n", true},
	{"nameserver 127.0.0.5\n", true},
	{"nameserver 0.0.0.0\n", true},
	{"nameserver ::1\n", true},
	{"nameserver ::\n", true},
	{"nameserver ::1%lo\n", true},
	{"nameserver ::ffff:127.0.0.1\n", true},
	{"nameserver 192.0.2.53\nnameserver 127.0.0.1\n", true},
	{"nameserver 127.0.0.53\nnameserver 127.0.0.1", true},
	{"nameserver 1270.0.0.1\n", true},
	{"nameserver localhost\n", true},
	{"nameserver \n", true},
	{"nameserver "
	 "1111111111111111111111111111111111111111111111111111111111111111111111111111111111\n",
		true},
	{"nameservers 192.0.2.53\n", true},
	{"search example\n", true},
	{"", true},
};

static void name_servers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(confs) / sizeof(confs[0]); i++) {
		print_message("# %s\n", confs[i].conf);
		assert_int_equal(resolver_is_local(confs[i].conf), confs[i].local);
	}
}

/* Those that are asked, in order. */
static void servers(void **state)
{
	static const struct {
		const char *conf, *want;
	} row[] = {
		{"nameserver 192.0.2.53\nnameserver 2001:db8::53\n", "192.0.2.53 2001:db8::53 "},
		{"nameserver fe80::1%wlan0\n", "fe80::1%wlan0 "},
		{"nameserver fe80::1%2 # a router's", "fe80::1%2 "},
		{"nameserver\tfe80::1%eth0\r\nsearch x\nnameserver 127.0.0.53",
			"fe80::1%eth0 127.0.0.53 "},
		{"nameserver localhost\nnameserver 192.0.2.53\n", "192.0.2.53 "},
		{"nameserver 192.0.2.53%eth0\nnameserver %eth0\nnameserver \n", ""},
		{"#nameserver 192.0.2.53\nnameservers 192.0.2.54\n", ""},
		{"", ""},
	};
	char out[RESOLVER_SERVER_MAX], all[256];
	const char *at;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		at = row[i].conf;
		all[0] = '\0';
		for (len = 0; resolver_server(&at, out); len = strlen(all))
			snprintf(all + len, sizeof(all) - len, "%s ", out);
		assert_string_equal(all, row[i].want);
	}
}

static void words(void **state)
{
	static const char why[] = "the resolver does not pass on DNSSEC";
	char out[RESOLVER_NOTE_MAX];

	(void)state;
	resolver_why_not(RESOLVER_STAY, why, out);
	assert_string_equal(out, why);
	resolver_why_not(RESOLVER_STAY_LOCAL, why, out);
	assert_string_equal(out,
		"the resolver does not pass on DNSSEC; with a name server on this "
		"machine it is not bypassed automatically: resolver = recursive allows it");
	assert_string_equal(resolver_why_silent(false), "the resolver does not answer");
	assert_non_null(strstr(resolver_why_silent(true), "of the root"));
	resolver_why_neither(why, "nothing", out);
	assert_string_equal(
		out, "the resolver does not pass on DNSSEC, and full recursion fails: nothing");
}

static void notices(void **state)
{
	char out[RESOLVER_NOTE_MAX];

	(void)state;
	resolver_notice("", false, out);
	assert_string_equal(out, "");
	resolver_notice("", true, out);
	assert_string_equal(out, "over TCP: nothing is answered over UDP");
	resolver_notice("it sleeps", false, out);
	assert_string_equal(out, "by full recursion: it sleeps");
	resolver_notice("it sleeps", true, out);
	assert_string_equal(
		out, "by full recursion over TCP: it sleeps, and nothing is answered over UDP");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(decisions),
		cmocka_unit_test(name_servers), cmocka_unit_test(servers), cmocka_unit_test(words),
		cmocka_unit_test(notices)};

	return cmocka_run_group_tests_name("resolver", tests, NULL, NULL);
}
