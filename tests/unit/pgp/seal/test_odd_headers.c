/* SPDX-License-Identifier: ISC */
/*
 * Headers that are odd and harmless are repaired or carried, row by row: Content-Type,
 * Content-Transfer-Encoding, long lines, fields that stand twice.
 */
#include "payload_util.h"

#define QP "Content-Transfer-Encoding: quoted-printable\n"
#define MULTI_OUT "Content-Type: multipart/mixed; boundary=b;\n MARK\n"

static const struct {
	int n;
	const char *name, *in, *head, *body;
} body_row[] = {
	{1, "Content-Type: text", "Content-Type: text\n\nhi\n",
		"Content-Type: text/plain;\n MARK\n", "hi\n"},
	{2, "no type in the field, UTF-8", "Content-Type:\n\nh\xc3\xa4\n",
		"Content-Type: text/plain; charset=utf-8;\n MARK\n" QP, "h=C3=A4\n"},
	{3, "text, not UTF-8", "Content-Type: text\n\nh\xe4\n",
		"Content-Type: text/plain; charset=unknown-8bit;\n MARK\n" QP, "h=E4\n"},
	{4, "a character set without its name", "Content-Type: text/plain; Windows-1252\n\nh\xe4\n",
		"Content-Type: text/plain; charset=windows-1252;\n MARK\n" QP, "h=E4\n"},
	{5, "no semicolon", "Content-Type: text/html charset=utf-8\n\n<p>\n",
		"Content-Type: text/html; charset=utf-8;\n MARK\n", "<p>\n"},
	{6, "boundary without quotes",
		"Content-Type: multipart/mixed; boundary=----=_Part_1\n\n------=_Part_1\n\nx\n"
		"------=_Part_1--\n",
		"Content-Type: multipart/mixed; boundary=\"----=_Part_1\";\n MARK\n",
		"------=_Part_1\n\nx\n------=_Part_1--\n"},
	{7, "boundary in pieces",
		"Content-Type: multipart/mixed;\n boundary*0*=us-ascii''ab;\n boundary*1*=cd\n\n"
		"--abcd\nContent-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: 8bit\n\nh\xc3\xa4 \n--abcd--\n",
		"Content-Type: multipart/mixed; boundary=abcd;\n MARK\n",
		"--abcd\nContent-Type: text/plain; charset=utf-8\n" QP "\nh=C3=A4=20\n--abcd--\n"},
	{8, "file name without quotes",
		"Content-Type: application/pdf; name=my file.pdf\n"
		"Content-Transfer-Encoding: base64\n\naGVsbG8=\n",
		"Content-Type: application/pdf; name=\"my file.pdf\";\n MARK\n"
		"Content-Transfer-Encoding: base64\n",
		"aGVsbG8=\n"},
	{9, "8bits, 8-bit text",
		"Content-Transfer-Encoding: 8bits\nContent-Type: text/plain\n\n\xe4\n",
		QP "Content-Type: text/plain;\n MARK\n", "=E4\n"},
	{10, "8-bit, ASCII", "Content-Transfer-Encoding: 8-bit\nContent-Type: text/plain\n\nx\n",
		"Content-Transfer-Encoding: 7bit\nContent-Type: text/plain;\n MARK\n", "x\n"},
	{11, "utf-8 as encoding",
		"Content-Transfer-Encoding: UTF-8\nContent-Type: text/plain\n\n\xc3\xa4\n",
		QP "Content-Type: text/plain;\n MARK\n", "=C3=A4\n"},
	{12, "7-bit", "Content-Transfer-Encoding: 7-Bit\nContent-Type: text/plain\n\nx\n",
		"Content-Transfer-Encoding: 7bit\nContent-Type: text/plain;\n MARK\n", "x\n"},
	{13, "7bits that is not",
		"Content-Transfer-Encoding: 7bits\nContent-Type: text/plain\n\n\xe4\n",
		QP "Content-Type: text/plain;\n MARK\n", "=E4\n"},
	{14, "unknown encoding",
		"Content-Transfer-Encoding: x-uuencode\n"
		"Content-Type: image/png\n\nbegin \nFrom x\n\xff\n",
		"Content-Transfer-Encoding: x-uuencode\nContent-Type: image/png;\n MARK\n",
		"begin \nFrom x\n\xff\n"},
	{15, "8bits around what is 7-bit",
		"Content-Transfer-Encoding: 8bits\nContent-Type: multipart/mixed; boundary=b\n\n"
		"--b\n\nx\n--b--\n",
		"Content-Transfer-Encoding: 7bit\n" MULTI_OUT, "--b\n\nx\n--b--\n"},
	{16, "8bits around what nobody may touch",
		"Content-Transfer-Encoding: 8bits\nContent-Type: multipart/mixed; boundary=b\n\n"
		"--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bits\n\n"
		"A: b\n\n\xe4\n--b--\n",
		"Content-Transfer-Encoding: 8bit\n" MULTI_OUT,
		"--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\n"
		"A: b\n\n\xe4\n--b--\n"},
	{17, "all of it in a part",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nA: b\nContent-type :\n text\n"
		"C: d\nContent-Transfer-Encoding: 8-bits\n\n\xc3\xa4\n--b--\n",
		MULTI_OUT,
		"--b\nA: b\nContent-Type: text/plain; charset=utf-8\nC: d\n" QP
		"\n=C3=A4\n--b--\n"},
	{18, "signed, protocol without quotes",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/signed; "
		"protocol=application/pgp-signature; boundary=s\n\n--s\n\n\xe4 \n--s\n\nsig\n"
		"--s--\n--b--\n",
		MULTI_OUT,
		"--b\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\";\n "
		"boundary=s\n\n--s\n\n\xe4 \n--s\n\nsig\n--s--\n--b--\n"},
	{19, "a part with two boundaries is text",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; "
		"boundary=c; boundary=d\n\n--c\n\n\xc3\xa4\n--b--\n",
		MULTI_OUT,
		"--b\n" QP "Content-Type: text/plain; charset=utf-8\n\n=2D-c\n\n"
		"=C3=A4\n--b--\n"},
	{20, "raw 8-bit in a part's header",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png; "
		"name=\"\xc3\xa4\"\nContent-Disposition: inline;\n filename=\xe4\n"
		"Content-Description:\xc3\xa4 \n \nX: y\n\nx\n--b--\n",
		MULTI_OUT,
		"--b\nContent-Type: image/png;\n name*=utf-8''%C3%A4\nContent-Disposition: "
		"inline;\n "
		"filename*=unknown-8bit''%E4\nContent-Description: =?utf-8?q?=C3=A4?=\nX: y\n\nx\n"
		"--b--\n"},
	{21, "raw 8-bit in a part's header, and an encoding",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nX: "
		"\xc3\xa4\n\n\xc3\xa4\n--b--\n",
		MULTI_OUT, "--b\n" QP "X: =?utf-8?q?=C3=A4?=\n\n=C3=A4\n--b--\n"},
	{22, "raw 8-bit in a part's header, and all of it odd",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text\nX: "
		"\xc3\xa4\n"
		"Content-Transfer-Encoding:\n 8bits\n\n\xc3\xa4\n--b--\n",
		MULTI_OUT,
		"--b\nContent-Type: text/plain; charset=utf-8\nX: =?utf-8?q?=C3=A4?=\n" QP
		"\n=C3=A4\n--b--\n"},
	{23, "raw 8-bit in Content-Type", "Content-Type: application/x; name=\"\xc3\xa4 b\"\n\nx\n",
		"Content-Type: application/x;\n name*=utf-8''%C3%A4%20b;\n MARK\n", "x\n"},
	{24, "raw 8-bit in Content-Type, without quotes",
		"Content-Type: application/x; name=\xe4 b\n\nx\n",
		"Content-Type: application/x;\n name*=unknown-8bit''%E4%20b;\n MARK\n", "x\n"},
	{25, "a part says the same twice",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n"
		"Content-Transfer-Encoding: 8bit\ncontent-type:\n text/plain\nX: y\n"
		"Content-Transfer-Encoding:8bit\nContent-Type: text/plain\n\n\xe4\n--b--\n",
		MULTI_OUT, "--b\nContent-Type: text/plain\n" QP "X: y\n\n=E4\n--b--\n"},
};

static void bodies(void **state)
{
	struct buf in = BUF_INIT(65536);
	char *got, *text;
	size_t i;
	int way, rc;

	(void)state;
	for (i = 0; i < N_OF(body_row); i++) {
		assert_int_equal(body_row[i].n, i + 1);
		for (way = 0; way < 4; way++) {
			print_message("%d: %s (%s)\n", body_row[i].n, body_row[i].name,
				way & 2 ? "CRLF" : "LF");
			buf_reset(&in);
			buf_addf(&in, FROM "%s", body_row[i].in);
			text = way & 2 ? crlf_of(buf_str(&in)) : strdup(buf_str(&in));
			got = payload_of(text, strlen(text), way & 1, way ? 4096 : 1, &rc);
			assert_int_equal(rc, 0);
			check_payload(got, body_row[i].head, body_row[i].body);
			free(got);
			free(text);
		}
	}
	buf_free(&in);
}

/* What stands outside, behind FROM. */
static void fields(void **state)
{
	static const struct {
		int n;
		const char *in, *out;
	} row[] = {
		{1, "Cc: a@x.example\nCc: b@x.example\n", "Cc: a@x.example,\n b@x.example\n"},
		{2, "To: a@x.example,\nSubject: s\nTo: B\n <b@x.example>, c@x.example\n",
			"To: a@x.example,\n B\n <b@x.example>, c@x.example\nSubject: [...]\n"},
		{3, "Cc:\nCc: b@x.example\nCc: \n", "Cc: b@x.example\n"},
		{4, "References: <a@x.example>\nReferences: <b@x.example>\n",
			"References: <a@x.example>\n <b@x.example>\n"},
		{5, "Reply-To: a@x.example,\n", "Reply-To: a@x.example,\n"},
		{6, "Reply-To: a@x.example\nreply-to: b@x.example\n",
			"Reply-To: a@x.example,\n b@x.example\n"},
		{7, "X-A: b\nX-A: b\n", "X-A: b\nX-A: b\n"},
		{8, "Subject: s\nSubject: s\n", "Subject: [...]\n"},
		{9, "To: J\xf6rg <a@x.example>\n", "To: =?unknown-8bit?q?J=F6rg?= <a@x.example>\n"},
		{10, "Resent-Date: Mon, 23 Nov 2026 12:00:00 +0100 (M\xc3\xa4Z)\n",
			"Resent-Date: Mon, 23 Nov 2026 12:00:00 +0100\n (=?utf-8?q?M=C3=A4Z?=)\n"},
		{11, "Received: from x (\xe4)\n by y\n",
			"Received: from x (=?unknown-8bit?q?=E4?=)\n by y\n"},
		{12, "Keywords: \xc3\xa4\nX-Any: \xc3\xa4\n", "X-Any: =?utf-8?q?=C3=A4?=\n"},
	};
	struct buf text = BUF_INIT(4096);
	struct headers x;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%d: %s", row[i].n, row[i].in);
		assert_int_equal(row[i].n, i + 1);
		buf_reset(&text);
		buf_addf(&text, FROM "%s\nx\n", row[i].in);
		assert_int_equal(headers_as(buf_str(&text), HCP_BASELINE, HP_CIPHER, &x), 0);
		assert_string_equal(x.out + strlen(FROM), row[i].out);
		free(x.in);
		free(x.out);
	}
	buf_free(&text);
}

/* n times the piece, in a field on one line. */
static int headers_of_many(const char *name, const char *piece, int n, struct headers *x)
{
	struct buf text = BUF_INIT(1 << 20);
	int rc;

	buf_addf(&text, FROM "%s: ", name);
	while (n-- > 0)
		buf_adds(&text, piece);
	buf_adds(&text, "x\n\nx\n");
	rc = headers_as(buf_str(&text), HCP_BASELINE, HP_CIPHER, x);
	buf_free(&text);
	return rc;
}

static size_t longest_line(const char *p)
{
	size_t len, most = 0;

	for (; *p; p += len + (p[len] == '\n')) {
		len = strcspn(p, "\n");
		most = len > most ? len : most;
	}
	return most;
}

static void long_fields(void **state)
{
	static const struct {
		int n;
		const char *name, *piece;
		size_t line; /* the longest outside; 0: refused */
	} row[] = {
		{1, "To", "aaaaaaaaaa@x.example, ", 78},
		{2, "To", "aaaaaaaaaa@x.example,", 78},
		{3, "Cc", "\"A, B\" <aaaaaaaaaa@x.example>,", 78},
		{4, "References", "<aaaaaaaaaa@x.example> ", 78},
		{5, "References", "<aaaaaaaaaa@x.example>", 78},
		{6, "In-Reply-To", "<aaaaaaaaaa@x.example> ", 78},
		{7, "X-Text", "word ", 78},
		{8, "X-Text", "word", 0},
		{9, "To", "a", 0},
		{10, "Resent-Message-ID", "<a@x.example>", 0},
	};
	struct headers x;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%d: %s %s...\n", row[i].n, row[i].name, row[i].piece);
		assert_int_equal(row[i].n, i + 1);
		if (row[i].line == 0) {
			assert_int_equal(
				headers_of_many(row[i].name, row[i].piece, 1200, &x), ERR_DATA);
			continue;
		}
		assert_int_equal(headers_of_many(row[i].name, row[i].piece, 300, &x), 0);
		assert_true(longest_line(x.out) <= row[i].line + strlen(row[i].name) + 2);
		assert_true(longest_line(x.in) <= row[i].line + strlen(row[i].name) + 20);
		free(x.in);
		free(x.out);
	}
}

static void long_autocrypt(void **state)
{
	struct buf text = BUF_INIT(1 << 16);
	struct headers x;
	char *p, *q;
	int i;

	(void)state;
	buf_adds(&text, FROM "Autocrypt: addr=a@x.example; keydata=");
	for (i = 0; i < 1000; i++)
		buf_adds(&text, "AbC/");
	buf_adds(&text, "\n\nx\n");
	assert_int_equal(headers_as(buf_str(&text), HCP_BASELINE, HP_CIPHER, &x), 0);
	assert_true(longest_line(x.out) <= 90);
	for (p = q = strstr(x.out, "keydata="); *p; p++) {
		if (!strchr(" \n", *p))
			*q++ = *p;
	}
	*q = '\0';
	assert_int_equal(strlen(strstr(x.out, "keydata=")), 8 + 4000);
	buf_free(&text);
	free(x.in);
	free(x.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bodies), cmocka_unit_test(fields),
		cmocka_unit_test(long_fields), cmocka_unit_test(long_autocrypt)};

	return cmocka_run_group_tests_name("odd_headers", tests, NULL, NULL);
}
