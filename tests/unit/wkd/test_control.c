/* SPDX-License-Identifier: ISC */
/* wkd/control: a published key that cannot be read is not taken for none; a server that answers
 * alike to every name is seen to do so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wkd/control.h"

#define URL "https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=joe"
#define OTHER                                                                                      \
	"https://example.org/.well-known/openpgpkey/hu/ybndrfg8ejkmcpqxot1uwisza345h769"           \
	"?l=ybndrfg8ejkmcpqxot1uwisza345h769"

static void needed(void **state)
{
	static const struct {
		const char *name, *body;
		bool needed;
	} row[] = {
		{"a key, old packet format", "\x99\x01\x0d", false},
		{"a key, new packet format", "\xc6\x33\x04", false},
		{"a secret key", "\x95\x01", false},
		{"armour", "-----BEGIN PGP PUBLIC KEY BLOCK-----", false},
		{"armour behind text", "My key:\n-----BEGIN PGP PUBLIC KEY BLOCK-----", false},
		{"armour in a page", "<html><pre>-----BEGIN PGP PUBLIC KEY BLOCK-----", false},
		{"broken armour", "---BEGIN PGP KEY", false},
		{"nothing", "", true},
		{"a page", "<html>", true},
		{"text", "not found", true},
		{"a git-LFS pointer", "version https://git-lfs.github.com/spec/v1\n", true},
		{"gzip that could not be undone", "\x1f\x8b\x08", true},
		{"a compressed packet", "\xa3\x01", true},
		{"a message", "\xc1\xc0", true},
		{"a picture", "\x89PNG\r\n", true},
		{"UTF-16", "\xff\xfe-", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("  row %zu: %s\n", i + 1, row[i].name);
		assert_int_equal(control_needed((const uint8_t *)row[i].body, strlen(row[i].body)),
			row[i].needed);
	}
}

static void alike(void **state)
{
	/* What it says to the address, and to a name that nobody has published. */
	static const struct {
		const char *name, *answer, *control;
		bool alike;
	} row[] = {
		{"both empty", "", "", true},
		{"empty, and a page", "", "<html>", false},
		{"a page, and empty", "<html>", "", false},
		{"the same page", "<!DOCTYPE html><title>Hi", "<!DOCTYPE html><title>Hi", true},
		{"pages with another text", "<!DOCTYPE html>12:01", "<!doctype html>12:02", true},
		{"pages that begin otherwise", "<!DOCTYPE html>", "<html>", false},
		{"pages behind blanks and a mark", "\xef\xbb\xbf\n <html>1", "<html lang=en>2",
			true},
		{"pages behind comments", "<!-- 12:01 -->\n<html>", "<!-- 12:02 --><html>", true},
		{"XML errors", "<?xml version='1.0'?><Error><Id>1", "<?xml?>\n<Error><Id>2", true},
		{"a comment without end", "<!-- <html>", "<!-- <html> ", false},
		{"less-than alone", "< html>1", "< html>2", false},
		{"no tag's name", "<>1", "<>2", false},
		{"a tag that does not end", "<html", "<html", true},
		{"a long tag", "<averyveryverylongtag>1", "<averyveryverylongtag>2", false},
		{"a page, and text", "<html>", "not found", false},
		{"the same text", "not found", "not found", true},
		{"another text", "not found", "no such file", false},
		{"text that names what was asked for",
			"no hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=joe here",
			"no hu/ybndrfg8ejkmcpqxot1uwisza345h769?l=ybndrfg8ejkmcpqxot1uwisza345h769 "
			"here",
			true},
		{"text that names it twice",
			"iy9q119eutrkn8s1mk4r39qejnbu3n5q iy9q119eutrkn8s1mk4r39qejnbu3n5q",
			"ybndrfg8ejkmcpqxot1uwisza345h769 ybndrfg8ejkmcpqxot1uwisza345h769", true},
		{"text that names another's", "no iy9q119eutrkn8s1mk4r39qejnbu3n5q",
			"no iy9q119eutrkn8s1mk4r39qejnbu3n5q", false},
		{"a pointer, and a page", "version https://git-lfs.github.com/spec/v1\n", "<html>",
			false},
		{"only what was asked for", "?l=joe", "?l=ybndrfg8ejkmcpqxot1uwisza345h769", true},
	};
	struct control_page a, b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("  row %zu: %s\n", i + 1, row[i].name);
		assert_int_equal(control_read((const uint8_t *)row[i].answer, strlen(row[i].answer),
					 URL, &a),
			0);
		assert_int_equal(control_read((const uint8_t *)row[i].control,
					 strlen(row[i].control), OTHER, &b),
			0);
		assert_int_equal(control_alike(&a, &b), row[i].alike);
	}
	assert_int_equal(control_read(NULL, 0, URL, &a), 0);
	assert_int_equal(a.kind, PAGE_EMPTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(needed), cmocka_unit_test(alike)};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
