/* message.c and recipients.c: header fields, addresses (RFC 5322 appendix A), resent blocks, what
 * is refused. */
#include "mime_util.h"

#include "mime/recipients.h"

#define U_LABEL "j\xc3\xb6rg@ex\xc3\xa4mple.example"

static void addresses(void **state)
{
	static const struct {
		const char *src, *in, *out; /* NULL: does not parse */
	} row[] = {
		{"A.1.2", "\"Joe Q. Public\" <john.q.public@example.com>",
			"john.q.public@example.com"},
		{"A.1.2", "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
			"mary@x.test jdoe@example.org one@y.test"},
		{"A.1.2", "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
			"boss@nil.test sysservices@example.net"},
		{"A.1.3", "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
			"c@a.test joe@where.test jdoe@one.test"},
		{"A.1.3", "Undisclosed recipients:;", ""},
		{"A.2", "\"Mary Smith: Personal Account\" <smith@home.example>",
			"smith@home.example"},
		{"A.5", "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
			"pete@silly.test"},
		{"A.5",
			"A Group(Some people)\n     :Chris Jones <c@(Chris's "
			"host.)public.example>,\n"
			"         joe@example.org,\n  John <jdoe@one.test> (my dear friend);"
			" (the end of the group)",
			"c@public.example joe@example.org jdoe@one.test"},
		{"A.5", "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", ""},
		{"A.6.1 obs-phrase", "Joe Q. Public <john.q.public@example.com>",
			"john.q.public@example.com"},
		{"A.6.1 route, null member, CFWS",
			"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
			"mary@example.net jdoe@test.example"},
		{"A.6.3", "John Doe <jdoe@machine(comment).  example>", "jdoe@machine.example"},
		{"A.6.3 line of blanks", "Mary Smith\n  \n          <mary@example.net>",
			"mary@example.net"},
		{"RFC 5321 4.1.2", "\"Joe\\,Smith\"@example.com", "\"Joe,Smith\"@example.com"},
		{"minimum quoting", "\"hugh\"@example.com", "hugh@example.com"},
		{"at sign in quotes", "\"foo@bar\"@example.com", "\"foo@bar\"@example.com"},
		{"literal", "user@[192.0.2.1]", "user@[192.0.2.1]"},
		{"literal in list", "user@[IPv6:2001:db8::1], a@b.example",
			"user@[IPv6:2001:db8::1] a@b.example"},
		{"encoded word is a name", "=?utf-8?q?a=40b=2Eexample?= <c@d.example>",
			"c@d.example"},
		{"encoded comma", "=?utf-8?q?x=40evil=2Eexample=2C?= y@d.example", NULL},
		{"empty", "", ""},
		{"blank", " \n ", ""},
		{"only commas", ", ,", ""},
		{"U-label", U_LABEL, "j\xc3\xb6rg@xn--exmple-cua.example"},
		{"local", "root", "root"},
		{"twice", "a@b.example, <a@B.EXAMPLE>, A@b.example", "a@b.example A@b.example"},
		{"address as a name", "\"x@evil.example\" <a@b.example>", "a@b.example"},
		{"two without comma", "a@b.example c@d.example", NULL},
		{"two in brackets without comma", "x <a@b.example> <c@d.example>", NULL},
		{"words in a list", "a@b.example, garbage here", NULL},
		{"semicolon for comma", "a@b.example; c@d.example", NULL},
		{"open bracket", "<a@b.example", NULL},
		{"open bracket, last of two", "x@y.example, <a@b.example", NULL},
		{"bracket closed twice", "a@b.example>, c@d.example", NULL},
		{"two at signs", "a@b@c.example", NULL},
		{"open group", "group: a@b.example, c@d.example", NULL},
		{"nested group", "g1: g2: a@b.example; ;", NULL},
		{"open quotation", "a@b.example, \"unterminated <c@d.example>", NULL},
		{"open comment", "(unterminated a@b.example", NULL},
		{"open comment, last of two", "a@b.example, (unterminated c@d.example", NULL},
		{"empty brackets", "a@b.example, <>", NULL},
		{"comment in brackets only", "<(x)>", NULL},
		{"blanks in local part", "a b@c.example", NULL},
		{"encoded word as address", "Name <=?utf-8?q?x=40evil=2Eexample?=>",
			"=?utf-8?q?x=40evil=2Eexample?="},
		{"open literal", "a@[1.2.3.4", NULL},
		{"underscore in domain", "a@b_c.example", NULL},
		{"not UTF-8", "a\xff@b.example", NULL},
		{"option", "-oQ/tmp@b.example", NULL},
		{"colon in front", ": a@b.example;", NULL},
		{"text after comment", "<a@b.example>, trailing (comment", NULL},
	};
	struct addr_list l = {NULL, 0};
	struct buf got = BUF_INIT(1000);
	struct err err;
	size_t i, j;
	int rc;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s: %s\n", row[i].src, row[i].in);
		err = (struct err)ERR_INIT;
		rc = addresses_read(row[i].in, &l, NULL, &err);
		assert_int_equal(rc, row[i].out ? 0 : ERR_DATA);
		assert_int_equal(err.msg[0] != '\0', !row[i].out);
		buf_reset(&got);
		for (j = 0; j < l.n; j++)
			buf_addf(&got, "%s%s", j ? " " : "", l.v[j].text);
		assert_string_equal(buf_str(&got), row[i].out ? row[i].out : "");
		addr_list_free(&l);
	}
	buf_free(&got);
}

static void deep_comments(void **state)
{
	struct addr_list l = {NULL, 0};
	char in[3000];

	(void)state;
	memset(in, '(', 1000);
	memset(in + 1000, ')', 1000);
	snprintf(in + 2000, 1000, " <a@b.example>");
	assert_int_equal(addresses_read(in, &l, NULL, NULL), ERR_DATA);
	assert_int_equal(l.n, 0);
	addr_list_free(&l);
}

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
		{"named wins over hidden", "Bcc: b@x.example, d@x.example\nTo: b@x.example\n\n",
			"b@x.example", "d@x.example", "", "", false},
		{"two From mailboxes", "From: a@x.example, b@x.example\n\n", "", "", "", "", false},
		{"From does not parse", "From: a b c\nTo: b@x.example\n\n", "b@x.example", "", "",
			"", false},
		{"From is a group", "From: g: a@x.example;\n\n", "", "", "a@x.example", "", false},
		{"bad To", "To: a b\nCc: c@x.example\n\n", "c@x.example", "", "", "To", false},
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
	assert_false(m.encrypted);
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
		{"no header", "\nbody\n", 0},
		{"text", "hello\n", 0},
		{"blank first", " a: b\n\n", 0},
		{"line without colon", "A: b\nhello\n\n", 0},
		{"no name", ": b\n\n", 0},
		{"8-bit name", "\xc3\xa4: b\n\n", 0},
		{"blank in name", "A b: c\n\n", 0},
		{"NUL", "A: b\0c\n\n", 8},
		{"NUL in name", "A\0: bc\n\n", 8},
		{"lone CR", "A: b\rBcc: x@y.example\n\n", 0},
		{"lone CR at the end", "A: b\r\r\n\n", 0},
		{"two From", "From: a@x.example\nfrom: b@x.example\n\n", 0},
		{"two To", "To: a@x.example\nTo: b@x.example\n\n", 0},
		{"two To, blank before the colon", "To: a@x.example\nTo : b@x.example\n\n", 0},
		{"two Cc", "Cc: a@x.example\nCC: b@x.example\n\n", 0},
		{"two Bcc", "Bcc: a@x.example\nBcc: b@x.example\n\n", 0},
		{"two Subject", "Subject: a\nSubject: a\n\n", 0},
		{"two Date", "Date: a\nDate: a\n\n", 0},
		{"two Message-ID", "Message-ID: a\nMessage-Id: a\n\n", 0},
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
	assert_int_equal(l.n, 0);
	addr_list_free(&l);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(addresses),
		cmocka_unit_test(deep_comments), cmocka_unit_test(recipients),
		cmocka_unit_test(senders), cmocka_unit_test(fields), cmocka_unit_test(refused),
		cmocka_unit_test(limits), cmocka_unit_test(too_many_recipients)};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
