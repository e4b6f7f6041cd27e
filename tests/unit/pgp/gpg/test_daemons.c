/* SPDX-License-Identifier: ISC */
/*
 * pgp/gpg/daemons.c, pgp/cert/secret_keys.c: the agent's keys by one socket, as where seccomp is
 * there; and by the agent's own place, as where it is not. With the real gpg and its agent.
 */
#include "answered_syscall.h"
#include "direct_agent.h"
#include "gpg_keys.h"

#include <linux/seccomp.h>

#include "pgp/cert/secret_keys.h"

static char fpr[CERT_FPR_MAX], agent[FILE_PATH_MAX];

static void both_ways(void **state)
{
	static const struct {
		const char *name;
		bool no_seccomp;
	} rows[] = {{"by one socket", false}, {"by the agent's place", true}};
	struct gpg_daemons *d = agent_at(agent);
	struct secret_keys keys;
	struct gpg_home home;
	struct err err = ERR_INIT;
	char path[FILE_PATH_MAX], conf[FILE_PATH_MAX + 64];
	int socket;
	size_t i;

	(void)state;
	/* What is asked whether there is seccomp. */
	answered.number = SYS_seccomp;
	answered.first = SECCOMP_GET_ACTION_AVAIL;
	answered.answer = -1;
	snprintf(conf, sizeof(conf), "no-default-keyring\nkeyring %s/pubring.kbx\n", keys_home);
	for (i = 0; i < 2; i++) {
		print_message("%s\n", rows[i].name);
		answered.on = rows[i].no_seccomp;
		assert_int_equal(gpg_home_make(&home, conf, &err), 0);
		assert_int_equal(daemons_connect_home(d, &home, &socket, &err), 0);
		assert_int_equal(socket > 0, !rows[i].no_seccomp);
		assert_int_equal(path_join(path, home.path, "S.gpg-agent"), 0);
		assert_int_equal(access(path, F_OK) == 0, rows[i].no_seccomp);
		if (socket > 0)
			close(socket);
		memset(&keys, 0, sizeof(keys));
		assert_int_equal(secret_keys_list(&keys, &home, d, 20000, &err), 0);
		assert_int_equal(keys.n, 2);
		assert_int_equal(keys.n_primary, 1);
		assert_string_equal(keys.primary[0], fpr);
		assert_true(secret_keys_have(&keys, fpr));
		secret_keys_free(&keys);
		gpg_home_remove(&home);
	}
	answered.on = false;
}

/* What gpg prints, and what is made of it. */
static void listings(void **state)
{
	static const char a[] = "0123456789012345678901234567890123456789",
			  b[] = "ABCDEF0123456789012345678901234567890123";
	static const struct {
		const char *name, *text;
		size_t n, n_primary;
		bool a, b;
	} rows[] = {
		{"1 nothing", "", 0, 0, false, false},
		{"2 both here",
			"sec:u:255:22:X:1:::u:::scESC:::+::ed25519:::0:\nfpr:::::::::A:\ngrp"
			":::::::::G:\nuid:u::::1::H::x::::::::::0:\nssb:u:255:18:Y:1::::::e:::"
			"+::cv25519::\nfpr:::::::::B:\n",
			2, 1, true, true},
		{"3 the primary key is elsewhere",
			"sec:u:255:22:X:1:::u:::scESC:::#::ed25519:::0:\nfpr:::::::::A:\nssb:u:255:"
			"18:Y:1::::::e:::+::cv25519::\nfpr:::::::::B:\n",
			2, 1, false, true},
		{"4 on a card",
			"sec:u:255:22:X:1:::u:::scESC:::D276000124010::x:::0:\nfpr:::::::::A:"
			"\n",
			1, 1, true, false},
		{"5 a subkey before any key", "fpr:::::::::A:\nssb:u:255:18:Y\nfpr:::::::::B:\n", 1,
			0, false, true},
		{"6 cut short", "sec:u", 1, 0, false, false},
		{"7 no fingerprint of a key", "sec:\nfpr:::::::::x y:\n", 1, 0, false, false},
		{"8 only the first fingerprint", "sec:u:1:1:X\nfpr:::::::::A:\nfpr:::::::::B:\n", 1,
			1, true, false},
	};
	struct secret_keys keys;
	char text[1024];
	const char *p;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		for (p = rows[i].text, n = 0; *p; p++) {
			const bool name = p > rows[i].text && p[-1] == ':' && p[1] == ':';

			n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s",
				name && *p == 'A'   ? 40
				: name && *p == 'B' ? 40
						    : 1,
				name && *p == 'A'   ? a
				: name && *p == 'B' ? b
						    : p);
		}
		text[n] = '\0';
		memset(&keys, 0, sizeof(keys));
		assert_int_equal(secret_keys_read(&keys, text, NULL), 0);
		assert_int_equal(keys.n, rows[i].n);
		assert_int_equal(keys.n_primary, rows[i].n_primary);
		assert_null(keys.primary[keys.n_primary]);
		assert_int_equal(secret_keys_have(&keys, a), rows[i].a);
		assert_int_equal(secret_keys_have(&keys, b), rows[i].b);
		secret_keys_free(&keys);
	}
}

static int setup(void **state)
{
	(void)state;
	keys_start();
	keys_make("Me <me@example.org>", NULL, "never", true, fpr);
	keys_agent(agent);
	return gpg_init(NULL);
}

static int teardown(void **state)
{
	(void)state;
	keys_stop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(listings), cmocka_unit_test(both_ways)};

	return cmocka_run_group_tests_name("daemons", tests, setup, teardown);
}
