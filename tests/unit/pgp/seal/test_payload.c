/* SPDX-License-Identifier: ISC */
/* structure.c, payload.c and outgoing.c: what is inside and what outside, part by part. */
#include "payload_util.h"

/* After FROM; what is wanted is the payload behind its protected header and HP-Outer fields, LF for
 * CRLF. */
static const struct {
	const char *name, *in, *head, *body;
} body_row[] = {
	{"7-bit text", "Content-Type: text/plain\n\nhello\n", "Content-Type: text/plain;\n MARK\n",
		"hello\n"},
	{"no type, ASCII", "\nhello\n", "Content-Type: text/plain; charset=us-ascii;\n MARK\n",
		"hello\n"},
	{"no type, UTF-8", "\nh\xc3\xa4\n",
		"Content-Type: text/plain; charset=utf-8;\n MARK\n"
		"Content-Transfer-Encoding: quoted-printable\n",
		"h=C3=A4\n"},
	{"no type, Latin-1", "\nh\xe4\n",
		"Content-Type: text/plain; charset=unknown-8bit;\n MARK\n"
		"Content-Transfer-Encoding: quoted-printable\n",
		"h=E4\n"},
	{"no type, cut UTF-8", "\nh\xc3",
		"Content-Type: text/plain; charset=unknown-8bit;\n MARK\n"
		"Content-Transfer-Encoding: quoted-printable\n",
		"h=C3"},
	{"empty body", "\n", "Content-Type: text/plain; charset=us-ascii;\n MARK\n", ""},
	{"no body", "", "Content-Type: text/plain; charset=us-ascii;\n MARK\n", ""},
	{"8bit label on ASCII", "Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nx\n",
		"Content-Type: text/plain;\n MARK\nContent-Transfer-Encoding: 7bit\n", "x\n"},
	{"8bit text",
		"Content-Transfer-Encoding: 8bit\nContent-Type: text/plain; "
		"charset=utf-8\n\n\xc3\xa4\n",
		"Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; "
		"charset=utf-8;\n MARK\n",
		"=C3=A4\n"},
	{"flowed", "Content-Type: text/plain; format=flowed\n\na \nb\n",
		"Content-Type: text/plain; format=flowed;\n MARK\nContent-Transfer-Encoding: "
		"quoted-printable\n",
		"a=20\nb\n"},
	{"binary", "Content-Type: application/x\nContent-Transfer-Encoding: binary\n\na\r\nb\n",
		"Content-Type: application/x;\n MARK\nContent-Transfer-Encoding: base64\n",
		"YQ0KYgo=\n"},
	{"base64 stays", "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nZm9v\n",
		"Content-Type: image/png;\n MARK\nContent-Transfer-Encoding: base64\n", "Zm9v\n"},
	{"QP stays",
		"Content-Type: text/plain\nContent-Transfer-Encoding: "
		"quoted-printable\n\na=3Db=\nc\n",
		"Content-Type: text/plain;\n MARK\nContent-Transfer-Encoding: quoted-printable\n",
		"a=3Db=\nc\n"},
	{"multipart",
		"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n"
		"pre \n--b \nContent-Type: text/plain \n\n\xc3\xa4\n--b\nContent-Type: "
		"image/x\n\n\xff\n--b--\nepi\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\nContent-Transfer-Encoding: "
		"7bit\n",
		"pre\n--b\nContent-Transfer-Encoding: quoted-printable\nContent-Type: "
		"text/plain\n\n=C3=A4\n"
		"--b\nContent-Transfer-Encoding: base64\nContent-Type: "
		"image/x\n\n/w==\n--b--\nepi\n"},
	{"parts without header",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\n\xc3\xa4\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n",
		"--b\n\nx\n--b\nContent-Transfer-Encoding: quoted-printable\n\n=C3=A4\n--b--\n"},
	{"field replaced, folded one too",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nA: b\n"
		"Content-Transfer-Encoding:\n  8bit\nC: d\n\n\xc3\xa4\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n",
		"--b\nA: b\nContent-Transfer-Encoding: quoted-printable\nC: d\n\n=C3=A4\n--b--\n"},
	{"8-bit preamble and epilogue are left out",
		"Content-Type: multipart/mixed; boundary=b\n\n\xc3\xa4\n"
		"--b\n\nx\n--b--\n\xc3\xa4\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n", "\n--b\n\nx\n--b--\n"},
	{"signed part is not touched",
		"Content-Type: multipart/mixed; boundary=b\n"
		"Content-Transfer-Encoding: 8bit\n\n--b\nContent-Type: multipart/signed; "
		"boundary=c\n\n"
		"--c\nContent-Type: text/plain \n\n\xc3\xa4 \nFrom x\n--c\n\nsig\n--c--\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\nContent-Transfer-Encoding: "
		"8bit\n",
		"--b\nContent-Type: multipart/signed; boundary=c\n\n--c\nContent-Type: text/plain "
		"\n\n\xc3\xa4 \n"
		"From x\n--c\n\nsig\n--c--\n--b--\n"},
	{"attached message is not touched",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
		"Content-Type: message/rfc822\n\nSubject: x \nContent-Type: multipart/mixed; "
		"boundary=b2\n\n"
		"--b2\n\n\xc3\xa4\n--b2--\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n",
		"--b\nContent-Type: message/rfc822\n\nSubject: x \nContent-Type: multipart/mixed; "
		"boundary=b2\n\n"
		"--b2\n\n\xc3\xa4\n--b2--\n--b--\n"},
	{"attached message of an unreadable type is not touched",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822; "
		"name=a b.eml\n\nA: \xc3\xa4 \n\nx\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n",
		"--b\nContent-Type: message/rfc822; name=\"a b.eml\"\n\nA: \xc3\xa4 \n\nx\n"
		"--b--\n"},
	{"digest's parts are messages",
		"Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: \xc3\xa4 \n\nx\n--b--\n",
		"Content-Type: multipart/digest; boundary=b;\n MARK\n",
		"--b\n\nA: \xc3\xa4 \n\nx\n--b--\n"},
	{"nested, inner delimiter missing",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
		"Content-Type: multipart/alternative; "
		"boundary=c\n\n--c\n\n\xc3\xa4\n--b\n\ny\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n",
		"--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n"
		"Content-Transfer-Encoding: quoted-printable\n\n=C3=A4\n--b\n\ny\n--b--\n"},
	{"boundary that begins like another",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
		"Content-Type: multipart/mixed; "
		"boundary=bb\n\n--bb\n\nx\n--bb--\n--b\n\ny\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n",
		"--b\nContent-Type: multipart/mixed; "
		"boundary=bb\n\n--bb\n\nx\n--bb--\n--b\n\ny\n--b--\n"},
	{"delimiter ends a header",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nA: b\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n", "--b\nA: b\n\n--b--\n"},
	{"body without blank line",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nhello \xc3\xa4\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n",
		"--b\nContent-Transfer-Encoding: quoted-printable\n\nhello =C3=A4\n--b--\n"},
	{"lines of blanks leave a header",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nA: b\n \n c\n\nx\n--b--\n",
		"Content-Type: multipart/mixed; boundary=b;\n MARK\n",
		"--b\nA: b\n c\n\nx\n--b--\n"},
};

static void bodies(void **state)
{
	struct buf in = BUF_INIT(65536);
	char *got, *crlf;
	size_t i;
	int way, rc;

	(void)state;
	for (i = 0; i < N_OF(body_row); i++) {
		for (way = 0; way < 4; way++) {
			print_message("%s (%s, %s)\n", body_row[i].name, way & 1 ? "file" : "pipe",
				way & 2 ? "CRLF" : "LF");
			/* Binary text is what its line ends are. */
			if (way & 2 && strstr(body_row[i].name, "binary"))
				continue;
			buf_reset(&in);
			buf_addf(&in, FROM "%s", body_row[i].in);
			crlf = way & 2 ? crlf_of(buf_str(&in)) : strdup(buf_str(&in));
			got = payload_of(crlf, strlen(crlf), way & 1, way ? 4096 : 1, &rc);
			assert_int_equal(rc, 0);
			check_payload(got, body_row[i].head, body_row[i].body);
			free(got);
			free(crlf);
		}
	}
	buf_free(&in);
}

static void nul_in_text(void **state)
{
	static const char in[] = FROM "Content-Type: text/plain\n\na\0b\n";
	int rc;
	char *got = payload_of(in, sizeof(in) - 1, true, 4096, &rc);

	(void)state;
	assert_int_equal(rc, 0);
	check_payload(got, "Content-Type: text/plain;\n MARK\nContent-Transfer-Encoding: base64\n",
		"YQBiCg==\n");
	free(got);
}

static void refused(void **state)
{
	static const struct {
		const char *name, *in;
	} row[] = {
		{"two boundaries", "Content-Type: multipart/mixed; boundary=b; boundary=c\n\nx\n"},
		{"two types in a part",
			"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
			"Content-Type: text/plain\nContent-Type: text/html\n\nx\n--b--\n"},
		{"two encodings in a part",
			"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
			"Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: "
			"base64\n\nx\n--b--\n"},
		{"lone CR in a part's header",
			"Content-Type: multipart/mixed; boundary=b\n\n--b\nA: b\rc\n\nx\n--b--\n"},
	};
	struct buf in = BUF_INIT(65536);
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		buf_reset(&in);
		buf_addf(&in, FROM "%s", row[i].in);
		assert_null(payload_of(buf_str(&in), in.len, true, 100, &rc));
		assert_int_equal(rc, ERR_DATA);
	}
	buf_free(&in);
}

/* n times "text" in a message of multipart/mixed, boundary b. */
static int parts(int n)
{
	struct buf in = BUF_INIT(4 << 20);
	int i, rc;

	buf_adds(&in, FROM "Content-Type: multipart/mixed; boundary=b\n\n");
	for (i = 0; i < n; i++)
		buf_adds(&in, "--b\n\nx\n");
	buf_adds(&in, "--b--\n");
	free(payload_of(buf_str(&in), in.len, true, 5000, &rc));
	buf_free(&in);
	return rc;
}

static int nested(int n)
{
	struct buf in = BUF_INIT(4 << 20);
	int i, rc;

	buf_adds(&in, FROM);
	for (i = 0; i < n; i++)
		buf_addf(&in, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	buf_adds(&in, "\nx\n");
	free(payload_of(buf_str(&in), in.len, true, 5000, &rc));
	buf_free(&in);
	return rc;
}

static void limits(void **state)
{
	(void)state;
	/* The root, and the preamble and epilogue, count too. */
	assert_int_equal(parts(STRUCTURE_PARTS_MAX - 3), 0);
	assert_int_equal(parts(STRUCTURE_PARTS_MAX - 2), ERR_DATA);
	assert_int_equal(nested(STRUCTURE_DEPTH_MAX), 0);
	assert_int_equal(nested(STRUCTURE_DEPTH_MAX + 1), ERR_DATA);
}

static int headers_of(const char *text, struct headers *x)
{
	return headers_as(text, HCP_BASELINE, HP_CIPHER, x);
}

/* RFC 9788 appendix D.1.1 and D.1.2, without the legacy display that we do not write. */
static void rfc9788_example(void **state)
{
	struct headers x;
	char *crlf;

	(void)state;
	assert_int_equal(
		headers_of(
			"Date: Wed, 11 Jan 2023 16:08:43 -0500\nFrom: Bob <bob@example.net>\n"
			"To: Alice <alice@example.net>\nSubject: Handling the Jones contract\n"
			"Message-ID: <20230111T210843Z.1234@lhp.example>\n"
			"Content-Type: text/plain; charset=\"us-ascii\"\nMIME-Version: 1.0\n\nx\n",
			&x),
		0);
	crlf = crlf_of("Date: Wed, 11 Jan 2023 16:08:43 -0500\nFrom: Bob <bob@example.net>\n"
		       "To: Alice <alice@example.net>\nSubject: Handling the Jones contract\n"
		       "Message-ID: <20230111T210843Z.1234@lhp.example>\n"
		       "Content-Type: text/plain; charset=\"us-ascii\";\n hp=\"cipher\"; "
		       "protected-headers=\"v1\"\n"
		       "MIME-Version: 1.0\n"
		       "HP-Outer: Date: Wed, 11 Jan 2023 16:08:43 -0500\nHP-Outer: From: Bob "
		       "<bob@example.net>\n"
		       "HP-Outer: To: Alice <alice@example.net>\nHP-Outer: Subject: [...]\n"
		       "HP-Outer: Message-ID: <20230111T210843Z.1234@lhp.example>\n\n");
	assert_string_equal(x.in, crlf);
	assert_string_equal(x.out,
		"Date: Wed, 11 Jan 2023 16:08:43 -0500\nFrom: Bob <bob@example.net>\n"
		"To: Alice <alice@example.net>\nSubject: [...]\n"
		"Message-ID: <20230111T210843Z.1234@lhp.example>\n");
	free(crlf);
	free(x.in);
	free(x.out);
}

static void fields(void **state)
{
	/* in: once as a field, and once more as HP-Outer if out is not NULL. */
	static const struct {
		const char *name, *text, *in, *out;
	} row[] = {
		{"Subject", "Subject: secret\n", "Subject: secret\n", "Subject: [...]\n"},
		{"empty Subject", "Subject:\n", "Subject:\n", "Subject: [...]\n"},
		{"Keywords", "Keywords: secret\n", "Keywords: secret\n", NULL},
		{"Comments", "comments: secret\n", "comments: secret\n", NULL},
		{"folding stays", "To: a@x.example,\n\tb@x.example\n",
			"To: a@x.example,\n\tb@x.example\n", "To: a@x.example,\n\tb@x.example\n"},
		{"blanks go", "To:  a@x.example, \n \n b@x.example \n",
			"To: a@x.example,\n b@x.example\n", "To: a@x.example,\n b@x.example\n"},
		{"value on the next line", "References:\n <a@x.example>\n",
			"References: <a@x.example>\n", "References: <a@x.example>\n"},
		{"raw UTF-8", "To: \xc3\xa4@x.example\n", "To: \xc3\xa4@x.example\n",
			"To: \xc3\xa4@x.example\n"},
		{"structural", "Content-Language: de\n", "Content-Language: de\n", NULL},
		{"twice", "Received: a\nReceived: b\n", "Received: a\nReceived: b\n",
			"Received: a\nReceived: b\n"},
		{"Bcc", "Bcc: secret@x.example\n", "", NULL},
		{"Bcc, blank before the colon", "bcc : secret@x.example\n", "", NULL},
		{"Resent-Bcc", "Resent-Bcc: secret@x.example\n", "", NULL},
		{"X-Sealpost", "X-Sealpost: encrypt=require\n", "", NULL},
		{"Autocrypt-Draft-State", "Autocrypt-Draft-State: x\n", "", NULL},
		{"Autocrypt-Gossip", "Autocrypt-Gossip: addr=a@x.example; keydata=x\n", "", NULL},
		{"Return-Path", "Return-Path: <a@x.example>\n", "", NULL},
		{"DKIM-Signature", "DKIM-Signature: v=1\n", "", NULL},
		{"HP-Outer", "HP-Outer: From: evil@x.example\n", "", NULL},
	};
	struct buf text = BUF_INIT(4096), want = BUF_INIT(4096);
	struct headers x;
	const char *p, *e;
	char *crlf;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		buf_reset(&text);
		buf_reset(&want);
		buf_addf(&text, FROM "%s\nx\n", row[i].text);
		assert_int_equal(headers_of(buf_str(&text), &x), 0);
		buf_addf(&want,
			FROM
			"%sContent-Type: text/plain;\n hp=\"cipher\"; protected-headers=\"v1\"\n"
			"HP-Outer: From: a@x.example\nHP-Outer: Date: d\nHP-Outer: Message-ID: "
			"<m@x.example>\n",
			row[i].in);
		for (p = row[i].out; p && *p; p = e) { /* a field, with its folded lines */
			for (e = strchr(p, '\n') + 1; *e == ' ' || *e == '\t';
				e = strchr(e, '\n') + 1)
				;
			buf_addf(&want, "HP-Outer: %.*s", (int)(e - p), p);
		}
		buf_adds(&want, "\n");
		crlf = crlf_of(buf_str(&want));
		assert_string_equal(x.in, crlf);
		buf_reset(&want);
		buf_addf(&want, FROM "%s", row[i].out ? row[i].out : "");
		assert_string_equal(x.out, buf_str(&want));
		free(crlf);
		free(x.in);
		free(x.out);
	}
	buf_free(&text);
	buf_free(&want);
}

static void missing_fields(void **state)
{
	static const char *const row[] = {"Subject: x\n\n", "From:\nDate: \nMessage-ID:\n \n\n"};
	static const char *const name[] = {"\nFrom: ", "\nDate: ", "\nMessage-ID: <"};
	struct headers x, y;
	char *p, *q;
	size_t i, j;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		assert_int_equal(headers_of(row[i], &x), 0);
		assert_true(asprintf(&p, "\n%s", x.out) > 0);
		for (j = 0; j < N_OF(name); j++) {
			q = strstr(p, name[j]);
			assert_non_null(q);
			assert_null(strstr(q + 1, name[j])); /* once */
			*strchr(q + 1, '\n') = '\0';
			/* The same inside, as a field and as HP-Outer. */
			assert_non_null(strstr(x.in, q + 1));
			assert_non_null(strstr(strstr(x.in, "HP-Outer: "), q + 1));
			q[strlen(q)] = '\n';
		}
		assert_int_equal(headers_of(row[i], &y), 0);
		assert_string_not_equal(strstr(x.out, "Message-ID"), strstr(y.out, "Message-ID"));
		free(p);
		free(x.in);
		free(x.out);
		free(y.in);
		free(y.out);
	}
}

/* A line may have 998 octets outside; HP-Outer folds what its own name makes too long. */
static void long_lines(void **state)
{
	char text[3000], *line;
	struct headers x;
	size_t n, len;

	(void)state;
	for (n = 960; n <= 1000; n++) {
		len = (size_t)snprintf(text, sizeof(text), FROM "To: ");
		memset(text + len, 'x', n);
		snprintf(text + len + n, sizeof(text) - len - n, "\n\n");
		if (n > 997) { /* with a blank before it, on a line of its own */
			assert_int_equal(headers_of(text, &x), ERR_DATA);
			continue;
		}
		assert_int_equal(headers_of(text, &x), 0);
		for (line = x.in; *line; line += strcspn(line, "\r") + 2)
			assert_true(strcspn(line, "\r") <= 998);
		for (line = x.out; *line; line += strcspn(line, "\n") + 1)
			assert_true(strcspn(line, "\n") <= 998);
		free(x.in);
		free(x.out);
	}
	len = (size_t)snprintf(text, sizeof(text), FROM "Subject: ");
	memset(text + len, 'x', 2000); /* is not seen outside */
	snprintf(text + len + 2000, sizeof(text) - len - 2000, "\n\n");
	assert_int_equal(headers_of(text, &x), 0);
	free(x.in);
	free(x.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bodies), cmocka_unit_test(nul_in_text),
		cmocka_unit_test(refused), cmocka_unit_test(limits),
		cmocka_unit_test(rfc9788_example), cmocka_unit_test(fields),
		cmocka_unit_test(missing_fields), cmocka_unit_test(long_lines)};

	return cmocka_run_group_tests_name("payload", tests, NULL, NULL);
}
