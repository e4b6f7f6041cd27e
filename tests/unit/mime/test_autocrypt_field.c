/* SPDX-License-Identifier: ISC */
/* The fields Autocrypt and Autocrypt-Gossip, as others write them, and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mime/autocrypt_field.h"

#define KEY "bm90IGEga2V5" /* "not a key" */

static void values(void **state)
{
	static const struct {
		const char *name, *value;
		const char *why; /* a part of it; NULL: it is one */
		const char *addr;
		bool mutual;
	} row[] = {
		{"plain", " addr=a@b.example; keydata=" KEY, NULL, "a@b.example", false},
		{"mutual", " addr=a@b.example; prefer-encrypt=mutual; keydata=" KEY, NULL,
			"a@b.example", true},
		{"folded",
			" addr=a@b.example;\n prefer-encrypt=mutual;\n keydata=\n bm90\n "
			"IGEg\n\ta2V5\n",
			NULL, "a@b.example", true},
		{"no blanks", "addr=a@b.example;prefer-encrypt=mutual;keydata=" KEY, NULL,
			"a@b.example", true},
		{"blanks around =", " addr = a@b.example ; keydata = " KEY, NULL, "a@b.example",
			false},
		{"upper case in the address", " addr=A@B.Example; keydata=" KEY, NULL,
			"a@b.example", false},
		{"another order", " prefer-encrypt=mutual; addr=a@b.example; keydata=" KEY, NULL,
			"a@b.example", true},
		{"a semicolon at the end", " addr=a@b.example; keydata=" KEY ";", NULL,
			"a@b.example", false},
		{"nopreference", " addr=a@b.example; prefer-encrypt=nopreference; keydata=" KEY,
			NULL, "a@b.example", false},
		{"a preference in upper case",
			" addr=a@b.example; prefer-encrypt=Mutual; keydata=" KEY, NULL,
			"a@b.example", false},
		{"a non-critical attribute", " addr=a@b.example; _foo=1; keydata=" KEY, NULL,
			"a@b.example", false},
		{"a critical attribute", " addr=a@b.example; foo=1; keydata=" KEY, "not known",
			NULL, false},
		{"the type of old drafts", " addr=a@b.example; type=1; keydata=" KEY, "not known",
			NULL, false},
		{"an attribute's name in upper case", " Addr=a@b.example; keydata=" KEY,
			"not known", NULL, false},
		{"no address", " keydata=" KEY, "no address", NULL, false},
		{"no key", " addr=a@b.example", "no key", NULL, false},
		{"an empty key", " addr=a@b.example; keydata=", "no key", NULL, false},
		{"an empty address", " addr=; keydata=" KEY, "not a mail address", NULL, false},
		{"an address without domain", " addr=a; keydata=" KEY, "not a mail address", NULL,
			false},
		{"two addresses", " addr=a@b.example; addr=a@b.example; keydata=" KEY, "twice",
			NULL, false},
		{"two keys", " addr=a@b.example; keydata=" KEY "; keydata=" KEY, "follows its key",
			NULL, false},
		{"something behind the key", " addr=a@b.example; keydata=" KEY "; _x=1",
			"follows its key", NULL, false},
		{"a key that is not base64", " addr=a@b.example; keydata=bm9*", "not base64", NULL,
			false},
		{"a key that is cut short", " addr=a@b.example; keydata=bm9", "not base64", NULL,
			false},
		{"no attributes", " hello", "not a list", NULL, false},
		{"an attribute without a name", " =1; addr=a@b.example; keydata=" KEY, "not a list",
			NULL, false},
		{"empty", "", "no address", NULL, false},
		{"an address in brackets", " addr=<a@b.example>; keydata=" KEY, NULL, "a@b.example",
			false},
		{"two addresses in one", " addr=a@b.example, c@d.example; keydata=" KEY,
			"not a mail address", NULL, false},
	};
	struct autocrypt_field f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *why;

		(void)autocrypt_read("Autocrypt", row[i].value, &f, &why, NULL);
		if (!why != !row[i].why || (why && !strstr(why, row[i].why)))
			fail_msg("%s: %s", row[i].name, why ? why : "it is one");
		if (why) {
			assert_null(f.key.p);
			continue;
		}
		if (strcmp(f.addr.name, row[i].addr) != 0 || f.mutual != row[i].mutual ||
			f.key.len != 9 || memcmp(f.key.p, "not a key", 9) != 0)
			fail_msg("%s: %s, %zu bytes", row[i].name, f.addr.name, f.key.len);
		autocrypt_field_free(&f);
	}
}

/* A value of exactly so many bytes in all, its name included. */
static char *value_of(size_t size)
{
	static const char head[] = " addr=a@b.example; keydata=" KEY;
	size_t n = size - strlen("Autocrypt") - 1;
	char *s = malloc(n + 1);

	assert_non_null(s);
	memset(s, '\n', n);
	memcpy(s, head, sizeof(head) - 1);
	s[n] = '\0';
	return s;
}

static void its_length(void **state)
{
	struct autocrypt_field f;
	char *s = value_of(AUTOCRYPT_HEADER_MAX);
	const char *why;

	(void)state;
	assert_int_equal(autocrypt_read("Autocrypt", s, &f, &why, NULL), 1);
	autocrypt_field_free(&f);
	free(s);
	s = value_of(AUTOCRYPT_HEADER_MAX + 1);
	assert_int_equal(autocrypt_read("Autocrypt", s, &f, &why, NULL), 0);
	free(s);
}

static void many_attributes(void **state)
{
	const char *why;
	struct buf s = BUF_INIT(4096);
	struct autocrypt_field f;
	int i;

	(void)state;
	for (i = 0; i < 40; i++)
		assert_int_equal(buf_adds(&s, "_a=1;"), 0);
	assert_int_equal(buf_adds(&s, "addr=a@b.example; keydata=" KEY), 0);
	assert_int_equal(autocrypt_read("Autocrypt", buf_str(&s), &f, &why, NULL), 0);
	assert_non_null(strstr(why, "too many"));
	buf_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(its_length),
		cmocka_unit_test(many_attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
