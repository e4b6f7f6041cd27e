/* SPDX-License-Identifier: ISC */
/* words.c: a field's text as people read it, row by row. */
#include "mime_util.h"

#include "mime/words.h"

#define U "\xc3\xbc"

static const struct {
	const char *name, *value, *want; /* NULL: it is no text */
} row[] = {
	{"1 plain", "hello", "hello"},
	{"2 blanks at the ends", " hello \n \t", "hello"},
	{"3 blanks within", "a  b", "a  b"},
	{"4 folded", "a\n b\n\tc", "a b c"},
	{"5 raw UTF-8", "Gr" U "n", "Gr" U "n"},
	{"6 raw Latin-1", "Gr\xfcn", NULL},
	{"7 cut UTF-8", "Gr\xc3", NULL},
	{"8 Q", "=?utf-8?q?Gr=C3=BCn?=", "Gr" U "n"},
	{"9 Q, lower-case digits", "=?utf-8?Q?Gr=c3=bcn?=", "Gr" U "n"},
	{"10 Q, underscore is a blank", "=?utf-8?Q?a_b?=", "a b"},
	{"11 B", "=?utf-8?B?R3LDvG4=?=", "Gr" U "n"},
	{"12 Latin-1", "=?iso-8859-1?q?Gr=FCn?=", "Gr" U "n"},
	{"13 a language", "=?iso-8859-1*de?q?Gr=FCn?=", "Gr" U "n"},
	{"14 Japanese", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac"},
	{"15 two words, a blank", "=?utf-8?q?a?= =?utf-8?q?b?=", "ab"},
	{"16 two words, a fold", "=?utf-8?q?a?=\n =?utf-8?q?b?=", "ab"},
	{"17 two words of two charsets", "=?utf-8?q?=C3=BC?= =?iso-8859-1?q?=FC?=", U U},
	{"18 a character over two words", "=?utf-8?q?Gr=C3?= =?utf-8?q?=BCn?=", "Gr" U "n"},
	{"19 a character over two words in B", "=?utf-8?B?w7zD?=\n =?utf-8?B?vA==?=", U U},
	{"20 text between words", "=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"},
	{"21 text before", "Re: =?utf-8?q?a?=", "Re: a"},
	{"22 in the middle of a word: none", "x=?utf-8?q?a?=", "x=?utf-8?q?a?="},
	{"23 in a comment", "x (=?utf-8?q?a?=)", "x (a)"},
	{"24 a name and its address", "=?utf-8?q?J=C3=BCrg?= <j@x.example>",
		"J" U "rg <j@x.example>"},
	{"25 unknown charset", "=?x-none?q?a?=", "=?x-none?q?a?="},
	{"26 unknown encoding", "=?utf-8?x?a?=", "=?utf-8?x?a?="},
	{"27 broken digits", "=?utf-8?q?=GG?= b", "=?utf-8?q?=GG?= b"},
	{"28 broken base64", "=?utf-8?B?a?=", "=?utf-8?B?a?="},
	{"29 no UTF-8 in a word", "=?utf-8?q?=FF?=", "=?utf-8?q?=FF?="},
	{"30 no end", "=?utf-8?q?a", "=?utf-8?q?a"},
	{"31 a blank in it", "=?utf-8?q?a b?=", "=?utf-8?q?a b?="},
	{"32 empty word",
		"=?utf-8?q?"
		"?= a",
		"a"},
	{"33 a line end encoded", "=?utf-8?q?a=0D=0ABcc:_x?=", "a  Bcc: x"},
	{"34 a NUL encoded", "=?utf-8?q?a=00b?=", "a b"},
	{"35 DEL", "a\x7f", "a"},
	{"36 nothing", "", ""},
	{"37 the first of two words is broken",
		"=?utf-8?q?=FF?= =?utf-8?q?b?=", "=?utf-8?q?=FF?= b"},
};

static void rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct buf got = BUF_INIT(1024);

		print_message("%s\n", row[i].name);
		assert_int_equal(buf_adds(&got, "<"), 0);
		assert_int_equal(words_decode(row[i].value, &got), row[i].want ? 0 : ERR_DATA);
		assert_string_equal(buf_str(&got) + 1, row[i].want ? row[i].want : "");
		buf_free(&got);
	}
}

/* What does not fit is not cut. */
static void full(void **state)
{
	struct buf small = BUF_INIT(6);

	(void)state;
	assert_int_equal(words_decode("=?utf-8?q?abcdefgh?=", &small), ERR_DATA);
	assert_int_equal(small.len, 0);
	assert_int_equal(words_decode("=?utf-8?q?abcd?=", &small), 0);
	assert_string_equal(buf_str(&small), "abcd");
	buf_free(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(full)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
