/* SPDX-License-Identifier: ISC */
/* hcp.c and outgoing.c: what of the header each policy shows, and how the payload is marked. */
#include "mime_headers.h"

#define FROM "From: a@x.example\nDate: d\nMessage-ID: <m@x.example>\n"

/* Behind a From, what each policy leaves outside. RFC 9788 section 3.2. */
static void policies(void **state)
{
	static const struct {
		enum hcp hcp;
		const char *in, *out;
	} row[] = {
		{HCP_BASELINE, "Date: Wed, 11 Jan 2023 16:08:43 -0500\n",
			"Date: Wed, 11 Jan 2023 16:08:43 -0500\n"},
		{HCP_SHY, "Subject: x\nKeywords: x\nComments: x\n", "Subject: [...]\n"},
		{HCP_SHY, "Date: Wed, 11 Jan 2023 16:08:43 -0500\n",
			"Date: Wed, 11 Jan 2023 21:08:43 +0000\n"},
		{HCP_SHY, "Date: Sat, 31 Dec 2022 23:30:00 -0100 (Azores)\n",
			"Date: Sun, 1 Jan 2023 00:30:00 +0000\n"},
		{HCP_SHY, "Date: Wed,11 Jan 2023 23:30:00 -0500\n",
			"Date: Thu, 12 Jan 2023 04:30:00 +0000\n"},
		{HCP_SHY, "Date: 11Jan2023 16:08:43-0500\n",
			"Date: Wed, 11 Jan 2023 21:08:43 +0000\n"},
		{HCP_SHY, "Date: Wed, 11 Jan 2023 16:08:43 CET\n",
			"Date: Wed, 11 Jan 2023 16:08:43 CET\n"},
		{HCP_SHY, "Date: yesterday\n", "Date: yesterday\n"},
		{HCP_SHY, "To: Alice <alice@example.net>, \"C, D\" <c@example.net>\n",
			"To: alice@example.net, c@example.net\n"},
		{HCP_SHY, "Cc: =?utf-8?q?J=C3=BCrgen?= <j@x.example> (his name)\n",
			"Cc: j@x.example\n"},
		{HCP_SHY, "To: The team: A <a@x.example>, b@x.example;\n",
			"To: a@x.example, b@x.example\n"},
		{HCP_SHY, "To: undisclosed-recipients:;\n", "To: undisclosed-recipients:;\n"},
		{HCP_SHY, "To: A <a@x.example>, B <broken\n", "To: A <a@x.example>, B <broken\n"},
		{HCP_SHY, "To: J\xc3\xbcrgen <j\xc3\xbcrgen@x.example>\n",
			"To: =?utf-8?q?J=C3=BCrgen?= <j\xc3\xbcrgen@x.example>\n"},
		{HCP_SHY,
			"To: A <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.example>,\n"
			" B <bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb@x.example>\n",
			"To: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.example,\n"
			" bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb@x.example\n"},
		{HCP_SHY, "Reply-To: Bob <b@x.example>\n", "Reply-To: Bob <b@x.example>\n"},
		{HCP_OFF, "Subject: x\nKeywords: y\nTo: Alice <alice@example.net>\n",
			"Subject: x\nKeywords: y\nTo: Alice <alice@example.net>\n"},
	};
	struct buf text = BUF_INIT(4096), want = BUF_INIT(4096);
	struct headers x;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s", row[i].in);
		buf_reset(&text);
		buf_reset(&want);
		buf_addf(&text, "From: Me <a@x.example>\n%s\nx\n", row[i].in);
		assert_int_equal(headers_as(buf_str(&text), row[i].hcp, HP_CIPHER, &x), 0);
		buf_addf(&want, "\nFrom: %s\n%s",
			row[i].hcp == HCP_SHY ? "a@x.example" : "Me <a@x.example>", row[i].out);
		/* Date and Message-ID, where they were missing, stand before. */
		assert_non_null(strstr(x.out, "Message-ID: "));
		assert_string_equal(strstr(x.out, "\nFrom: "), buf_str(&want));
		free(x.in);
		free(x.out);
	}
	buf_free(&text);
	buf_free(&want);
}

/* Beside a hidden Subject, what would tell it is hidden too. */
static void subject_copies(void **state)
{
	static const char handling[] = "Handling the Jones contract";
	static const struct {
		const char *name, *subject, *field, *value;
		bool tells;
	} row[] = {
		{"1 Thread-Topic", "Re: x", "Thread-Topic", "x", true},
		{"2 Old-Subject", "x", "old-subject", "y", true},
		{"3 X-Original-Subject", "x", "X-Original-Subject", "y", true},
		{"4 X-Any-Subject", "x", "X-Spam-Prev-Subject", "y", true},
		{"5 X-Subject", "x", "X-Subject", "y", true},
		{"6 a field that holds it", handling, "X-Note", "on Handling the Jones contract.",
			true},
		{"7 in other case", handling, "X-Note", "handling the jones CONTRACT", true},
		{"8 folded", handling, "X-Note", "Handling the\n Jones contract", true},
		{"9 encoded", handling, "X-Note", "=?utf-8?q?Handling_the_Jones_contract?=", true},
		{"10 the Subject encoded", "=?utf-8?b?SGFuZGxpbmcgdGhlIErDtm5lcyBjb250cmFjdA==?=",
			"X-Note", "=?iso-8859-1?q?Handling_the_J=F6nes_contract?=", true},
		{"11 without Re:", "Re: Handling the Jones contract", "X-Note", handling, true},
		{"12 without Fwd: AW:", "Fwd: AW: Handling the Jones contract", "X-Note", handling,
			true},
		{"13 eight characters", "contract", "X-Note", "a contract", true},
		{"14 seven characters", "payment", "X-Note", "a payment", false},
		{"15 eight bytes, seven characters", "paym\xc3\xa9nt", "X-Note", "a paym\xc3\xa9nt",
			false},
		{"16 a part of it", handling, "X-Note", "Handling the Jones", false},
		{"17 something else", handling, "User-Agent", "mutt", false},
		{"18 From", "Alice Jones", "From", "Alice Jones <a@x.example>", false},
		{"19 To", "Alice Jones", "To", "Alice Jones <a@x.example>", false},
		{"20 Resent-To", "Alice Jones", "Resent-To", "Alice Jones <a@x.example>", false},
		{"21 References", "contract", "References", "<contract@x.example>", false},
		{"22 no Subject", NULL, "Thread-Topic", "x", false},
		{"23 an empty Subject", "", "X-Note", "x", false},
		{"24 the field is not text", handling, "X-Note", "\xff Handling the Jones contract",
			true},
		{"25 the Subject is not UTF-8",
			"Re: Gr\xfc\xdf"
			"e aus K\xf6ln",
			"X-Note",
			"a: gr\xfc\xdf"
			"e aus K\xf6ln",
			true},
		{"26 nor another text",
			"Gr\xfc\xdf"
			"e aus K\xf6ln",
			"X-Note",
			"Gr\xfc\xdf"
			"e",
			false},
		{"27 folded with more blanks", handling, "X-Note", "Handling the\n  Jones contract",
			true},
		{"28 folded with a tab", handling, "X-Note", "Handling the\n\tJones contract",
			true},
		{"29 two blanks in the Subject", "Handling the  Jones contract", "X-Note", handling,
			true},
		{"30 raw bytes, folded",
			"Gr\xfc\xdf"
			"e aus K\xf6ln",
			"X-Note",
			"Gr\xfc\xdf"
			"e\n aus K\xf6ln",
			true},
		{"31 encoded between quotes", handling, "X-Note",
			"\"=?utf-8?q?Handling_the_Jones_contract?=\"", true},
		{"32 encoded in a comment", handling, "X-Note",
			"x (=?utf-8?q?Handling_the?= =?utf-8?q?_Jones_contract?=)", true},
		{"33 encoded behind letters, in two words", handling, "X-Note",
			"x=?utf-8?q?Handling_the?==?utf-8?q?_Jones_contract?=", true},
		{"34 encoded, and a part of it", handling, "X-Note",
			"\"=?utf-8?q?Handling_the_Jones?=\"", false},
		{"35 what only looks encoded", "is x=?y the answer", "X-Note", "is x=?y the answer",
			true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct buf text = BUF_INIT(SUBJECT_TEXT_MAX);

		print_message("%s\n", row[i].name);
		if (row[i].subject)
			assert_int_equal(hcp_subject_text(row[i].subject, &text, NULL), 0);
		assert_int_equal(hcp_tells_subject(row[i].field, row[i].value,
					 row[i].subject ? buf_str(&text) : NULL),
			row[i].tells);
		buf_free(&text);
	}
}

/* They are inside, and not outside but where the header is not protected. */
static void subject_copies_inside(void **state)
{
	static const char mail[] = FROM "Subject: s\nThread-Topic: s\nX-Bcc: h@x.example\n\nx\n";
	struct headers x;

	(void)state;
	assert_int_equal(headers_as(mail, HCP_BASELINE, HP_CIPHER, &x), 0);
	assert_non_null(strstr(x.in, "\nThread-Topic: s\r\n"));
	assert_null(strstr(x.in, "HP-Outer: Thread-Topic"));
	assert_null(strstr(x.out, "Thread-Topic"));
	assert_null(strstr(x.in, "X-Bcc"));
	assert_null(strstr(x.out, "X-Bcc"));
	free(x.in);
	free(x.out);
	assert_int_equal(headers_as(mail, HCP_OFF, HP_CIPHER, &x), 0);
	assert_non_null(strstr(x.out, "\nThread-Topic: s\n"));
	assert_null(strstr(x.out, "X-Bcc"));
	free(x.in);
	free(x.out);
	assert_int_equal(headers_as(mail, HCP_BASELINE, HP_CLEAR, &x), 0);
	assert_non_null(strstr(x.out, "\nThread-Topic: s\n"));
	free(x.in);
	free(x.out);
}

/* Raw bytes of another charset become encoded words outside, in which they are not found again. */
static void raw_subject_copies(void **state)
{
	static const char mail[] = FROM "Subject: Gr\xfc\xdf"
					"e aus K\xf6ln\nX-Note: (Gr\xfc\xdf"
					"e aus K\xf6ln)\nX-Other: Gr\xfc\xdf"
					"e\n\nx\n";
	struct headers x;

	(void)state;
	assert_int_equal(headers_as(mail, HCP_BASELINE, HP_CIPHER, &x), 0);
	assert_non_null(strstr(x.in, "\nX-Note: "));
	assert_null(strstr(x.in, "HP-Outer: X-Note"));
	assert_null(strstr(x.out, "X-Note"));
	assert_non_null(strstr(x.out, "\nX-Other: "));
	free(x.in);
	free(x.out);
}

/* Without header protection MIME's fields alone are inside, and no mark stays that somebody left
 * there. */
static void unprotected(void **state)
{
	struct headers x;

	(void)state;
	assert_int_equal(
		headers_as(FROM
			"Subject: s\nContent-Type: text/plain; hp=\"cipher\"; charset=utf-8;\n"
			" protected-headers=v1\nContent-Language: de\nMIME-Version: 1.0\n\nx\n",
			HCP_OFF, HP_CIPHER, &x),
		0);
	assert_string_equal(x.in,
		"Content-Type: text/plain; charset=utf-8\r\nContent-Language: de\r\n"
		"MIME-Version: 1.0\r\n\r\n");
	assert_string_equal(x.out, FROM "Subject: s\n");
	free(x.in);
	free(x.out);
}

/* Signed only: the header is inside as well, hidden is nothing (RFC 9788 sections 2.1.1 and 2.2).
 */
static void signed_only(void **state)
{
	struct headers x;

	(void)state;
	assert_int_equal(
		headers_as(FROM "Subject: s\nKeywords: k\n\nx\n", HCP_SHY, HP_CLEAR, &x), 0);
	assert_non_null(strstr(x.in, "Subject: s\r\nKeywords: k\r\nContent-Type: text/plain;\r\n"
				     " hp=\"clear\"; protected-headers=\"v1\"\r\n\r\n"));
	assert_null(strstr(x.in, "HP-Outer"));
	assert_string_equal(x.out, FROM "Subject: s\nKeywords: k\n");
	free(x.in);
	free(x.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(policies),
		cmocka_unit_test(subject_copies), cmocka_unit_test(subject_copies_inside),
		cmocka_unit_test(raw_subject_copies), cmocka_unit_test(unprotected),
		cmocka_unit_test(signed_only)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
