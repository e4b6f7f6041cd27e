/* SPDX-License-Identifier: ISC */
/* net/smtp_reply and wkd/policy_file: what servers say in lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/smtp_reply.h"
#include "wkd/policy_file.h"

static void replies(void **state)
{
	static const struct {
		const char *text;
		int length, code;
	} t[] = {
		{"220 hello\r\n", 11, 220},
		{"220\r\n", 5, 220},
		{"220-a\r\n220 b\r\n250 more", 14, 220},
		{"220 hello\n", 10, 220},
		{"220 hello", 0, 0},
		{"220-a\r\n", 0, 0},
		{"", 0, 0},
		{"220-a\r\n250 b\r\n", -1, 0},
		{"22\r\n", -1, 0},
		{"2200 x\r\n", -1, 0},
		{"SSH-2.0-x\r\n", -1, 0},
		{"\r\n", -1, 0},
		{"050 x\r\n", -1, 0},
		{"000-x\r\n250 x\r\n", -1, 0},
		{"600 x\r\n", -1, 0},
		{"250\rx\r\n", -1, 0},
	};
	struct buf in = BUF_INIT(4 * SMTP_REPLY_MAX);
	size_t i;
	int code;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_reset(&in);
		assert_int_equal(buf_adds(&in, t[i].text), 0);
		assert_int_equal(smtp_reply(&in, &code), t[i].length);
		if (t[i].length > 0)
			assert_int_equal(code, t[i].code);
	}
	/* Lines and replies without an end. */
	buf_reset(&in);
	for (i = 0; i <= SMTP_LINE_MAX; i++)
		assert_int_equal(buf_addc(&in, '2'), 0);
	assert_int_equal(smtp_reply(&in, &code), -1);
	buf_reset(&in);
	while (in.len <= SMTP_REPLY_MAX)
		assert_int_equal(buf_adds(&in, "220-x\r\n"), 0);
	assert_int_equal(smtp_reply(&in, &code), -1);
	buf_free(&in);
}

static void offers(void **state)
{
	static const char ehlo[] =
		"250-STARTTLS\r\n250-SIZE 10\r\n250-starttls\r\n250 REQUIRETLS\r\n";
	static const char none[] = "250-STARTTLS\r\n250-XSTARTTLS\r\n250-STARTTLSX\r\n250 SIZE\r\n";

	(void)state;
	assert_true(smtp_offers(ehlo, sizeof(ehlo) - 1, "STARTTLS"));
	assert_true(smtp_offers(ehlo, sizeof(ehlo) - 1, "SIZE"));
	assert_true(smtp_offers(ehlo, sizeof(ehlo) - 1, "REQUIRETLS"));
	assert_false(smtp_offers(none, sizeof(none) - 1, "STARTTLS"));
	assert_false(smtp_offers("250 STARTTLS\r\n", 14, "STARTTLS"));
}

static void policy_files(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		const char *flags;
	} t[] = {
		{"", true, ""},
		{"# nothing\r\n\r\n", true, ""},
		{"mailbox-only\nProtocol-Version: 13\r\n", true,
			"mailbox-only; protocol-version: 13"},
		{"auth-submit", true, "auth-submit"},
		{"submission-address:a@b.example\n", true, "submission-address: a@b.example"},
		{"example.org_thing: x\n", true, "example.org_thing: x"},
		{"<html>\n", false, ""},
		{"1st: x\n", false, ""},
		{"two words\n", false, ""},
		{"mailbox-only: \033[31m\n", true, "mailbox-only: \\x1b[31m"},
	};
	struct buf out = BUF_INIT(1000);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_reset(&out);
		assert_int_equal(policy_file_read(t[i].text, strlen(t[i].text), &out), t[i].ok);
		assert_string_equal(buf_str(&out), t[i].flags);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(offers),
		cmocka_unit_test(policy_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
