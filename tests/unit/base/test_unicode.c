/* SPDX-License-Identifier: ISC */
/* Names that are not ASCII, and what becomes of them where the libraries for them are missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fake_dlopen.h"

#include "base/addr.h"
#include "base/unicode.h"
#include "base/wkd_name.h"

#define E_ACUTE "\303\251"
#define E_AND_ACUTE "e\314\201"
#define TWENTY "abcdefghijklmnopqrst"
#define LONG_LABEL TWENTY TWENTY TWENTY

static void fails_closed(const char *library)
{
	char domain[ADDR_DOMAIN_MAX + 1] = "", text[64] = "";
	struct addr a;
	struct err err = ERR_INIT;

	instead = library;
	assert_int_equal(
		unicode_domain("caf" E_ACUTE ".example", text, sizeof(text), &err), ERR_OS);
	assert_non_null(strstr(err.msg, "libidn2"));
	assert_int_equal(unicode_nfc(E_AND_ACUTE, text, sizeof(text), NULL), ERR_OS);
	assert_string_equal(text, "");
	assert_int_equal(addr_domain("caf" E_ACUTE ".example", domain, NULL), ERR_OS);
	assert_string_equal(domain, "");
	assert_int_equal(addr_parse(E_ACUTE "@a.example", &a, NULL), ERR_OS);
}

static void without_libraries(void **state)
{
	(void)state;
	fails_closed("no-such-library.so");
	fails_closed("libc.so.6");
}

static void ascii_needs_none(void **state)
{
	char owner[WKD_OWNER_MAX + 1];
	struct addr a;

	(void)state;
	instead = "no-such-library.so";
	opened = 0;
	assert_int_equal(addr_parse("a@cafe.example", &a, NULL), 0);
	assert_int_equal(openpgpkey_owner(&a, owner, NULL), 0);
	assert_int_equal(opened, 0);
}

static void domains(void **state)
{
	static const struct {
		const char *utf8, *ascii; /* NULL: none */
	} row[] = {
		{"caf" E_ACUTE ".example", "xn--caf-dma.example"},
		{"caf" E_AND_ACUTE ".example", "xn--caf-dma.example"},
		{"CAF\303\211.example", "xn--caf-dma.example"},
		{"stra\303\237e.example", "xn--strae-oqa.example"}, /* not transitional */
		{"\314\201a.example", NULL},                        /* an accent on nothing */
		{LONG_LABEL E_ACUTE ".example", NULL},
	};
	char out[ADDR_DOMAIN_MAX + 1], small[sizeof("xn--caf-dma.example") - 1];
	size_t i;

	(void)state;
	instead = NULL;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const int rc = unicode_domain(row[i].utf8, out, sizeof(out), NULL);

		assert_int_equal(rc, row[i].ascii ? 0 : ERR_USAGE);
		if (row[i].ascii)
			assert_string_equal(out, row[i].ascii);
	}
	assert_int_equal(unicode_domain(row[0].utf8, small, sizeof(small), NULL), ERR_USAGE);
}

static void normal_form(void **state)
{
	char out[8];

	(void)state;
	instead = NULL;
	assert_int_equal(unicode_nfc("caf" E_AND_ACUTE, out, sizeof(out), NULL), 0);
	assert_string_equal(out, "caf" E_ACUTE);
	assert_int_equal(unicode_nfc("1234567" E_ACUTE, out, sizeof(out), NULL), 1);
	assert_int_equal(unicode_nfc("12345" E_ACUTE, out, sizeof(out), NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_libraries), /* first: what is found stays loaded */
		cmocka_unit_test(ascii_needs_none),
		cmocka_unit_test(domains),
		cmocka_unit_test(normal_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
