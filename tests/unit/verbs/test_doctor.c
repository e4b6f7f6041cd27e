/* SPDX-License-Identifier: ISC */
/* verbs/doctor/anchor.c: what it reads in files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verbs/doctor/doctor.h"

/* The root's keys as IANA publishes them. */
#define KSK_2017                                                                                   \
	"AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/"                               \
	"4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXg"                                                      \
	"nLh4+"                                                                                    \
	"B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EW" \
	"gvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/"        \
	"ilBmSVIzuDWf"                                                                             \
	"dRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU="
#define DS_2024 "38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"

static void anchors(void **state)
{
	static const struct {
		const char *name, *text;
		size_t n;
		unsigned tag[2];
	} rows[] = {
		{"DNSKEY", ". IN DNSKEY 257 3 8 " KSK_2017 "\n", 1, {20326}},
		{"with TTL, a comment and CR",
			". 172800 IN DNSKEY 257 3 8 " KSK_2017 " ;{id = 1}\r\n", 1, {20326}},
		{"without class", ". DNSKEY 257 3 8 " KSK_2017, 1, {20326}},
		{"key in two words", ". IN DNSKEY 257 3 8 AwEA Aaz/", 1, {0}},
		{"DS", ". IN DS " DS_2024 "\n", 1, {38696}},
		{"both", "; root\n\n. IN DNSKEY 257 3 8 " KSK_2017 "\n. IN DS " DS_2024 "\n", 2,
			{20326, 38696}},
		{"another name", "example. IN DS " DS_2024 "\n", 0, {0}},
		{"in a comment", "; . IN DS " DS_2024 "\n", 0, {0}},
		{"not base64", ". IN DNSKEY 257 3 8 AwEA*\n", 0, {0}},
		{"not a number", ". IN DNSKEY x 3 8 AwEA\n", 0, {0}},
		{"number too large", ". IN DS 65536 8 2 00\n", 0, {0}},
		{"cut short", ". IN DS 38696\n. IN DNSKEY 257 3\n. IN\n.\n", 0, {0}},
		{"nothing", "", 0, {0}},
	};
	unsigned tag[2];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(anchor_tags(rows[i].text, tag, 2), rows[i].n);
		for (k = 0; k < rows[i].n; k++) {
			if (rows[i].tag[k] != 0)
				assert_int_equal(tag[k], rows[i].tag[k]);
		}
	}
}

/* A key that is larger than any, and a line that is longer. */
static void anchors_too_large(void **state)
{
	char *text = malloc(20000);
	unsigned tag[1];

	(void)state;
	assert_non_null(text);
	memset(text, 'A', 20000);
	memcpy(text, ". IN DNSKEY 257 3 8 ", 20);
	text[4000] = '\0';
	assert_int_equal(anchor_tags(text, tag, 1), 0);
	text[4000] = 'A';
	text[19999] = '\0';
	assert_int_equal(anchor_tags(text, tag, 1), 0);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anchors), cmocka_unit_test(anchors_too_large)};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
