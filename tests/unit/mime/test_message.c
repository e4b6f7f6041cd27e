/* SPDX-License-Identifier: ISC */
/* message.c and recipients.c: header fields, whom they name, resent blocks, what is refused. */
#include "mime_util.h"

#include "mime/recipients.h"

static void list_text(const struct addr_list *l, struct buf *b)
{
	size_t i;

	buf_reset(b);
	for (i = 0; i < l->n; i++)
		buf_addf(b, "%s%s", i ? " " : "", l->v[i].text);
}

static void recipients(void **state)
{
	static const struct {
		const char *name, *in, *named, *hidden, *from, *bad;
		bool resent;
	} row[] = {
		{"plain",
			"From: a@x.example\nTo: b@x.example\nCc: c@x.example\nBcc: d@x.example\n\n",
			"b@x.example c@x.example", "d@x.example", "a@x.example", "", false},
		{"case and blanks", "FROM :a@x.example\nto:b@x.example\nBCC: d@x.example\n\n",
			"b@x.example", "d@x.example", "a@x.example", "", false},
		{"folded", "From: a@x.example\nTo: b@x.example,\n\tc@x.example\n\n",
			"b@x.example c@x.example", "", "a@x.example", "", false},
		{"CRLF",
			"From: a@x.example\r\nTo: b@x.example,\r\n c@x.example\r\n\r\nTo: "
			"no@x.example\r\n",
			"b@x.example c@x.example", "", "a@x.example", "", false},
		{"lines of an mbox among the fields",
			">From x Mon Jan  1 10:00:00 2026\nFrom: a@x.example\n>>From x 10:00\n"
			"To: b@x.example,\n c@x.example\nFrom x Mon Jan  1 10:00:00 2026\n"
			"Bcc: d@x.example\n\n",
			"b@x.example c@x.example", "d@x.example", "a@x.example", "", false},
		{"named wins over hidden", "Bcc: b@x.example, d@x.example\nTo: b@x.example\n\n",
			"b@x.example", "d@x.example", "", "", false},
		{"two From mailboxes", "From: a@x.example, b@x.example\n\n", "", "", "", "", false},
		{"From does not parse", "From: a b c\nTo: b@x.example\n\n", "b@x.example", "", "",
			"", false},
		{"From is a group", "From: g: a@x.example;\n\n", "", "", "a@x.example", "", false},
		{"bad To", "To: a b\nCc: c@x.example\n\n", "c@x.example", "", "", "To", false},
		{"one bad entry of To", "To: a@x.example, b b, C <c@x.example>\n\n",
			"a@x.example c@x.example", "", "", "To", false},
		{"named behind a bad entry, and in Bcc",
			"To: \"a b, c@x.example\nBcc: c@x.example\n\n", "c@x.example", "", "", "To",
			false},
		{"the bad field that stands first is told", "Cc: a b\nTo: c d\n\n", "", "", "",
			"Cc", false},
		{"undisclosed recipients", "To: Undisclosed recipients\nBcc: d@x.example\n\n", "",
			"d@x.example", "", "", false},
		{"bad Bcc", "To: c@x.example\nBcc: <\n\n", "c@x.example", "", "", "Bcc", false},
		{"empty Bcc", "To: c@x.example\nBcc:\n\n", "c@x.example", "", "", "", false},
		{"no recipients", "Subject: x\n\n", "", "", "", "", false},
		{"resent", "Resent-From: r@x.example\nResent-To: b@x.example\nTo: no@x.example\n\n",
			"b@x.example", "", "", "", true},
		{"resent, Bcc",
			"Resent-To: b@x.example\nResent-Bcc: d@x.example\nBcc: no@x.example\n\n",
			"b@x.example", "d@x.example", "", "", true},
		{"two blocks",
			"Resent-To: b@x.example\nResent-Date: x\nResent-To: no@x.example\n\n",
			"b@x.example", "", "", "", true},
		{"two blocks, trace between",
			"Resent-To: b@x.example\nReceived: x\nResent-Cc: no@x.example\n\n",
			"b@x.example", "", "", "", true},
		{"first block without recipients",
			"Resent-From: r@x.example\nReceived: x\n"
			"Resent-To: old@x.example\nTo: no@x.example\n\n",
			"", "", "", "", true},
		{"resent without recipients", "Resent-From: r@x.example\nTo: b@x.example\n\n",
			"b@x.example", "", "", "", false},
		{"bad Resent-To", "Resent-To: a b\nTo: b@x.example\n\n", "", "", "", "Resent-To",
			true},
	};
	struct buf b = BUF_INIT(1000);
	struct message m;
	struct source s;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		source_of(&s, row[i].in, strlen(row[i].in));
		assert_int_equal(message_parse(&m, &s, NULL), 0);
		list_text(&m.named, &b);
		assert_string_equal(buf_str(&b), row[i].named);
		list_text(&m.hidden, &b);
		assert_string_equal(buf_str(&b), row[i].hidden);
		assert_string_equal(m.from.text, row[i].from);
		assert_int_equal(m.bad_recipients, row[i].bad[0] != '\0');
		assert_string_equal(m.bad_field, row[i].bad);
		assert_int_equal(m.resent, row[i].resent);
		message_free(&m);
		source_close(&s);
	}
	buf_free(&b);
}

static void senders(void **state)
{
	static const struct {
		const char *in, *sender;
	} row[] = {
		{"From: a@x.example\nSender: s@x.example\n\n", "a@x.example"},
		{"From: a@x.example, b@x.example\nSender: S <s@x.example>\n\n", "s@x.example"},
		{"From: a@x.example, b@x.example\n\n", ""},
		{"From: g:;\nSender: s@x.example\n\n", "s@x.example"},
		{"Sender: s@x.example, t@x.example\n\n", ""},
		{"Resent-From: r@x.example\nResent-To: b@x.example\nFrom: a@x.example\n\n",
			"r@x.example"},
		{"Resent-From: r@x.example, q@x.example\nResent-Sender: q@x.example\n"
		 "Resent-To: b@x.example\nFrom: a@x.example\n\n",
			"q@x.example"},
		{"Resent-To: b@x.example\nReceived: x\nResent-From: old@x.example\nFrom: "
		 "a@x.example\n\n",
			""},
		{"Resent-From: r@x.example\nFrom: a@x.example\nTo: b@x.example\n\n", "a@x.example"},
	};
	struct message m;
	struct source s;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].in);
		source_of(&s, row[i].in, strlen(row[i].in));
		assert_int_equal(message_parse(&m, &s, NULL), 0);
		assert_string_equal(m.sender.text, row[i].sender);
		message_free(&m);
		source_close(&s);
	}
}

static void fields(void **state)
{
	static const char in[] =
		"A: b\nSubject :  one\r\n two\n \n\tthree \nEmpty:\nA: c\n\nBody: no\n";
	struct message m;
	struct source s;

	(void)state;
	source_of(&s, in, strlen(in));
	assert_int_equal(message_parse(&m, &s, NULL), 0);
	assert_int_equal(m.n_field, 4);
	assert_string_equal(m.field[1].name, "Subject");
	assert_string_equal(m.field[1].value, "  one\n two\n \n\tthree ");
	assert_string_equal(message_field(&m, "subject"), "  one\n two\n \n\tthree ");
	assert_string_equal(message_field(&m, "EMPTY"), "");
	assert_string_equal(message_field(&m, "a"), " b");
	assert_null(message_field(&m, "Body"));
	assert_int_equal(m.body, strstr(in, "Body") - in);
	assert_int_equal(m.field[1].start, 5);
	assert_int_equal(m.field[1].end, strstr(in, "Empty") - in);
	assert_int_equal(m.field[3].end, strstr(in, "\nBody") - in);
	message_free(&m);
	source_close(&s);
	source_of(&s, "\nNote: no\n", 10); /* no header: a blank line, and text */
	assert_int_equal(message_parse(&m, &s, NULL), 0);
	assert_int_equal(m.n_field, 0);
	assert_int_equal(m.body, 1);
	message_free(&m);
	source_close(&s);
	source_of(&s, "\r\n", 2);
	assert_int_equal(message_parse(&m, &s, NULL), 0);
	assert_int_equal(m.n_field, 0);
	assert_int_equal(m.body, 2);
	message_free(&m);
	source_close(&s);
	source_of(&s, "A: b\nC: d", 9); /* a header only, without its last line end */
	assert_int_equal(message_parse(&m, &s, NULL), 0);
	assert_int_equal(m.n_field, 2);
	assert_int_equal(m.field[1].end, 9);
	assert_int_equal(m.body, 9);
	message_free(&m);
	source_close(&s);
}

static void refused(void **state)
{
	static const struct {
		const char *name, *in;
		size_t len; /* 0: strlen */
	} row[] = {
		{"nothing", "", 0},
		{"a header behind a blank line", "\nFrom: a@x.example\n\nbody\n", 0},
		{"a hidden recipient behind blank lines", "\r\n\nbcc : a@x.example\n\nbody\n", 0},
		{"text", "hello\n", 0},
		{"blank first", " a: b\n\n", 0},
		{"line without colon", "A: b\nhello\n\n", 0},
		{"a line of an mbox before text", ">From x Mon Jan  1 10:00:00 2026\nhello\n", 0},
		{"such a line without a time", "A: b\n>From here on\n\n", 0},
		{"such a line that goes on", "A: b\n>From x 10:00\n remote from y\n\n", 0},
		{"no name", ": b\n\n", 0},
		{"8-bit name", "\xc3\xa4: b\n\n", 0},
		{"blank in name", "A b: c\n\n", 0},
		{"NUL", "A: b\0c\n\n", 8},
		{"NUL in name", "A\0: bc\n\n", 8},
		{"lone CR", "A: b\rBcc: x@y.example\n\n", 0},
		{"lone CR at the end", "A: b\r\r\n\n", 0},
		{"two From", "From: a@x.example\nfrom: b@x.example\n\n", 0},
		{"two Subject", "Subject: a\nSubject: b\n\n", 0},
		{"two Subject, one of them with a blank", "Subject: ab\nSubject: a b\n\n", 0},
		{"two Subject, the third as the first", "Subject: a\nSubject : b\nSubject: a\n\n",
			0},
		{"two Date", "Date: a\nDate: b\n\n", 0},
		{"two Message-ID", "Message-ID: a\nMessage-Id: b\n\n", 0},
		{"two MIME-Version", "MIME-Version: 1.0\nMIME-Version: 2.0\n\n", 0},
		{"two Content-Type", "Content-Type: text/plain\nContent-type: text/html\n\n", 0},
		{"two Content-Transfer-Encoding",
			"Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: 8bit\n\n", 0},
	};
	struct message m;
	struct source s;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		err = (struct err)ERR_INIT;
		source_of(&s, row[i].in, row[i].len ? row[i].len : strlen(row[i].in));
		assert_int_equal(message_parse(&m, &s, &err), ERR_DATA);
		assert_int_not_equal(err.msg[0], '\0');
		source_close(&s);
	}
}

/* Fields that stand more than once and are one all the same. */
static void repeated(void **state)
{
	static const struct {
		int n;
		const char *in;
		bool repeated; /* the last of them */
	} row[] = {
		{1, "Subject: a\nSubject: a\n\n", true},
		{2, "MIME-Version: 1.0\nX: y\nMime-Version:\n 1.0 \n\n", true},
		{3, "From: A  B <a@x.example>\nFrom: A B\n <a@x.example>\n\n", true},
		{4, "Content-Type:text/plain\ncontent-type : text/plain\n\n", true},
		{5, "Date: a\nDate: a\nDate: a\n\n", true},
		{6, "To: a@x.example\nTo: b@x.example\n\n", false},
		{7, "To: a@x.example\nTo : a@x.example\n\n", false},
		{8, "Cc: a@x.example\nCC: b@x.example\n\n", false},
		{9, "Bcc: a@x.example\nBcc: b@x.example\n\n", false},
		{10, "References: <a@x.example>\nReferences: <b@x.example>\n\n", false},
		{11, "Received: a\nReceived: a\n\n", false},
	};
	struct message m;
	struct source s;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%d: %s", row[i].n, row[i].in);
		assert_int_equal(row[i].n, i + 1);
		source_of(&s, row[i].in, strlen(row[i].in));
		assert_int_equal(message_parse(&m, &s, NULL), 0);
		assert_false(m.field[0].repeated);
		assert_int_equal(m.field[m.n_field - 1].repeated, row[i].repeated);
		message_free(&m);
		source_close(&s);
	}
}

static void limits(void **state)
{
	struct buf b = BUF_INIT(4 << 20);
	struct message m;
	struct source s;
	int i, fd, extra;

	(void)state;
	for (extra = 0; extra < 2; extra++) { /* fields */
		buf_reset(&b);
		for (i = 0; i < MESSAGE_FIELDS_MAX + extra; i++)
			buf_adds(&b, "X: y\n");
		fd = file_of(b.p, b.len);
		assert_int_equal(source_open(&s, fd, &from_pipe, NULL), 0);
		assert_int_equal(message_parse(&m, &s, NULL), extra ? ERR_DATA : 0);
		message_free(&m);
		source_close(&s);
		close(fd);
	}
	for (extra = 0; extra < 2; extra++) { /* octets, in one line */
		buf_reset(&b);
		buf_adds(&b, "X:");
		for (i = 0; i < (int)MESSAGE_HEADER_MAX - 3 + extra; i++)
			buf_addc(&b, 'x');
		buf_adds(&b, "\n\n");
		fd = file_of(b.p, b.len);
		assert_int_equal(source_open(&s, fd, &from_pipe, NULL), 0);
		assert_int_equal(message_parse(&m, &s, NULL), extra ? ERR_DATA : 0);
		if (!extra)
			assert_int_equal(strlen(message_field(&m, "X")), MESSAGE_HEADER_MAX - 3);
		message_free(&m);
		source_close(&s);
		close(fd);
	}
	buf_free(&b);
}

static void too_many_recipients(void **state)
{
	struct buf b = BUF_INIT(4 << 20);
	struct addr_list l = {NULL, 0};
	int i;

	(void)state;
	for (i = 0; i < 10000; i++)
		buf_addf(&b, "a%d@b.example,", i);
	assert_int_equal(addresses_read(buf_str(&b), &l, NULL, NULL), 0);
	assert_int_equal(l.n, 10000);
	addr_list_free(&l);
	buf_adds(&b, "one@more.example");
	assert_int_equal(addresses_read(buf_str(&b), &l, NULL, NULL), ERR_DATA);
	assert_int_equal(l.n, 10000);
	addr_list_free(&l);
	buf_free(&b);
}

#define SIGNED "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; "
#define SMIME(type) "Content-Type: application/" type "\n\n"

static void already_signed(void **state)
{
	static const struct {
		const char *name, *text;
		bool yes;
	} row[] = {
		{"1 PGP/MIME", SIGNED "boundary=b\n\n", true},
		{"2 read leniently", SIGNED "boundary=b c\n\n", true},
		{"3 S/MIME", SMIME("pkcs7-mime; smime-type=signed-data"), true},
		{"4 S/MIME by its old name", SMIME("x-pkcs7-mime; smime-type=Signed-Data"), true},
		{"5 S/MIME, encrypted", SMIME("pkcs7-mime; smime-type=enveloped-data"), false},
		{"6 no type", "Subject: x\n\n", false},
		{"7 two boundaries", SIGNED "boundary=b; boundary=c\n\n", false},
	};
	struct message m;
	struct source s;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		source_of(&s, row[i].text, strlen(row[i].text));
		assert_int_equal(message_parse(&m, &s, NULL), 0);
		assert_int_equal(m.is_signed, row[i].yes);
		message_free(&m);
		source_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(recipients), cmocka_unit_test(senders),
		cmocka_unit_test(fields), cmocka_unit_test(refused), cmocka_unit_test(repeated),
		cmocka_unit_test(limits), cmocka_unit_test(already_signed),
		cmocka_unit_test(too_many_recipients)};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
