/* SPDX-License-Identifier: ISC */
/* base64.c: the vectors of RFC 4648 section 10, and what is malformed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static void quantum(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {{"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xff\xff\xff", "////"},
		{"\xfb\xef\xbe", "++++"}};
	char out[5] = "";
	size_t i;
	int c, n = 0;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		base64_quantum(out, (const uint8_t *)row[i].in, (unsigned)strlen(row[i].in));
		assert_string_equal(out, row[i].out);
	}
	for (c = 0; c < 256; c++)
		n += base64_value((uint8_t)c) >= 0;
	assert_int_equal(n, 64);
	assert_int_equal(base64_value('='), -1);
}

/* step: characters a time, so that every state is entered in the middle. */
static bool undo(const char *in, size_t step, uint8_t *out, size_t *n)
{
	struct base64_reader r = {0};
	size_t len = strlen(in), i;

	*n = 0;
	for (i = 0; i < len; i += step)
		*n += base64_read(
			&r, (const uint8_t *)in + i, len - i < step ? len - i : step, out + *n);
	return base64_whole(&r);
}

static void strict(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: malformed or cut */
	} row[] = {
		/* 1 */ {"", ""},
		/* 2 */ {"Zg==", "f"},
		/* 3 */ {"Zm8=", "fo"},
		/* 4 */ {"Zm9v", "foo"},
		/* 5 */ {"Zm9vYg==", "foob"},
		/* 6 */ {" Zm\r\n9v\tYg=\n= \n", "foob"},
		/* 7 */ {"Zg", NULL},
		/* 8 */ {"Zg=", NULL},
		/* 9 */ {"Zg===", NULL},
		/* 10 */ {"Z===", NULL},
		/* 11 */ {"Zm8==", NULL},
		/* 12 */ {"Zm9v=", NULL},
		/* 13 */ {"=", NULL},
		/* 14 */ {"Zg==Zm9v", NULL},
		/* 15 */ {"Zm8=v", NULL},
		/* 16 */ {"Zh==", NULL},
		/* 17 */ {"Zm9=", NULL},
		/* 18 */ {"Zm-v", NULL},
		/* 19 */ {"Zm9v!", NULL},
		/* 20 */ {"Zm\x80v", NULL},
	};
	uint8_t out[64];
	size_t i, n, step;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%zu %s\n", i + 1, row[i].in);
		for (step = 1; step < 12; step++) {
			assert_int_equal(undo(row[i].in, step, out, &n), row[i].out != NULL);
			if (row[i].out) {
				assert_int_equal(n, strlen(row[i].out));
				assert_memory_equal(out, row[i].out, n);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(quantum), cmocka_unit_test(strict)};

	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
