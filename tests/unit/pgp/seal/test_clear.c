/* SPDX-License-Identifier: ISC */
/* seal.c's clear_message: the same octets, without what must not travel. */
#include "mime_util.h"

#include "pgp/seal/seal.h"

static void clear(void **state)
{
	static const struct {
		const char *name, *in, *out;
	} c[] = {
		{"Bcc", "To: a\nBcc: b,\n c\nX: y \n\nBcc: body\n", "To: a\nX: y \n\nBcc: body\n"},
		{"CRLF", "To: a\r\nbcc : b\r\n\tc\r\n\r\nx\r\ny\rz", "To: a\n\nx\ny\rz"},
		{"all of them",
			"Resent-Bcc: a\nX-Sealpost: b\nAutocrypt-Draft-State: c\nDKIM-Signature: "
			"d\n\n",
			"DKIM-Signature: d\n\n"},
		{"what tells of hidden recipients, and of folders",
			"X-Bcc: a\nX-Original-Bcc: b\nApparently-To: c\nX-Envelope-To: d\nFcc: "
			"=Sent\nGCC: e\nX-Fcc: f\nX-Sealpost-Result: clear\nTo: b\n\n",
			"To: b\n\n"},
		{"what does not", "Delivered-To: a\nX-Original-To: b\nX-Bcc2: c\n\n",
			"Delivered-To: a\nX-Original-To: b\nX-Bcc2: c\n\n"},
		{"first and last", "Bcc: a\nTo: b\nResent-Bcc: c\n\nx", "To: b\n\nx"},
		{"nothing to do", "To: a\n\n \xc3\xa4 \nFrom x\n", "To: a\n\n \xc3\xa4 \nFrom x\n"},
		{"Bcc is all", "Bcc: a", ""},
	};
	struct source src;
	struct message m;
	struct spool out;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(c); i++) {
		print_message("%s\n", c[i].name);
		source_of(&src, c[i].in, strlen(c[i].in));
		assert_int_equal(message_parse(&m, &src, NULL), 0);
		assert_int_equal(clear_message(&m, &out, NULL), 0);
		assert_true(out.memfd);
		text = text_of(out.fd, NULL);
		assert_string_equal(text, c[i].out);
		free(text);
		spool_close(&out);
		message_free(&m);
		source_close(&src);
	}
}

/* What is missing is written once: every copy has the same. */
static void complete(void **state)
{
	static const char in[] = "To: a\nDate: \nFrom: me@x.example\n\ntext\n";
	struct source src;
	struct message m;
	struct spool out[2];
	char *text[2];
	size_t i;

	(void)state;
	source_of(&src, in, strlen(in));
	assert_int_equal(message_parse(&m, &src, NULL), 0);
	assert_int_equal(message_complete(&m, NULL), 0);
	assert_string_equal(m.made.from, "");
	assert_non_null(strstr(m.made.message_id, "@x.example>"));
	for (i = 0; i < 2; i++) {
		assert_int_equal(message_complete(&m, NULL), 0);
		assert_int_equal(clear_message(&m, &out[i], NULL), 0);
		text[i] = text_of(out[i].fd, NULL);
		spool_close(&out[i]);
	}
	assert_string_equal(text[0], text[1]);
	assert_int_equal(strncmp(text[0], "Date: ", 6), 0);
	assert_non_null(strstr(text[0], m.made.date));
	assert_non_null(strstr(text[0], "\nMessage-ID: <"));
	assert_null(strstr(text[0], "Date: \n"));
	assert_non_null(strstr(text[0], "\nTo: a\nFrom: me@x.example\n\ntext\n"));
	free(text[0]);
	free(text[1]);
	message_free(&m);
	source_close(&src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(clear), cmocka_unit_test(complete)};

	return cmocka_run_group_tests_name("clear", tests, NULL, NULL);
}
