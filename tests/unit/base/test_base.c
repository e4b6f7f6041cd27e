/* SPDX-License-Identifier: ISC */
/* base/: buffers, foreign text, files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/temp_dir.h"
#include "base/text.h"
#include "base/zbase32.h"

static void buffer_keeps_its_maximum(void **state)
{
	struct buf b = BUF_INIT(10);

	(void)state;
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_adds(&b, "12345"), 0);
	assert_int_equal(buf_addf(&b, "%d", 678), 0);
	assert_int_equal(buf_adds(&b, "901"), -1);
	assert_string_equal(buf_str(&b), "12345678");
	assert_int_equal(buf_addf(&b, "%s", "901"), -1);
	assert_string_equal(buf_str(&b), "12345678");
	assert_int_equal(buf_adds(&b, "90"), 0);
	assert_int_equal(buf_reserve(&b, SIZE_MAX), -1);
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_str(&b), "");
	buf_free(&b);
	assert_null(b.p);
}

static void foreign_text(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{"plain \xc3\xa4", "plain \xc3\xa4"},
		{"a\x1b[2Jb", "a\\x1b[2Jb"},
		{"a\nb\tc", "a\\x0ab\\x09c"},
		{"a\x7f", "a\\x7f"},
		{"\xc2\x9b"
		 "2J",
			"\\xc2\\x9b2J"},
		{"\xe2\x80\xae"
		 "evil",
			"\\xe2\\x80\\xae"
			"evil"},
		{"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},
		{"\xff\xfe", "\\xff\\xfe"},
		{"\xc0\xaf", "\\xc0\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
		{"cut \xe2\x82", "cut \\xe2\\x82"},
	};
	struct buf b = BUF_INIT(1000);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&b);
		assert_int_equal(text_safe(&b, row[i].in, strlen(row[i].in)), 0);
		assert_string_equal(buf_str(&b), row[i].out);
	}
	buf_free(&b);
}

static void set_or_unset(const char *name, const char *value)
{
	assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

/* U+00DB has the byte 0x9b, CSI to a terminal of ISO 8859-1. */
static void text_in_other_locales(void **state)
{
	static const struct {
		const char *all, *ctype, *lang, *out;
	} row[] = {
		{NULL, NULL, NULL, "a\xc3\x9b"},
		{NULL, NULL, "C", "a\xc3\x9b"},
		{NULL, NULL, "de_DE", "a\xc3\x9b"},
		{NULL, NULL, "de_DE.UTF-8", "a\xc3\x9b"},
		{NULL, NULL, "de_DE.utf8@euro", "a\xc3\x9b"},
		{NULL, NULL, "de_DE.ISO-8859-1", "a\\xc3\\x9b"},
		{NULL, "de_DE.UTF-8", "de_DE.ISO-8859-1", "a\xc3\x9b"},
		{"", "", "de_DE.ISO-8859-15@euro", "a\\xc3\\x9b"},
		{"ja_JP.eucJP", "C.UTF-8", "C.UTF-8", "a\\xc3\\x9b"},
		{"C.UTF-8", NULL, "de_DE.ISO-8859-1", "a\xc3\x9b"},
	};
	struct buf b = BUF_INIT(100);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		set_or_unset("LC_ALL", row[i].all);
		set_or_unset("LC_CTYPE", row[i].ctype);
		set_or_unset("LANG", row[i].lang);
		buf_reset(&b);
		assert_int_equal(text_shown(&b, "a\xc3\x9b", 3), 0);
		assert_string_equal(buf_str(&b), row[i].out);
		buf_reset(&b);
		assert_int_equal(text_safe(&b, "a\xc3\x9b", 3), 0);
		assert_string_equal(buf_str(&b), "a\xc3\x9b");
	}
	buf_free(&b);
}

static void times(void **state)
{
	char s[TEXT_TIME_MAX];

	(void)state;
	text_time(s, 1795428000);
	assert_string_equal(s, "2026-11-23T10:00:00Z");
	text_time(s, INT64_MAX);
	assert_string_equal(s, "");
}

/* Values: the WKD draft, GnuPG's and gemato's tests. */
static const struct {
	const char *data;
	size_t bits;
	const char *want;
} zb32[] = {
	{"", 0, ""},
	{"\x00", 1, "y"},
	{"\x80", 1, "o"},
	{"\x40", 2, "e"},
	{"\xc0", 2, "a"},
	{"\x00\x00", 10, "yy"},
	{"\x80\x80", 10, "on"},
	{"\x8b\x88\x80", 20, "tqre"},
	{"\xf0\xbf\xc7", 24, "6n9hq"},
	{"\xd4\x7a\x04", 24, "4t7ye"},
	{"\xf5\x57\xbd\x0c", 30, "6im54d"},
	{"\x01\x01\x01\x01\x01", 40, "yryonyeb"},
	{"\x01\x01", 15, "yry"},
	{"\x81\x81", 15, "ogy"},
	{"\x81\x81", 16, "ogyo"},
	{"\x81\x81\x81", 20, "ogya"},
	{"\x81\x81\x81\x81\x81\x81\x81\x81", 64, "ogyadycbogyan"},
	{"\x80\x61\x58\x70\xf5\xba\xd6\x90\x33\x36\x86\xd0\xf2\xad\x85\xac\x1e\x42\xb3\x67", 160,
		"oboioh8izmmjyc3so5exfmcfioxrfc58"},
	/* Bits that were not asked for do not count. */
	{"\xff\xff", 1, "o"},
	{"\xff\xff", 8, "9h"},
};

static void z_base_32(void **state)
{
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(zb32) / sizeof(zb32[0]); i++) {
		zbase32((const uint8_t *)zb32[i].data, zb32[i].bits, out);
		assert_string_equal(out, zb32[i].want);
	}
}

static void private_folders(void **state)
{
	char root[FILE_PATH_MAX], path[FILE_PATH_MAX], other[FILE_PATH_MAX];
	struct stat st;

	(void)state;
	assert_int_equal(dir_make_temp(root, NULL), 0);
	assert_int_equal(path_join(path, root, "a/b/c"), 0);
	assert_int_equal(dir_make_private(path, NULL), 0);
	assert_int_equal(dir_make_private(path, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(dir_make_private(path, NULL), ERR_CONFIG);
	assert_int_equal(dir_check_private(path, NULL), ERR_CONFIG);
	assert_int_equal(path_join(other, root, "link"), 0);
	assert_int_equal(symlink(path, other), 0);
	assert_int_equal(dir_make_private(other, NULL), ERR_CONFIG);
	assert_int_equal(dir_check_private(other, NULL), ERR_CONFIG);
	assert_int_equal(path_join(other, path, "none"), 0);
	assert_int_equal(dir_check_private(other, NULL), 0);
	assert_int_equal(dir_check_private(root, NULL), 1);
	assert_int_equal(dir_make_private("relative", NULL), ERR_CREATE);
	dir_remove(root);
	assert_int_equal(access(root, F_OK), -1);
}

static void ours_and_closed_to_others(void **state)
{
	static const struct {
		mode_t mode;
		bool ours;
		const char *msg, *hint;
	} row[] = {
		{S_IFDIR | 0700, true, "", ""},
		{S_IFREG | 0400, true, "", ""},
		{S_IFREG | 0600, false, "x: belongs to another user",
			"move it away, or name another one in the configuration"},
		{S_IFREG | 0604, true, "x: is open to other users (mode 604)", "chmod 600 'x'"},
		{S_IFDIR | 0710, true, "x: is open to other users (mode 710)", "chmod 700 'x'"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stat st = {.st_mode = row[i].mode, .st_uid = geteuid() + !row[i].ours};
		struct err err = ERR_INIT;
		int rc = file_check_private("x", &st, ERR_CONFIG, &err);

		assert_int_equal(rc, row[i].msg[0] ? ERR_CONFIG : 0);
		assert_string_equal(err.msg, row[i].msg);
		assert_string_equal(err.hint, row[i].hint);
	}
}

static void temporary_folders_stay_below_the_root(void **state)
{
	char root[FILE_PATH_MAX], sub[FILE_PATH_MAX];

	(void)state;
	assert_int_equal(dir_temp_root(root, NULL), 0);
	assert_int_equal(dir_make_temp(sub, NULL), 0);
	assert_memory_equal(sub, root, strlen(root));
	dir_temp_root_remove();
	assert_int_equal(access(root, F_OK), -1);
	assert_int_equal(dir_make_temp(sub, NULL), 0);
	assert_memory_not_equal(sub, root, strlen(root));
	dir_remove(sub);
}

static void reading(void **state)
{
	static const struct {
		const char *path;
		bool full; /* there is no descriptor left */
		int rc, says;
	} row[] = {
		{"/nonexistent", false, ERR_CONFIG, ENOENT},
		{"/etc/passwd/x", false, ERR_CONFIG, ENOTDIR},
		{"/etc", false, ERR_CONFIG, EISDIR},
		{"/etc/passwd", false, ERR_CONFIG, EMSGSIZE},
		{"/proc/self/mem", false, ERR_IO, EIO},
		{"/etc/passwd", true, ERR_OS, EMFILE},
		{"/nonexistent", true, ERR_OS, EMFILE},
		{"/dev/null", false, 0, 0},
	};
	struct buf b = BUF_INIT(4);
	struct rlimit some, none;
	struct err err;
	size_t i;
	int rc, e;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &some), 0);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		none = (struct rlimit){0, some.rlim_max};
		err = (struct err)ERR_INIT;
		if (row[i].full)
			assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		rc = file_read(row[i].path, &b, ERR_CONFIG, &err);
		e = errno;
		if (row[i].full)
			assert_int_equal(setrlimit(RLIMIT_NOFILE, &some), 0);
		if (rc != row[i].rc || err.code != row[i].rc || (rc < 0 && e != row[i].says) ||
			b.len > 4)
			fail_msg("%s: %d: %s", row[i].path, rc, strerror(e));
	}
	buf_free(&b);
}

/* RFC 3339 section 5.6, and its errors. */
static void times_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: it is none */
	} row[] = {{"1970-01-01T00:00:00Z", 0}, {"2016-04-01T00:00:00Z", 1459468800},
		{"2016-04-01t00:00:00z", 1459468800}, {"2016-04-01 00:00:00Z", 1459468800},
		{"2016-04-01T02:00:00+02:00", 1459468800},
		{"2016-03-31T22:30:00-01:30", 1459468800}, {"2016-04-01T00:00:00.999Z", 1459468800},
		{"2016-12-31T23:59:60Z", 1483228800}, {"2016-02-29T00:00:00Z", 1456704000},
		{"2015-02-29T00:00:00Z", -1}, {"2016-04-31T00:00:00Z", -1},
		{"2016-13-01T00:00:00Z", -1}, {"2016-00-01T00:00:00Z", -1},
		{"2016-01-00T00:00:00Z", -1}, {"2016-01-01T24:00:00Z", -1},
		{"2016-01-01T00:60:00Z", -1}, {"2016-01-01T00:00:61Z", -1},
		{"2016-01-01T00:00:00", -1}, {"2016-01-01T00:00:00.Z", -1},
		{"2016-01-01T00:00:00Zx", -1}, {"2016-01-01T00:00:00+24:00", -1},
		{"2016-01-01T00:00:00+1:00", -1}, {"1969-12-31T23:59:59Z", -1}, {"2016-01-01", -1},
		{"", -1}, {"x", -1}, {"-016-01-01T00:00:00Z", -1}, {"20160101T000000Z....", -1}};
	int64_t t;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		t = -1;
		rc = text_time_read(row[i].text, &t);
		if (rc != (row[i].want < 0 ? -1 : 0) || t != row[i].want)
			fail_msg("%s: %d %lld", row[i].text, rc, (long long)t);
	}
}

static void codes_of_errno(void **state)
{
	static const struct {
		const char *name;
		int e;
		enum err_code code;
	} row[] = {
		{"no descriptor is left", EMFILE, ERR_OS},
		{"on the whole machine", ENFILE, ERR_OS},
		{"no memory", ENOMEM, ERR_OS},
		{"no process", EAGAIN, ERR_OS},
		{"interrupted", EINTR, ERR_OS},
		{"a disk that fails", EIO, ERR_IO},
		{"a full one", ENOSPC, ERR_IO},
		{"a quota", EDQUOT, ERR_IO},
		{"is not there", ENOENT, ERR_CONFIG},
		{"is not allowed", EACCES, ERR_CONFIG},
		{"is no folder", ENOTDIR, ERR_CONFIG},
		{"is on a medium that is read only", EROFS, ERR_CONFIG},
		{"a server that is gone", ESTALE, ERR_IO},
		{"what nobody has heard of", 4095, ERR_IO},
	};
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s\n", row[i].name);
		assert_int_equal(err_of_errno(row[i].e, ERR_CONFIG), row[i].code);
		assert_int_equal(errno_is_of_path(row[i].e), row[i].code == ERR_CONFIG);
		errno = row[i].e;
		assert_int_equal(err_path(&err, ERR_CONFIG, "PATH"), row[i].code);
		assert_int_equal(strncmp(err.msg, "PATH: ", 6), 0);
	}
}

/* Else AddressSanitizer ends the test where there is no memory. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void a_buffer_says_why_it_does_not_grow(void **state)
{
	struct buf b = BUF_INIT(SIZE_MAX / 2);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(buf_reserve(&b, SIZE_MAX), -1);
	assert_int_equal(err_too_large(&err, ERR_DATA, "over %d", 1), ERR_DATA);
	assert_string_equal(err.msg, "over 1");
	assert_int_equal(buf_reserve(&b, SIZE_MAX / 2), -1); /* more than there is */
	assert_int_equal(err_too_large(&err, ERR_DATA, "over %d", 1), ERR_OS);
	assert_string_equal(err.msg, "out of memory");
	err.code = ERR_NONE;
	assert_int_equal(err_left_out(buf_reserve(&b, SIZE_MAX), &err), 0);
	assert_int_equal(err.code, ERR_NONE);
	assert_int_equal(err_left_out(buf_reserve(&b, SIZE_MAX / 2), &err), ERR_OS);
	assert_int_equal(err.code, ERR_OS);
	assert_int_equal(err_left_out(0, &err), 0); /* whatever errno says of earlier */
}

static void marks_and_digits(void **state)
{
	static const struct {
		const char *hex;
		bool ok;
	} row[] = {{"00ff", true}, {"aBcD", true}, {"0g00", false}, {"000g", false}, {"", false},
		{"123", false}};
	uint8_t two[2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_int_equal(text_unhex(row[i].hex, two, 2), row[i].ok);
	assert_true(text_unhex("aBcD", two, 2));
	assert_int_equal(two[0], 0xab);
	assert_int_equal(two[1], 0xcd);
	assert_true(text_unhex("", two, 0));
	assert_int_equal(text_bom("\xef\xbb\xbf", 3), 3);
	assert_int_equal(text_bom("\xef\xbb\xbf"
				  "a",
				 4),
		3);
	assert_int_equal(text_bom("\xef\xbb\xbf", 2), 0);
	assert_int_equal(text_bom("a\xef\xbb\xbf", 4), 0);
	assert_int_equal(text_bom(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(buffer_keeps_its_maximum),
		cmocka_unit_test(a_buffer_says_why_it_does_not_grow),
		cmocka_unit_test(foreign_text), cmocka_unit_test(text_in_other_locales),
		cmocka_unit_test(times), cmocka_unit_test(z_base_32),
		cmocka_unit_test(private_folders), cmocka_unit_test(ours_and_closed_to_others),
		cmocka_unit_test(temporary_folders_stay_below_the_root),
		cmocka_unit_test(codes_of_errno), cmocka_unit_test(times_are_read),
		cmocka_unit_test(reading), cmocka_unit_test(marks_and_digits)};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
