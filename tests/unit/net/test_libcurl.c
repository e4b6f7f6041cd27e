/* SPDX-License-Identifier: ISC */
/* net/libcurl: what there is without the library, and that it is loaded once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_dlopen.h"

#include "net/https.h"
#include "net/libcurl.h"

/* Each request says so; nothing is asked. */
static void fails_closed(const char *library)
{
	struct err err = ERR_INIT;
	char url[HTTPS_URL_MAX], host[ADDR_DOMAIN_MAX + 1];
	struct https *h = NULL;

	instead = library;
	assert_int_equal(libcurl_load(&err), ERR_OS);
	assert_non_null(strstr(err.msg, "HTTPS needs libcurl.so.4"));
	assert_non_null(strstr(err.hint, "install libcurl"));
	assert_int_equal(https_open("", 3000, "", &h, NULL), 0);
	assert_int_equal(https_prepare(h, NULL), ERR_OS);
	https_wait(h, NULL, 0, 0);
	https_process(h);
	https_close(h);
	assert_int_equal(https_redirect("https://a.example/", "/b", url, host, NULL), ERR_OS);
}

static void without_library(void **state)
{
	(void)state;
	fails_closed("no-such-library.so");
	fails_closed("libc.so.6");
}

static void loaded_once(void **state)
{
	(void)state;
	instead = NULL;
	opened = 0;
	assert_int_equal(libcurl_load(NULL), 0);
	instead = "no-such-library.so";
	assert_int_equal(libcurl_load(NULL), 0);
	assert_int_equal(opened, 1);
	assert_non_null(curl.easy_init);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_library), cmocka_unit_test(loaded_once)};

	return cmocka_run_group_tests_name("libcurl", tests, NULL, NULL);
}
