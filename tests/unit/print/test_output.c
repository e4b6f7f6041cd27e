/* SPDX-License-Identifier: ISC */
/* JSON lines and foreign text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "print/output.h"

static char text[8192];

static FILE *memory(void)
{
	FILE *f = fmemopen(text, sizeof(text), "w");

	memset(text, 0, sizeof(text));
	assert_non_null(f);
	return f;
}

static void one_line_with_version_and_nulls(void **state)
{
	struct out *o = out_new(), *sub;
	FILE *f = memory();

	(void)state;
	out_str(o, "s", "a\"b\n");
	out_str(o, "empty", "");
	out_str(o, "none", NULL);
	out_int(o, "i", -5);
	out_bool(o, "b", true);
	out_null(o, "n");
	out_time(o, "t", 1764151200);
	out_time(o, "t0", 0);
	sub = out_object(o, "sub");
	out_int(sub, "x", 1);
	out_array(o, "list");
	sub = out_item(o, "list");
	out_int(sub, "y", 2);
	out_item_str(o, "made", "m");
	out_array(o, "nothing");
	assert_int_equal(out_print(o, f), 0);
	fclose(f);
	assert_string_equal(text,
		"{\"version\":1,\"s\":\"a\\\"b\\n\",\"empty\":null,\"none\":null,\"i\":-5,"
		"\"b\":true,\"n\":null,\"t\":\"2025-11-26T10:00:00Z\",\"t0\":null,\"sub\":{\"x\":1}"
		","
		"\"list\":[{\"y\":2}],\"made\":[\"m\"],\"nothing\":[]}\n");
}

static void square(struct out *o, const int *n)
{
	out_int(o, "n", *n * *n);
}

static void lists_and_what_is_not_known(void **state)
{
	static const int n[] = {2, 3};
	static const char fixed[2][4] = {"a", ""};
	const char *const texts[] = {"x", "y", "z"};
	struct out *o = out_new();
	FILE *f = memory();

	(void)state;
	OUT_LIST(o, "squares", n, 2, square);
	OUT_LIST(o, "none", n, 0, square);
	OUT_TEXTS(o, "texts", texts, 3);
	OUT_TEXTS(o, "fixed", fixed, 2);
	OUT_TEXTS(o, "no", texts, 0);
	out_int_if(o, "i", true, 0);
	out_int_if(o, "j", false, 7);
	out_bool_if(o, "b", true, false);
	out_bool_if(o, "c", false, true);
	assert_int_equal(out_print(o, f), 0);
	fclose(f);
	assert_string_equal(text,
		"{\"version\":1,\"squares\":[{\"n\":4},{\"n\":9}],\"none\":[],\"texts\":[\"x\","
		"\"y\",\"z\"],"
		"\"fixed\":[\"a\",null],\"no\":[],\"i\":0,\"j\":null,\"b\":false,\"c\":null}\n");
	OUT_LIST(NULL, "k", n, 2, square);
	OUT_TEXTS(NULL, "k", texts, 3);
}

static void foreign_text_stays_ascii_and_whole(void **state)
{
	static const struct {
		const char *name, *in, *out;
	} row[] = {{"escape", "\033[2J", "{\"version\":1,\"k\":\"\\u001B[2J\"}\n"},
		{"C1", "\xc2\x9b", "{\"version\":1,\"k\":\"\\u009B\"}\n"},
		{"not UTF-8", "a\xff\xc3", "{\"version\":1,\"k\":\"a\\\\xff\\\\xc3\"}\n"},
		{"UTF-8", "\xc3\xbc", "{\"version\":1,\"k\":\"\\u00FC\"}\n"}};
	struct out *o;
	FILE *f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		o = out_new();
		f = memory();
		out_str(o, "k", row[i].in);
		assert_int_equal(out_print(o, f), 0);
		fclose(f);
		if (strcmp(text, row[i].out) != 0)
			fail_msg("%s: %s", row[i].name, text);
	}
}

static void stored_text_comes_back_as_an_object(void **state)
{
	static const char *const bad[] = {"", "{", "[1]", "\"x\"", "{\"a\":1,\"a\":2}", "{} x"};
	struct out *o = out_new();
	char *kept;
	FILE *f;
	size_t i;

	(void)state;
	out_str(o, "url", "https://x");
	kept = out_text(o);
	assert_string_equal(kept, "{\"url\":\"https://x\"}");
	o = out_new();
	f = memory();
	out_object_text(o, "evidence", kept);
	assert_int_equal(out_print(o, f), 0);
	fclose(f);
	assert_string_equal(text, "{\"version\":1,\"evidence\":{\"url\":\"https://x\"}}\n");
	free(kept);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		o = out_new();
		f = memory();
		out_object_text(o, "evidence", bad[i]);
		assert_int_equal(out_print(o, f), 0);
		fclose(f);
		assert_string_equal(text, "{\"version\":1,\"evidence\":null}\n");
	}
}

static void nothing_is_taken_for_an_object(void **state)
{
	struct out *none = NULL;
	FILE *f = memory();

	(void)state;
	out_str(none, "k", "v");
	out_int(none, "k", 1);
	out_array(none, "k");
	out_item_str(none, "k", "v");
	assert_null(out_object(none, "k"));
	assert_null(out_item(none, "k"));
	assert_null(out_text(none));
	out_free(none);
	assert_int_equal(out_print(none, f), ERR_OS);
	fclose(f);
	/* What does not fit sticks: half an object is never printed. */
	none = out_new();
	out_str(none, "k", "v");
	out_item_str(none, "k", "k is no array");
	f = memory();
	assert_int_equal(out_print(none, f), ERR_OS);
	fclose(f);
	assert_string_equal(text, "");
}

static void writing_that_fails_is_told(void **state)
{
	FILE *f = fopen("/dev/full", "w");
	struct out *o = out_new();

	(void)state;
	assert_non_null(f);
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(out_print(o, f), ERR_IO);
	fclose(f);
}

static void columns_are_padded_and_safe(void **state)
{
	FILE *f = memory();

	(void)state;
	out_safe(f, "\xc3\xbc", 3);
	out_safe(f, "abcd", 3);
	out_safe(f, "\033\xe2\x80\xae", 0);
	out_safe(f, "a\nb", 0);
	fclose(f);
	assert_string_equal(text, "\xc3\xbc  abcd\\x1b\\xe2\\x80\\xaea\\x0ab");
}

static void stored_json_as_lines(void **state)
{
	FILE *f = memory();

	(void)state;
	out_json_lines(f, "  ",
		"{\"a\":{\"b\":\"x\\u001b\"},\"l\":[1,true,null,{\"c\":false}],\"r\":1.5}");
	out_json_lines(f, "  ", "not json");
	fclose(f);
	assert_string_equal(
		text, "  a.b: x\\x1b\n  l[0]: 1\n  l[1]: yes\n  l[3].c: no\n  r: 1.5\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(one_line_with_version_and_nulls),
		cmocka_unit_test(lists_and_what_is_not_known),
		cmocka_unit_test(foreign_text_stays_ascii_and_whole),
		cmocka_unit_test(stored_text_comes_back_as_an_object),
		cmocka_unit_test(nothing_is_taken_for_an_object),
		cmocka_unit_test(writing_that_fails_is_told),
		cmocka_unit_test(columns_are_padded_and_safe),
		cmocka_unit_test(stored_json_as_lines)};

	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
