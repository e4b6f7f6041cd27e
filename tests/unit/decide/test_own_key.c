/* SPDX-License-Identifier: ISC */
/* own_key.c: the sender's own key is missing, or of no use any more, and what that means for a
 * mail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decide/own_key.h"

static void decided(void **state)
{
	/* key; mail can be sealed to it, sign-key, sign = always, sent */
	static const struct {
		const char *name;
		struct own_key_facts f;
		enum own_key_act act;
	} rows[] = {
		{"1 usable", {OWN_USABLE, true, false, false, false}, OWN_SIGN},
		{"2 usable, named, always, sent", {OWN_USABLE, true, true, true, true}, OWN_SIGN},
		{"3 it signs only", {OWN_USABLE, false, true, true, false}, OWN_SIGN},
		{"4 it signs only, sent", {OWN_USABLE, false, false, false, true}, OWN_REFUSE},
		{"5 missing", {OWN_MISSING, false, false, false, false}, OWN_UNSIGNED},
		{"6 missing, always", {OWN_MISSING, false, false, true, false}, OWN_UNSIGNED},
		{"7 missing, named", {OWN_MISSING, false, true, false, false}, OWN_REFUSE},
		{"8 missing, sent", {OWN_MISSING, false, false, false, true}, OWN_REFUSE},
		{"9 expired", {OWN_EXPIRED, false, false, false, false}, OWN_UNSIGNED_SAID},
		{"10 expired, named", {OWN_EXPIRED, false, true, false, false}, OWN_REFUSE},
		{"11 expired, always", {OWN_EXPIRED, false, false, true, false}, OWN_REFUSE},
		{"12 expired, sent", {OWN_EXPIRED, false, false, false, true}, OWN_REFUSE},
		{"13 its signing part expired", {OWN_SUBKEY_EXPIRED, false, false, false, false},
			OWN_UNSIGNED_SAID},
		{"14 the same, always", {OWN_SUBKEY_EXPIRED, false, false, true, false},
			OWN_REFUSE},
		{"15 the same, sent", {OWN_SUBKEY_EXPIRED, true, false, false, true}, OWN_REFUSE},
		{"16 revoked", {OWN_REVOKED, false, false, false, false}, OWN_UNSIGNED_SAID},
		{"17 revoked, named", {OWN_REVOKED, false, true, false, false}, OWN_REFUSE},
		{"18 revoked, always", {OWN_REVOKED, false, false, true, false}, OWN_REFUSE},
		{"19 revoked, sent", {OWN_REVOKED, false, false, false, true}, OWN_REFUSE},
		{"20 cannot sign", {OWN_UNFIT, false, false, false, false}, OWN_UNSIGNED_SAID},
		{"21 cannot sign, named", {OWN_UNFIT, false, true, false, false}, OWN_REFUSE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(own_key_decide(&rows[i].f), rows[i].act);
	}
}

/* What a person is told to do differs with the state; every state has words. */
static void told(void **state)
{
	static const struct {
		struct signer_found found;
		const char *hint;
	} rows[] = {
		{{OWN_MISSING, ""}, "gpg --list-secret-keys"},
		{{OWN_EXPIRED, "FPR", {true, "", ""}}, "gpg --quick-set-expire FPR 2y"},
		{{OWN_EXPIRED, "FPR", {true, "", "ENC"}},
			"gpg --quick-set-expire FPR 2y && gpg --quick-set-expire FPR 2y ENC"},
		{{OWN_EXPIRED, "FPR", {true, "SIG", "ENC"}},
			"gpg --quick-set-expire FPR 2y && gpg --quick-set-expire FPR 2y SIG ENC"},
		{{OWN_SUBKEY_EXPIRED, "FPR", {false, "SIG", ""}},
			"gpg --quick-set-expire FPR 2y SIG"},
		{{OWN_SUBKEY_EXPIRED, "FPR", {false, "SIG", "ENC"}},
			"gpg --quick-set-expire FPR 2y SIG ENC"},
		{{OWN_REVOKED, "FPR", {false, "SIG", "ENC"}}, "gpg --list-secret-keys"},
		{{OWN_UNFIT, "FPR", {false, "", "ENC"}}, "gpg --list-secret-keys"},
		{{OWN_USABLE, "FPR", {false, "", "ENC"}, {true, "SIG", "ENC"}},
			"gpg --quick-set-expire FPR 2y ENC"},
		{{OWN_USABLE, "FPR", {false, "", ""}, {true, "", ""}},
			"gpg --quick-set-expire FPR 2y"},
		{{OWN_USABLE, "FPR", {false, "", ""}, {false, "SIG", ""}},
			"gpg --quick-set-expire FPR 2y SIG"},
		{{OWN_USABLE, "FPR", {false, "", ""}, {true, "SIG", "ENC"}},
			"gpg --quick-set-expire FPR 2y && gpg --quick-set-expire FPR 2y SIG ENC"},
		{{OWN_USABLE, "FPR"}, "gpg --list-secret-keys"},
	};
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err_set(&err, ERR_CONFIG, "x");
		own_key_hint(&err, &rows[i].found);
		assert_string_equal(err.hint, rows[i].hint);
		assert_int_equal(own_key_state(rows[i].found.key)[0] == '\0',
			rows[i].found.key == OWN_USABLE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(decided), cmocka_unit_test(told)};

	return cmocka_run_group_tests_name("own_key", tests, NULL, NULL);
}
