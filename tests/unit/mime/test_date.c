/* SPDX-License-Identifier: ISC */
/* date.c: what is a date and which moment, row by row; over made ones the same as GMime. */
#include "mime_util.h"

#include <gmime/gmime.h>
#include <inttypes.h>

#include "mime/date.h"
#include "mime/mime.h"

#define NOT_A_DATE INT64_MIN

static int64_t read_date(const char *text)
{
	int64_t at = 4711;

	if (date_read(text, &at) == 0)
		return at;
	assert_int_equal(at, 4711);
	return NOT_A_DATE;
}

static void moments(void **state)
{
	static const struct {
		int n;
		const char *in;
		int64_t at;
	} row[] = {
		{1, "Thu, 1 Jan 1970 00:00:00 +0000", 0},
		{2, " Wed, 11 Jan 2023 16:08:43 -0500", 1673471323},
		{3, "11 Jan 2023 16:08:43 -0500", 1673471323},
		{4, "Wed,11 Jan 2023 16:08:43 -0500", 1673471323},
		{5, "Wed, 11Jan2023 16:08:43-0500", 1673471323},
		{6, "wed, 11 JAN 2023 16:08:43 -0500 (EST)", 1673471323},
		{7, "Wed (x), (y)11 (\\)) Jan\n 2023\t16 : 08 : 43 -0500\n (E(S)T)", 1673471323},
		{8, "Wed 11 Jan 2023 16:08:43 -0500", 1673471323},
		{9, "Sun, 11 Jan 2023 16:08:43 -0500", 1673471323},
		{10, "Wed, 11 Jan 2023 21:08 +0000", 1673471280},
		{11, "Wed, 11 Jan 2023 21:08:43 -0000", 1673471323},
		{12, "Wed, 11 Jan 2023 21:08:43 GMT", 1673471323},
		{13, "Wed, 11 Jan 23 21:08:43 UT", 1673471323},
		{14, "Wed, 11 Jan 2023 16:08:43 EST", 1673471323},
		{15, "Wed, 11 Jan 2023 17:08:43 edt", 1673471323},
		{16, "Wed, 11 Jan 2023 13:08:43 PST", 1673471323},
		{17, "Wed, 11 Jan 2023 21:08:43 Z", 1673471323},
		{18, "Thu, 12 Jan 2023 02:38:43 +0530", 1673471323},
		{19, "1 Jan 49 00:00:00 +0000", 2493072000},
		{20, "1 Jan 50 00:00:00 +0000", -631152000},
		{21, "1 Jan 123 00:00:00 +0000", 1672531200},
		{22, "29 Feb 2024 12:00:00 +0000", 1709208000},
		{23, "31 Dec 2016 23:59:60 +0000", 1483228800},
		{24, "1 Jan 2023 1:02:03 +0000", 1672534923},
		{25, "01 Jan 2023 00:00:00 +9959", 1672531200 - 359940},
		{26, "29 Feb 2023 12:00:00 +0000", NOT_A_DATE},
		{27, "31 Apr 2023 12:00:00 +0000", NOT_A_DATE},
		{28, "0 Jan 2023 12:00:00 +0000", NOT_A_DATE},
		{29, "32 Jan 2023 12:00:00 +0000", NOT_A_DATE},
		{30, "1 Jan 2023 24:00:00 +0000", NOT_A_DATE},
		{31, "1 Jan 2023 12:60:00 +0000", NOT_A_DATE},
		{32, "1 Jan 2023 12:00:61 +0000", NOT_A_DATE},
		{33, "1 Jan 2023 12:00:00 +0060", NOT_A_DATE},
		{34, "1 Jan 2023 12:00:00", NOT_A_DATE},
		{35, "1 Jan 2023 12:00:00 CET", NOT_A_DATE},
		{36, "1 Jan 2023 12:00:00 +01", NOT_A_DATE},
		{37, "1 Jan 2023 12:00:00 +01000", NOT_A_DATE},
		{38, "1 Jan 2023 12:00:00 +01:00", NOT_A_DATE},
		{39, "1 Jan 2023 12:00:00 +0000 x", NOT_A_DATE},
		{40, "1 Jan 2023 12:00:00 +0000 (x", NOT_A_DATE},
		{41, "1 January 2023 12:00:00 +0000", NOT_A_DATE},
		{42, "Jan 1 2023 12:00:00 +0000", NOT_A_DATE},
		{43, "1 1 2023 12:00:00 +0000", NOT_A_DATE},
		{44, "2023-01-01T12:00:00Z", NOT_A_DATE},
		{45, "1 Jan 20230 12:00:00 +0000", NOT_A_DATE},
		{46, "1 Jan 202312:00:00 +0000", NOT_A_DATE},
		{47, "111 Jan 2023 12:00:00 +0000", NOT_A_DATE},
		{48, "yesterday", NOT_A_DATE},
		{49, "", NOT_A_DATE},
		{50, "1 Jan 2023 12", NOT_A_DATE},
		{51, "1 Jan 2023 12:", NOT_A_DATE},
		{52, "Wed,", NOT_A_DATE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%d: %s\n", row[i].n, row[i].in);
		assert_int_equal(row[i].n, i + 1);
		assert_int_equal(read_date(row[i].in), row[i].at);
	}
}

/* What mime_date writes is read again as the same, and by GMime. */
static void written(void **state)
{
	unsigned seed = 20261126;
	GDateTime *by_gmime;
	char text[64];
	struct tm t;
	int64_t at;
	time_t when;
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		seed = seed * 1103515245 + 12345;
		at = (int64_t)seed * 2 - INT32_MAX;
		seed = seed * 1103515245 + 12345;
		t.tm_gmtoff = (long)(seed >> 8) % 1700 * 60 - 850 * 60;
		when = (time_t)(at + t.tm_gmtoff);
		const long offset = t.tm_gmtoff;
		assert_non_null(gmtime_r(&when, &t));
		t.tm_gmtoff = offset;
		mime_date(&t, text, sizeof(text));
		assert_int_equal(read_date(text), at);
		if (at < 0) /* GMime knows none before 1970 */
			continue;
		by_gmime = g_mime_utils_header_decode_date(text);
		if (!by_gmime)
			fail_msg("not by GMime: %s", text);
		assert_int_equal(g_date_time_to_unix(by_gmime), at);
		g_date_time_unref(by_gmime);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(moments), cmocka_unit_test(written)};

	g_mime_init();
	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
