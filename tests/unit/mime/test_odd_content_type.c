/* SPDX-License-Identifier: ISC */
/*
 * Content-Type as mail programs write it against the standard: what is read, and what it should
 * have been. Row by row; over made ones, what is written reads the same again.
 */
#include "mime_util.h"

#include "mime/ctype.h"

/* fixed: NULL where the value is as it should be. */
static const struct {
	int n;
	const char *in, *fixed, *boundary;
} row[] = {
	{1, "text/plain", NULL, ""},
	{2, " Text/Plain; charset=utf-8 (c); format=flowed", NULL, ""},
	{3, "text", "text/plain", ""},
	{4, "", "text/plain", ""},
	{5, " \n ", "text/plain", ""},
	{6, "text/", "text/plain", ""},
	{7, "/plain", "text/plain", ""},
	{8, "html", "text/plain", ""},
	{9, "text; charset=iso-8859-1", "text/plain; charset=iso-8859-1", ""},
	{10, "text charset=iso-8859-1", "text/plain; charset=iso-8859-1", ""},
	{11, "image", "application/octet-stream", ""},
	{12, "application; name=x.bin", "application/octet-stream; name=x.bin", ""},
	{13, "message", "message/rfc822", ""},
	{14, "multipart; boundary=b", "multipart/mixed; boundary=b", "b"},
	{15, "text/plain; Windows-1252", "text/plain; charset=windows-1252", ""},
	{16, "text/plain; Windows-1252; charset=utf-8", "text/plain; charset=utf-8", ""},
	{17, "text/plain; no-such-word", "text/plain", ""},
	{18, "image/png; utf-8", "image/png", ""},
	{19, "text/html charset=utf-8", "text/html; charset=utf-8", ""},
	{20, "text/html charset=utf-8; format=flowed", "text/html; charset=utf-8; format=flowed",
		""},
	{21, "text/html; charset=utf-8 format=flowed", "text/html; charset=utf-8; format=flowed",
		""},
	{22, "text/plain, charset=utf-8", "text/plain; charset=utf-8", ""},
	{23, "multipart/mixed boundary=\"b\"", "multipart/mixed; boundary=b", "b"},
	{24, "multipart/mixed; boundary=----=_Part_1", "multipart/mixed; boundary=\"----=_Part_1\"",
		"----=_Part_1"},
	{25, "multipart/mixed; boundary=a b;x=y", "multipart/mixed; boundary=\"a b\"; x=y", "a b"},
	{26, "multipart/mixed; boundary=<a@b.example>",
		"multipart/mixed; boundary=\"<a@b.example>\"", "<a@b.example>"},
	{27, "multipart/mixed; boundary=\"b", "multipart/mixed; boundary=b", "b"},
	{28, "multipart/mixed; boundary=b=\n", "multipart/mixed; boundary=\"b=\"", "b="},
	{29, "multipart/signed; protocol=application/pgp-signature; boundary=b",
		"multipart/signed; protocol=\"application/pgp-signature\";\n boundary=b", "b"},
	{30, "application/pdf; name=my file.pdf", "application/pdf; name=\"my file.pdf\"", ""},
	{31, "application/pdf; name=file(1).pdf", "application/pdf; name=\"file(1).pdf\"", ""},
	{32, "application/pdf; name=a b.pdf (c)", "application/pdf; name=\"a b.pdf\"", ""},
	{33, "application/pdf; name=a\n b.pdf", "application/pdf; name=\"a b.pdf\"", ""},
	{34, "application/pdf; name=\"x.pdf", "application/pdf; name=x.pdf", ""},
	{35, "application/pdf; name=a\"b\\c.pdf", "application/pdf; name=\"a\\\"b\\\\c.pdf\"", ""},
	{36, "application/pdf; name=", NULL, ""},
	{37, "text/plain; charset = utf-8 ; =x; y", "text/plain; charset=utf-8", ""},
	{38, "text/plain (an open comment", "text/plain", ""},
	{39, "text/plain; charset=utf-8 (an open comment", "text/plain; charset=utf-8", ""},
	{40, "=?utf-8?q?text?=/plain", "text/plain", ""},
	{41, "text/x\"y; charset=utf-8", "text/plain; charset=utf-8", ""},
	{42, "multipart/mixed; boundary*0*=us-ascii''ab;\n boundary*1*=cd",
		"multipart/mixed; boundary=abcd", "abcd"},
	{43, "multipart/mixed; boundary*0=ab; boundary*1=\"c d\"",
		"multipart/mixed; boundary=\"abc d\"", "abc d"},
	{44, "multipart/mixed; boundary*1=cd; boundary*0=ab", "multipart/mixed; boundary=abcd",
		"abcd"},
	{45, "multipart/mixed; boundary*=utf-8'en'a%3Db", "multipart/mixed; boundary=\"a=b\"",
		"a=b"},
	{46, "multipart/mixed; boundary*0=ab; boundary*2=cd", "multipart/mixed; boundary=ab", "ab"},
	{47, "multipart/mixed; boundary=x; boundary*0=ab", "multipart/mixed; boundary=x", "x"},
	{48, "multipart/mixed; boundary=\"a\\b\"", "multipart/mixed; boundary=ab", "ab"},
	{49, "multipart/mixed; boundary=b; BOUNDARY=b", "multipart/mixed; boundary=b", "b"},
	{50, "application/pkcs7-mime; smime-type=signed-data; smime-type=enveloped-data",
		"application/pkcs7-mime; smime-type=signed-data", ""},
	{51, "text/plain; charset=a b; charset=c", "text/plain; charset=\"a b\"", ""},
	{52, "application/x; name*0*=utf-8''%C3%A4; name*1=b", NULL, ""},
	{53, "application/pdf; name*=utf-8''%C3%A4; x=a b",
		"application/pdf; name*=utf-8''%C3%A4; x=\"a b\"", ""},
	{54, "multipart/alternative; differences=Content-Type; boundary=aaaaaaaaaaaaaaaaaaaa b",
		"multipart/alternative; differences=Content-Type;\n "
		"boundary=\"aaaaaaaaaaaaaaaaaaaa b\"",
		"aaaaaaaaaaaaaaaaaaaa b"},
	{55,
		"application/"
		"vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition+xml; name=x",
		NULL, ""},
};

static const char *const ambiguous[] = {"multipart/mixed; boundary=a; boundary=b",
	"multipart/mixed; boundary=a; boundary=\"A\"", "multipart/mixed; boundary=a b; boundary=a"};

static void rows(void **state)
{
	struct buf fixed = BUF_INIT(4096);
	struct ctype ct;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%d: %s\n", row[i].n, row[i].in);
		assert_int_equal(row[i].n, i + 1);
		buf_reset(&fixed);
		rc = ctype_read(row[i].in, &ct, &fixed);
		assert_string_equal(buf_str(&fixed), row[i].fixed ? row[i].fixed : "");
		assert_int_equal(rc, row[i].fixed != NULL);
		assert_string_equal(ct.boundary, row[i].boundary);
	}
	for (i = 0; i < N_OF(ambiguous); i++) {
		print_message("%s\n", ambiguous[i]);
		assert_int_equal(ctype_read(ambiguous[i], &ct, &fixed), -1);
		assert_string_equal(ct.type, "");
	}
	buf_free(&fixed);
}

static void limits(void **state)
{
	struct buf in = BUF_INIT(1 << 20), fixed = BUF_INIT(1 << 20);
	struct ctype ct;
	int i;

	(void)state;
	buf_adds(&in, "multipart/mixed; boundary==");
	for (i = 0; i < CTYPE_BOUNDARY_MAX - 1; i++)
		buf_addc(&in, 'b');
	assert_int_equal(ctype_read(buf_str(&in), &ct, &fixed), 1);
	assert_int_equal(strlen(ct.boundary), CTYPE_BOUNDARY_MAX);
	buf_addc(&in, 'b');
	assert_int_equal(ctype_read(buf_str(&in), &ct, &fixed), -1);
	buf_reset(&in);
	buf_adds(&in, "text/plain; x=");
	for (i = 0; i < 1000; i++)
		buf_addc(&in, '(');
	buf_reset(&fixed);
	assert_int_equal(ctype_read(buf_str(&in), &ct, &fixed), 1);
	buf_reset(&in);
	buf_adds(&in, "text/plain ");
	for (i = 0; i < 1000; i++)
		buf_addc(&in, '(');
	assert_int_equal(ctype_read(buf_str(&in), &ct, &fixed), -1);
	/* Pieces without number cost no time. */
	buf_reset(&in);
	buf_adds(&in, "multipart/mixed");
	for (i = 0; i < 20000; i++)
		buf_addf(&in, "; boundary*%d=\"\"", i);
	buf_reset(&fixed);
	assert_int_equal(ctype_read(buf_str(&in), &ct, &fixed), 1);
	assert_string_equal(buf_str(&fixed), "multipart/mixed");
	buf_free(&in);
	buf_free(&fixed);
}

static unsigned draw(uint64_t *rng, unsigned n) /* splitmix64 */
{
	uint64_t z = (*rng += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ (z >> 31)) % n);
}

/* What is written is what all read alike, and says the same. */
static void stays(void **state)
{
	static const char *const piece[] = {"text", "/", "plain", "multipart", "mixed", ";", "; ",
		" ", "\n ", "\"", "\\", "=", "charset", "boundary", "boundary*0", "boundary*0*",
		"boundary*1", "protocol", "name", "utf-8", "us-ascii''", "%41", "%", "(", ")", "a",
		"b c", "<>", "@", ",", "\xc3\xa4", "--", "'", "*", "windows-1252"};
	struct buf in = BUF_INIT(4096), once = BUF_INIT(16384), twice = BUF_INIT(16384);
	struct ctype a, b;
	uint64_t rng = 1;
	unsigned i, n;
	int rc;

	(void)state;
	for (i = 0; i < 300000; i++) {
		buf_reset(&in);
		buf_reset(&once);
		buf_adds(&in, i % 3 ? "multipart/mixed; " : "");
		for (n = draw(&rng, 20); n > 0; n--)
			buf_adds(&in, piece[draw(&rng, N_OF(piece))]);
		rc = ctype_read(buf_str(&in), &a, &once);
		if (rc != 1)
			continue;
		buf_reset(&twice);
		if (ctype_read(buf_str(&once), &b, &twice) !=
			(strchr(a.boundary, '"') || strchr(a.boundary, '\\') ||
				strchr(a.protocol, '"') || strchr(a.protocol, '\\')))
			fail_msg("%s\nbecame\n%s\nand\n%s", buf_str(&in), buf_str(&once),
				buf_str(&twice));
		assert_memory_equal(&a.type, &b.type, strlen(a.type) + 1);
		assert_string_equal(a.subtype, b.subtype);
		assert_string_equal(a.boundary, b.boundary);
		assert_string_equal(a.protocol, b.protocol);
	}
	buf_free(&in);
	buf_free(&once);
	buf_free(&twice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows), cmocka_unit_test(limits), cmocka_unit_test(stays)};

	return cmocka_run_group_tests_name("odd_content_type", tests, NULL, NULL);
}
