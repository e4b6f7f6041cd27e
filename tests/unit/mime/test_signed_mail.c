/* SPDX-License-Identifier: ISC */
/* The two parts of a signed mail: the very bytes that are signed. */
#include "mime_util.h"

#include "mime/signed_mail.h"

#define HEAD                                                                                       \
	"From: a@b.example\nContent-Type: multipart/signed; "                                      \
	"protocol=\"application/pgp-signature\"; boundary=\"b\"\n\n"
#define PART "Content-Type: text/plain\n\nhello  \n\nbye\n"
#define DATA "Content-Type: text/plain\r\n\r\nhello  \r\n\r\nbye"
#define SIG "Content-Type: application/pgp-signature\n\n=sig=\n"

static int open_text(const char *text, struct source *src)
{
	int fd = file_of(text, strlen(text));

	assert_int_equal(source_open(src, fd, &from_pipe, NULL), 0);
	return fd;
}

static void bytes_that_are_signed(void **state)
{
	static const struct {
		const char *name, *mail;
		int want;
		const char *data;
	} row[] = {
		{"plain", HEAD "--b\n" PART "--b\n" SIG "--b--\n", 1, DATA},
		{"a preamble and an epilogue", HEAD "x\n--b\n" PART "--b\n" SIG "--b--\ny\n", 1,
			DATA},
		{"blanks behind the delimiters", HEAD "--b \n" PART "--b\t\n" SIG "--b-- \n", 1,
			DATA},
		{"an empty line at its end", HEAD "--b\n" PART "\n--b\n" SIG "--b--\n", 1,
			DATA "\r\n"},
		{"a line that begins like a delimiter",
			HEAD "--b\n" PART "--bc\n--b\n" SIG "--b--\n", 1, DATA "\r\n--bc"},
		{"nothing is signed", HEAD "--b\n--b\n" SIG "--b--\n", 1, ""},
		{"one part", HEAD "--b\n" PART "--b--\n", ERR_DATA, NULL},
		{"three parts", HEAD "--b\n" PART "--b\n" SIG "--b\n" PART "--b--\n", ERR_DATA,
			NULL},
		{"cut short", HEAD "--b\n" PART "--b\n" SIG, ERR_DATA, NULL},
		{"no part", HEAD "text\n", ERR_DATA, NULL},
		{"of S/MIME",
			"From: a@b.example\nContent-Type: multipart/signed; boundary=b; "
			"protocol=\"application/pkcs7-signature\"\n\n--b\n" PART "--b\n" SIG
			"--b--\n",
			0, NULL},
		{"not signed", "From: a@b.example\n\n--b\n" PART, 0, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf data = BUF_INIT(1000), sig = BUF_INIT(1000);
		struct source src;
		struct message m;
		int rc, fd = open_text(row[i].mail, &src);

		assert_int_equal(message_parse(&m, &src, NULL), 0);
		rc = signed_mail(&m, &data, &sig, NULL);
		if (rc != row[i].want || (rc == 1 && (strcmp(buf_str(&data), row[i].data) != 0 ||
							     !strstr(buf_str(&sig), "=sig="))))
			fail_msg("%s: %d: %s: %s", row[i].name, rc, buf_str(&data), buf_str(&sig));
		message_free(&m);
		source_close(&src);
		close(fd);
		buf_free(&data);
		buf_free(&sig);
	}
}

static void what_does_not_fit(void **state)
{
	struct buf data = BUF_INIT(20), sig = BUF_INIT(1000);
	struct source src;
	struct message m;
	int fd = open_text(HEAD "--b\n" PART "--b\n" SIG "--b--\n", &src);

	(void)state;
	assert_int_equal(message_parse(&m, &src, NULL), 0);
	assert_int_equal(signed_mail(&m, &data, &sig, NULL), ERR_DATA);
	message_free(&m);
	source_close(&src);
	close(fd);
	buf_free(&data);
	buf_free(&sig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_that_are_signed),
		cmocka_unit_test(what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
