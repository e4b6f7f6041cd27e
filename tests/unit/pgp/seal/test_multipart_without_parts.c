/* SPDX-License-Identifier: ISC */
/*
 * A multipart without any part, because its boundary is not named or never occurs, is carried whole
 * as one text: row by row; over made ones GMime reads the body again as it was written.
 */
#include "payload_util.h"

#include "mime_compare.h"

#define MULTI "Content-Type: multipart/mixed; boundary=out\n"
#define MULTI_OUT "Content-Type: multipart/mixed; boundary=out;\n MARK\n"
#define PLAIN(charset) "Content-Type: text/plain; charset=" charset ";\n MARK\n"
#define QP "Content-Transfer-Encoding: quoted-printable\n"

static const struct {
	int n;
	const char *name, *in, *head, *body;
} row[] = {
	{1, "boundary never occurs, 8-bit",
		"Content-Type: multipart/alternative; boundary=\"aaa\"\n\n<p>h\xc3\xa4</p>\n",
		PLAIN("utf-8") QP, "<p>h=C3=A4</p>\n"},
	{2, "wrong case", "Content-Type: multipart/mixed; boundary=AbC\n\n--abc\n\nx\n--abc--\n",
		PLAIN("us-ascii"), "--abc\n\nx\n--abc--\n"},
	{3, "wrong case, 8-bit",
		"Content-Type: multipart/mixed; boundary=AbC\n\n--abc\n\n\xc3\xa4\n--abc--\n",
		PLAIN("utf-8") QP, "=2D-abc\n\n=C3=A4\n=2D-abc--\n"},
	{4, "hyphens in the field", "Content-Type: multipart/mixed; boundary=--b\n\n--b\n\n\xe4\n",
		PLAIN("unknown-8bit") QP, "=2D-b\n\n=E4\n"},
	{5, "blank at the end of the boundary",
		"Content-Type: multipart/mixed; boundary=\"b \"\n\n--b \n\nx\n--b --\n",
		PLAIN("us-ascii") QP, "=2D-b=20\n\nx\n=2D-b --\n"},
	{6, "quoted pair", "Content-Type: multipart/mixed; boundary=\"a\\b\"\n\n--a\\b\n\nFrom x\n",
		PLAIN("us-ascii") QP, "=2D-a\\b\n\n=46rom x\n"},
	{7, "closes before any part", "Content-Type: multipart/mixed; boundary=b\n\nx\n--b--\ny\n",
		PLAIN("us-ascii"), "x\n--b--\ny\n"},
	{8, "closes before any part, 8-bit behind",
		"Content-Type: multipart/mixed; boundary=b\n\nx\n--b--\n\xc3\xa4\n",
		PLAIN("utf-8") QP, "x\n=2D-b--\n=C3=A4\n"},
	{9, "no boundary named", "Content-Type: multipart/mixed\n\n--b\n\nx\n", PLAIN("us-ascii"),
		"--b\n\nx\n"},
	{10, "no boundary named, 8-bit", "Content-Type: multipart/mixed\n\n\xff\n",
		PLAIN("unknown-8bit") QP, "=FF\n"},
	{11, "empty boundary", "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n--\n",
		PLAIN("us-ascii"), "--\n\nx\n--\n"},
	{12, "empty body", "Content-Type: multipart/mixed; boundary=b\n\n", PLAIN("us-ascii"), ""},
	{13, "signed", "Content-Type: multipart/signed; boundary=b\n\nh\xc3\xa4\n",
		PLAIN("utf-8") QP, "h=C3=A4\n"},
	{14, "signed, no boundary named", "Content-Type: multipart/signed\n\nhi \n",
		PLAIN("us-ascii") QP, "hi=20\n"},
	{15, "digest", "Content-Type: multipart/digest; boundary=b\n\nhi\n", PLAIN("us-ascii"),
		"hi\n"},
	{16, "encrypted", "Content-Type: multipart/encrypted; boundary=b\n\nhi\n",
		PLAIN("us-ascii"), "hi\n"},
	{17, "charset of the field counts",
		"Content-Type: multipart/mixed; charset=ISO-8859-1; boundary=b\n\nh\xe4\n",
		PLAIN("iso-8859-1") QP, "h=E4\n"},
	{18, "charset of the field does not fit",
		"Content-Type: multipart/mixed; charset=us-ascii; boundary=b\n\nh\xc3\xa4\n",
		PLAIN("utf-8") QP, "h=C3=A4\n"},
	{19, "no UTF-8 as the field says",
		"Content-Type: multipart/mixed; charset=utf-8; boundary=b\n\nh\xe4\n",
		PLAIN("unknown-8bit") QP, "h=E4\n"},
	{20, "no charset",
		"Content-Type: multipart/mixed; charset=\"none; such\"; boundary=b\n\nhi\n",
		PLAIN("us-ascii"), "hi\n"},
	{21, "charset that is no ASCII",
		"Content-Type: multipart/mixed; charset=utf-16; boundary=b\n\nhi\n",
		PLAIN("us-ascii"), "hi\n"},
	{22, "encodings count for parts only",
		"Content-Type: multipart/mixed; boundary=b\n"
		"Content-Transfer-Encoding: base64\n\nhi!\n",
		PLAIN("us-ascii") "Content-Transfer-Encoding: 7bit\n", "hi!\n"},
	{23, "binary",
		"Content-Type: multipart/mixed; boundary=b\n"
		"Content-Transfer-Encoding: binary\n\n\xc3\xa4\n",
		PLAIN("utf-8") QP, "=C3=A4\n"},
	{24, "nested",
		MULTI "\n--out\nContent-Type: multipart/alternative; boundary=\"x\"\n\n"
		      "--y\n\nh\xc3\xa4\n--y--\n--out\nContent-Type: text/plain\n\nz\n--out--\n",
		MULTI_OUT,
		"--out\n" QP "Content-Type: text/plain; charset=utf-8\n\n"
		"=2D-y\n\nh=C3=A4\n=2D-y--\n--out\nContent-Type: text/plain\n\nz\n"
		"--out--\n"},
	{25, "nested, last, nothing closes",
		MULTI "\n--out\nA: b\nContent-Type: multipart/alternative;\n boundary=x\n"
		      "Content-Transfer-Encoding: 8bit\nC: d\n\nhi",
		MULTI_OUT,
		"--out\nA: b\nContent-Type: text/plain; charset=us-ascii\n"
		"Content-Transfer-Encoding: 7bit\nC: d\n\nhi"},
	{26, "nested, in one that has parts",
		MULTI "\n--out\nContent-Type: multipart/mixed; boundary=in\n\npre\n--in\n"
		      "Content-Type: multipart/related\n\nhi\n--in--\nepi\n--out--\n",
		MULTI_OUT,
		"--out\nContent-Type: multipart/mixed; boundary=in\n\npre\n--in\n"
		"Content-Type: text/plain; charset=us-ascii\n\nhi\n--in--\nepi\n"
		"--out--\n"},
	{27, "nested, signed",
		MULTI "\n--out\nContent-Type: multipart/signed; boundary=s\n\n\xc3\xa4\n--out--\n",
		MULTI_OUT,
		"--out\n" QP "Content-Type: text/plain; charset=utf-8\n\n=C3=A4\n--out--\n"},
	{28, "the boundary of the one around",
		MULTI "\n--out\nContent-Type: multipart/mixed; boundary=out\n\nx\n--out--\n",
		MULTI_OUT, "--out\nContent-Type: text/plain; charset=us-ascii\n\nx\n--out--\n"},
	{29, "closes before any part, nested",
		MULTI
		"\n--out\nContent-Type: multipart/mixed; boundary=x\n\np\n--x--\nq\n--out--\n",
		MULTI_OUT,
		"--out\nContent-Type: text/plain; charset=us-ascii\n\np\n--x--\nq\n--out--\n"},
	{30, "signed with parts stays",
		MULTI "\n--out\nContent-Type: multipart/signed; boundary=s\n\n--s\n\n\xc3\xa4 \n"
		      "--s\n\nsig\n--s--\n--out--\n",
		MULTI_OUT,
		"--out\nContent-Type: multipart/signed; boundary=s\n\n--s\n\n\xc3\xa4 \n"
		"--s\n\nsig\n--s--\n--out--\n"},
	{31, "signed with one part that nothing closes stays",
		MULTI
		"\n--out\nContent-Type: multipart/signed; boundary=s\n\n--s\n\n\xe4 \n--out--\n",
		MULTI_OUT,
		"--out\nContent-Type: multipart/signed; boundary=s\n\n--s\n\n\xe4 \n--out--\n"},
};

static void rows(void **state)
{
	struct buf in = BUF_INIT(65536);
	char *got, *text;
	size_t i;
	int way, rc;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		assert_int_equal(row[i].n, i + 1);
		for (way = 0; way < 4; way++) {
			print_message(
				"%d: %s (%s)\n", row[i].n, row[i].name, way & 2 ? "CRLF" : "LF");
			buf_reset(&in);
			buf_addf(&in, FROM "%s", row[i].in);
			text = way & 2 ? crlf_of(buf_str(&in)) : strdup(buf_str(&in));
			got = payload_of(text, strlen(text), way & 1, way ? 4096 : 1, &rc);
			assert_int_equal(rc, 0);
			check_payload(got, row[i].head, row[i].body);
			free(got);
			free(text);
		}
	}
	buf_free(&in);
}

static void nul_is_kept(void **state)
{
	static const char in[] = FROM "Content-Type: multipart/mixed; boundary=b\n\na\0b\n";
	int rc;
	char *got = payload_of(in, sizeof(in) - 1, true, 4096, &rc);

	(void)state;
	assert_int_equal(rc, 0);
	check_payload(got, PLAIN("us-ascii") "Content-Transfer-Encoding: base64\n", "YQBiCg==\n");
	free(got);
}

static unsigned draw(uint64_t *rng, unsigned n) /* splitmix64 */
{
	uint64_t z = (*rng += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ (z >> 31)) % n);
}

/* Lines that are near to delimiters, and text of every kind between them. */
static size_t make_body(char *out, unsigned seed)
{
	static const char *const piece[] = {"--b", "--B", "-- b", "--bb", "---b", "-b", "b",
		"From ", "\xc3\xa4", "\xe4", " ", "\t", "=", "=3D", ".", "", "x",
		"\xf0\x9f\x98\x80", "\r"};
	uint64_t rng = seed;
	size_t n = 0, len;
	unsigned left;

	for (left = draw(&rng, 30); left > 0; left--) {
		const char *p = piece[draw(&rng, N_OF(piece))];

		len = strlen(p);
		memcpy(out + n, p, len);
		n += len;
		if (draw(&rng, 2))
			out[n++] = '\n';
		if (draw(&rng, 40) == 0) {
			memset(out + n, 'l', 1200);
			n += 1200;
		}
	}
	out[n++] = '\n';
	out[n] = '\0';
	return n;
}

static void gmime_reads_it_whole(void **state)
{
	static const char head[] = FROM "Content-Type: multipart/mixed; boundary=\"b*\"\n\n";
	char in[65536];
	struct buf body = BUF_INIT(1 << 20);
	char *got, *lf, *want;
	GMimeObject *o;
	unsigned seed;
	size_t n;
	int rc;

	(void)state;
	for (seed = 0; seed < 3000; seed++) {
		memcpy(in, head, strlen(head));
		n = strlen(head);
		n += make_body(in + n, seed);
		got = payload_of(in, n, false, 4096, &rc);
		assert_int_equal(rc, 0);
		o = parse(got, strlen(got));
		assert_true(GMIME_IS_PART(o));
		buf_reset(&body);
		content(GMIME_PART(o), &body);
		want = in + strlen(head);
		/* A line end is one, however it was written. */
		for (lf = want; (lf = strstr(lf, "\r\n")) != NULL; lf++)
			memmove(lf, lf + 1, strlen(lf));
		for (n = 0; want[n] && want[n] == buf_str(&body)[n]; n++)
			;
		if (want[n] != buf_str(&body)[n])
			fail_msg("seed %u: %.20s became %.20s", seed, want + n, buf_str(&body) + n);
		g_object_unref(o);
		free(got);
	}
	buf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(nul_is_kept),
		cmocka_unit_test(gmime_reads_it_whole)};

	g_mime_init();
	return cmocka_run_group_tests_name("multipart_without_parts", tests, NULL, NULL);
}
