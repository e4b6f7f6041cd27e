/* seal.c's clear_message: the same octets, without what must not travel. */
#include "mime_util.h"

#include "pgp/mime/seal.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(clear)};

	return cmocka_run_group_tests_name("clear", tests, NULL, NULL);
}
