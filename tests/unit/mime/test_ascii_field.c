/* SPDX-License-Identifier: ISC */
/*
 * ascii_field.c: raw 8-bit text of header fields becomes encoded words. Row by row; over made ones,
 * people read the same.
 */
#include "mime_util.h"

#include "base/text.h"
#include "mime/ascii_field.h"
#include "mime/words.h"

static void rows(void **state)
{
	static const struct {
		int n;
		const char *name, *in, *out;
	} row[] = {
		{1, "Subject", "plain  text,\n folded", "plain  text,\n folded"},
		{2, "Subject",
			"Gr\xc3\xbc\xc3\x9f"
			"e",
			"=?utf-8?q?Gr=C3=BC=C3=9Fe?="},
		{3, "Subject",
			"Gr\xfc\xdf"
			"e",
			"=?unknown-8bit?q?Gr=FC=DFe?="},
		{4, "Subject", "a \xc3\xa4 b", "a =?utf-8?q?=C3=A4?= b"},
		{5, "Subject", "a \xc3\xa4  \xc3\xb6 b", "a =?utf-8?q?=C3=A4__=C3=B6?= b"},
		{6, "Subject", "a \xc3\xa4\n \xc3\xb6 b", "a =?utf-8?q?=C3=A4_=C3=B6?= b"},
		{7, "Subject", "=?utf-8?q?x?= \xc3\xa4 =?utf-8?q?y?=",
			"=?utf-8?q?x?= =?utf-8?q?_=C3=A4_?= =?utf-8?q?y?="},
		{8, "Subject", "(\xc3\xa4) \"\xc3\xb6\"", "=?utf-8?q?=28=C3=A4=29_=22=C3=B6=22?="},
		{9, "X-Any", "\xc3\xa4 ", "=?utf-8?q?=C3=A4?= "},
		{10, "From", "J\xf6rg <a@x.example>", "=?unknown-8bit?q?J=F6rg?= <a@x.example>"},
		{11, "From", "J\xc3\xb6rg M. L\xc3\xb6w <a@x.example>",
			"=?utf-8?q?J=C3=B6rg?= M. =?utf-8?q?L=C3=B6w?= <a@x.example>"},
		{12, "To", "\"L\xc3\xb6w, \\\"J\\\"\" <a@x.example>, \"B, C\" <b@x.example>",
			"=?utf-8?q?L=C3=B6w=2C_=22J=22?= <a@x.example>, \"B, C\" <b@x.example>"},
		{13, "To", "a@x.example (J\xc3\xb6rg (x))",
			"a@x.example (=?utf-8?q?J=C3=B6rg_=28x=29?=)"},
		{14, "To", "Gr\xc3\xbcppe: a@x.example, B\xc3\xa4 <b@x.example>;",
			"=?utf-8?q?Gr=C3=BCppe?=: a@x.example,\n =?utf-8?q?B=C3=A4?= "
			"<b@x.example>;"},
		{15, "Cc",
			"a@b\xc3\xbc"
			"cher.example",
			"a@xn--bcher-kva.example"},
		{16, "Cc",
			"A <a@b\xc3\xbc"
			"cher.example>",
			"A <a@xn--bcher-kva.example>"},
		{17, "To", "\xc3\xa4@x.example", "\xc3\xa4@x.example"},
		{18, "To", "\xc3\x84 <\xc3\xa4@x.example>",
			"=?utf-8?q?=C3=84?= <\xc3\xa4@x.example>"},
		{19, "To", "\xe4@x.example", "=?unknown-8bit?q?=E4=40x=2Eexample?="},
		{20, "To", "A\"\xc3\xa4\"B <a@x.example>", "=?utf-8?q?A=C3=A4B?= <a@x.example>"},
		{21, "Date", "Mon, 23 Nov 2026 12:00:00 +0100 (Mitteleurop\xe4ische Zeit)",
			"Mon, 23 Nov 2026 12:00:00 +0100 (=?unknown-8bit?q?Mitteleurop=E4isch?=\n "
			"=?unknown-8bit?q?e_Zeit?=)"},
		{22, "Received", "from x (\xc3\xa4 [192.0.2.1])\n by y; Mon",
			"from x (=?utf-8?q?=C3=A4_=5B192=2E0=2E2=2E1=5D?=)\n by y; Mon"},
		{23, "Received", "from \xc3\xa4", "from =?utf-8?q?=C3=A4?="},
		{24, "Content-Type",
			"text/plain; charset=utf-8; name=\"Gr\xc3\xbc\xc3\x9f"
			"e.txt\"",
			"text/plain; charset=utf-8;\n name*=utf-8''Gr%C3%BC%C3%9Fe.txt"},
		{25, "Content-Disposition", "attachment; filename=\xe4\\b.txt; size=3",
			"attachment;\n filename*=unknown-8bit''%E4%5Cb.txt; size=3"},
		{26, "Content-Disposition",
			"attachment; "
			"filename=\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
			"\xc3\xa4\xc3\xa4\xc3\xa4.pdf\"",
			"attachment;\n "
			"filename*0*=utf-8''%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4"
			"%C3;\n filename*1*=%A4%C3%A4.pdf"},
		{27, "Content-Type", "multipart/mixed; boundary=\"\xc3\xa4\"",
			"multipart/mixed; boundary=\"\xc3\xa4\""},
		{28, "Content-Disposition", "attachment; filename*=utf-8''%20\xc3\xa4",
			"attachment;\n filename*=utf-8''%20%C3%A4"},
		{29, "Content-Type", "text/plain; \xc3\xa4=b; c=d", "text/plain; c=d"},
		{30, "Subject",
			"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f"
			"\x98\x80",
			"=?utf-8?q?=F0=9F=98=80=F0=9F=98=80=F0=9F=98=80=F0=9F=98=80?=\n "
			"=?utf-8?q?=F0=9F=98=80?="},
	};
	struct buf out = BUF_INIT(4096);
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%d: %s: %s\n", row[i].n, row[i].name, row[i].in);
		assert_int_equal(row[i].n, i + 1);
		buf_reset(&out);
		assert_int_equal(ascii_field(row[i].name, row[i].in, &out), 0);
		assert_string_equal(buf_str(&out), row[i].out);
	}
	buf_free(&out);
}

static unsigned draw(uint64_t *rng, unsigned n) /* splitmix64 */
{
	uint64_t z = (*rng += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ (z >> 31)) % n);
}

static void reads_the_same(void **state)
{
	static const char *const piece[] = {"word", " ", "  ", "\n ", "\xc3\xa4", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "=?utf-8?q?=C3=BC?=", "=?iso-8859-1?q?=FC_x?=", "=", "?", "_",
		"\"", "(", ")", ",", "<", ">", "\\", "long-word-without-any-blank-in-it"};
	struct buf in = BUF_INIT(4096), out = BUF_INIT(16384), a = BUF_INIT(16384),
		   b = BUF_INIT(16384);
	const char *p;
	uint64_t rng = 7;
	unsigned i, n;

	(void)state;
	for (i = 0; i < 100000; i++) {
		buf_reset(&in);
		buf_reset(&out);
		buf_reset(&a);
		buf_reset(&b);
		for (n = draw(&rng, 40); n > 0; n--) {
			p = piece[draw(&rng, N_OF(piece))];
			/* Encoded words stand alone. */
			buf_addf(&in, p[0] == '=' && p[1] == '?' ? " %s " : "%s", p);
		}
		assert_int_equal(ascii_field("Subject", buf_str(&in), &out), 0);
		assert_true(text_is_ascii(buf_str(&out)));
		assert_int_equal(words_decode(buf_str(&in), &a), 0);
		assert_int_equal(words_decode(buf_str(&out), &b), 0);
		if (strcmp(buf_str(&a), buf_str(&b)) != 0)
			fail_msg("%s\nbecame\n%s\nwhich is\n%s\nnot\n%s", buf_str(&in),
				buf_str(&out), buf_str(&b), buf_str(&a));
		buf_reset(&out);
		assert_int_equal(ascii_field("Content-Type", buf_str(&in), &out), 0);
		buf_reset(&out);
		assert_int_equal(ascii_field("Received", buf_str(&in), &out), 0);
		assert_true(text_is_ascii(buf_str(&out)));
		buf_reset(&out);
		assert_int_equal(ascii_field("To", buf_str(&in), &out), 0);
	}
	buf_free(&in);
	buf_free(&out);
	buf_free(&a);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows), cmocka_unit_test(reads_the_same)};

	return cmocka_run_group_tests_name("ascii_field", tests, NULL, NULL);
}
