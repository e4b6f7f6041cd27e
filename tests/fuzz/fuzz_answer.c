/* SPDX-License-Identifier: ISC */
/*
 * What a web server answers where a key was asked for: coded, coded badly, a page, a key in odd
 * forms. No crash, nothing beyond the limits, and an answer is alike to itself.
 */
#include "fuzz.h"

#include <string.h>

#include "net/coding.h"
#include "pgp/cert/armour.h"
#include "wkd/control.h"

#define URL "https://d.example/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=joe"
#define MAX 65536

static void coded(const uint8_t *data, size_t size, const char *coding)
{
	struct buf body = BUF_INIT(MAX);

	if (buf_add(&body, data, size) == 0)
		(void)coding_undo(coding, &body);
	must(body.len <= MAX && body.max == MAX);
	buf_free(&body);
}

static void page(const uint8_t *data, size_t size)
{
	struct control_page a, b;

	(void)control_needed(data, size);
	if (control_read(data, size, URL, &a) < 0 || control_read(data, size, URL, &b) < 0)
		return;
	must(control_alike(&a, &b));
	must((a.kind == PAGE_EMPTY) == (size == 0));
	must(memchr(a.tag, '\0', sizeof(a.tag)) && (a.kind == PAGE_HTML) == (a.tag[0] != '\0'));
}

static void armour(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(MAX);
	struct armour a;

	if (armour_read(data, size, &out, &a) == 0)
		must(a.found || (out.len == 0 && !a.secret && !a.damaged));
	must(out.len <= MAX);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	coded(data, size, "");
	coded(data, size, "deflate");
	page(data, size);
	armour(data, size);
	return 0;
}
