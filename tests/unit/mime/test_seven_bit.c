/* SPDX-License-Identifier: ISC */
/* seven_bit.c: each encoding against what it must write, and against GMime's decoders. */
#include "mime_util.h"

#include <gmime/gmime.h>

#include "mime/mime.h"
#include "mime/seven_bit.h"

static void encode(const void *p, size_t n, enum seven_bit_how how, struct buf *out)
{
	struct seven_bit e;
	int fd = file_of(p, n), rc;
	struct source s = {.fd = fd, .size = (off_t)n}; /* not opened: a "From " line is to stay */
	struct lines r;
	struct line l;

	lines_init(&r, &s, 0, s.size);
	seven_bit_begin(&e, how);
	while ((rc = lines_next(&r, &l, NULL)) == 1) {
		size_t before = out->len;

		assert_int_equal(seven_bit_add(&e, &l, out), 0);
		assert_true(out->len - before <= SEVEN_BIT_ROOM(l.len));
	}
	assert_int_equal(rc, 0);
	assert_int_equal(seven_bit_end(&e, out), 0);
	lines_end(&r);
	close(fd);
}

static const struct {
	const char *name, *in;
	enum seven_bit_how how;
	const char *out;
} row[] = {
	{"copy", "a \r\nb\n\nc\rd", SEVEN_BIT_COPY, "a \r\nb\r\n\r\nc\rd"},
	{"trim", "a \t\n \nb ", SEVEN_BIT_TRIM, "a\r\n\r\nb"},
	{"head", "A: b \n \n\tc\t\nD: e\n\n", SEVEN_BIT_HEAD, "A: b\r\n\tc\r\nD: e\r\n\r\n"},
	{"QP: as it is", "hello, world\n", SEVEN_BIT_QP, "hello, world\r\n"},
	{"QP: escapes", "a=b\t\x01\x7f\xc3\xa4\n", SEVEN_BIT_QP, "a=3Db\t=01=7F=C3=A4\r\n"},
	{"QP: blank at the end", "a \nb\t\n \n", SEVEN_BIT_QP, "a=20\r\nb=09\r\n=20\r\n"},
	{"QP: blank as the very last", "a ", SEVEN_BIT_QP, "a=20"},
	{"QP: From", "From x\n>From x\nFromage\nxFrom \n", SEVEN_BIT_QP,
		"=46rom x\r\n>From x\r\nFromage\r\nxFrom=20\r\n"},
	{"QP: dots and dashes", ".\n..\n--b\n-b\n", SEVEN_BIT_QP, "=2E\r\n..\r\n=2D-b\r\n-b\r\n"},
	{"QP: lone CR", "a\rb\r\r\n", SEVEN_BIT_QP, "a=0Db=0D\r\n"},
	{"QP: no line end", "a", SEVEN_BIT_QP, "a"},
	{"QP: 76 columns",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaFrom "
		"-.b\n",
		SEVEN_BIT_QP,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\r\n"
		"=46rom -.b\r\n"},
	{"repair: clean", "a=3Db=\nc\n", SEVEN_BIT_QP_REPAIR, "a=3Db=\r\nc\r\n"},
	{"repair: blanks are padding", "a= \t\nb  \n", SEVEN_BIT_QP_REPAIR, "a=\r\nb\r\n"},
	{"repair: 8-bit, From, controls", "From \xe4\x01\n", SEVEN_BIT_QP_REPAIR,
		"=46rom =E4=01\r\n"},
	{"repair: CR behind a soft break", "a=\r\r\nb\n", SEVEN_BIT_QP_REPAIR, "a=\r\nb\r\n"},
	{"base64: exact line ends", "a\r\nb\n", SEVEN_BIT_BASE64, "YQ0KYgo="},
	{"base64: nothing", "", SEVEN_BIT_BASE64, ""},
	{"base64: 57 bytes are a line",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", SEVEN_BIT_BASE64,
		"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\r\nYg"
		"=="},
	{"rewrap",
		"Zm9v \n!!\n\xff"
		"Zg==\n",
		SEVEN_BIT_REWRAP, "Zm9vZg=="},
};

static void table(void **state)
{
	struct buf out = BUF_INIT(10000);
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		buf_reset(&out);
		encode(row[i].in, strlen(row[i].in), row[i].how, &out);
		assert_string_equal(buf_str(&out), row[i].out);
	}
	buf_free(&out);
}

/* Whatever it is, it comes out 7-bit and decodes to what it was. */
static void check_lines(const struct buf *b, size_t columns)
{
	const char *p = buf_str(b), *e;
	size_t i;

	for (i = 0; i < b->len; i++)
		assert_true(b->p[i] < 127 && (b->p[i] >= 32 || strchr("\t\r\n", b->p[i])));
	for (; *p; p = *e ? e + 2 : e) {
		e = strstr(p, "\r\n");
		if (!e)
			e = p + strlen(p);
		assert_true(e == p || !mime_blank((uint8_t)e[-1]));
		assert_true((size_t)(e - p) <= columns);
		assert_true(strncmp(p, "From ", 5) != 0 && strncmp(p, "--", 2) != 0);
	}
}

static void decode(const struct buf *in, GMimeContentEncoding how, struct buf *out)
{
	GMimeEncoding state;
	char *room = malloc(in->len + 100);
	size_t n;

	assert_non_null(room);
	g_mime_encoding_init_decode(&state, how);
	n = g_mime_encoding_step(&state, buf_str(in), in->len, room);
	assert_int_equal(buf_add(out, room, n), 0);
	n = g_mime_encoding_flush(&state, "", 0, room);
	assert_int_equal(buf_add(out, room, n), 0);
	free(room);
}

static void any_octets(void **state)
{
	static const char alphabet[] = "From  =\t.--a\xc3\xa4\r\nFrom \n\n";
	struct buf out = BUF_INIT(4 << 20), back = BUF_INIT(4 << 20), canon = BUF_INIT(4 << 20);
	uint8_t in[3000];
	size_t i, n, round;
	unsigned seed = 1;

	(void)state;
	g_mime_init();
	for (round = 0; round < 300; round++) {
		n = round * 10;
		for (i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			in[i] = (uint8_t)((seed >> 22) | 1);
			if (seed >> 16 & 7)
				in[i] = (uint8_t)alphabet[(seed >> 20) % (sizeof(alphabet) - 1)];
		}
		buf_reset(&out);
		buf_reset(&back);
		encode(in, n, SEVEN_BIT_BASE64, &out);
		check_lines(&out, 76);
		decode(&out, GMIME_CONTENT_ENCODING_BASE64, &back);
		assert_int_equal(back.len, n);
		assert_memory_equal(buf_str(&back), in, n);
		buf_reset(&out);
		buf_reset(&back);
		buf_reset(&canon);
		encode(in, n, SEVEN_BIT_QP, &out);
		check_lines(&out, 76);
		decode(&out, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, &back);
		encode(in, n, SEVEN_BIT_COPY, &canon);
		assert_int_equal(back.len, canon.len);
		assert_memory_equal(buf_str(&back), buf_str(&canon), back.len);
	}
	buf_free(&out);
	buf_free(&back);
	buf_free(&canon);
}

/* A line longer than the reader's buffer: blanks where its pieces meet are text, not the line's
 * end. */
static void long_line(void **state)
{
	struct buf out = BUF_INIT(4 << 20), back = BUF_INIT(4 << 20);
	size_t n = 3 * LINES_BUFFER;
	uint8_t *in = malloc(n);

	(void)state;
	assert_non_null(in);
	g_mime_init();
	memset(in, ' ', n);
	in[0] = 'x';
	in[n - 2] = '=';
	in[n - 1] = '\n';
	encode(in, n, SEVEN_BIT_QP, &out);
	check_lines(&out, 76);
	decode(&out, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, &back);
	assert_int_equal(back.len, n + 1);
	assert_memory_equal(buf_str(&back), in, n - 1);
	buf_reset(&out);
	memset(in, '=', n - 1);
	for (size_t i = 0; i + 3 < n; i += 3)
		memcpy(in + i, "=C3", 3);
	encode(in, n, SEVEN_BIT_QP_REPAIR, &out);
	check_lines(&out, 998);
	buf_reset(&back);
	decode(&out, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, &back);
	assert_true(back.len >= n / 3 - 1);
	for (size_t i = 0; i + 3 < n / 3; i++)
		assert_int_equal(back.p[i], 0xc3);
	free(in);
	buf_free(&out);
	buf_free(&back);
}

static void full(void **state)
{
	struct buf out = BUF_INIT(10);
	struct line l = {.p = (const uint8_t *)"aaaaaaaaaaaa",
		.len = 12,
		.eol = 1,
		.first = true,
		.last = true};
	struct seven_bit e;
	int how;

	(void)state;
	for (how = SEVEN_BIT_COPY; how <= SEVEN_BIT_REWRAP; how++) {
		buf_reset(&out);
		seven_bit_begin(&e, (enum seven_bit_how)how);
		assert_int_equal(seven_bit_add(&e, &l, &out), -1);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(any_octets),
		cmocka_unit_test(long_line), cmocka_unit_test(full)};

	return cmocka_run_group_tests_name("seven_bit", tests, NULL, NULL);
}
