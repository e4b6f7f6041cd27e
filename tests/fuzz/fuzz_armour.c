/* SPDX-License-Identifier: ISC */
/* Armour around keys, in whatever text: what comes out is no longer than what went in; and the
 * strict reader of a message says the same however the bytes come in pieces. */
#include "fuzz.h"
#include "pgp/cert/armour.h"

#define OUT_MAX (8u << 20)

struct seen {
	size_t len;
	uint32_t sum;
};

static void take_bytes(void *arg, const uint8_t *p, size_t n)
{
	struct seen *s = arg;
	size_t i;

	for (i = 0; i < n; i++)
		s->sum = s->sum * 31 + p[i];
	s->len += n;
}

static bool read_strictly(const uint8_t *data, size_t size, size_t piece, struct seen *s)
{
	struct armour_reader r;
	size_t at, n;

	armour_read_begin(&r, take_bytes, s);
	for (at = 0; at < size; at += n) {
		n = size - at < piece ? size - at : piece;
		armour_read_add(&r, data + at, n);
	}
	return armour_read_end(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(OUT_MAX);
	struct armour a = {0};
	struct seen whole = {0}, pieces = {0};

	if (armour_read(data, size, &out, &a) == 0) {
		must(out.len <= size);
		must(a.found || out.len == 0);
		must(!a.damaged || a.found);
	}
	buf_free(&out);
	must(read_strictly(data, size, size ? size : 1, &whole) ==
		read_strictly(data, size, 7, &pieces));
	must(whole.len == pieces.len && whole.sum == pieces.sum);
	return 0;
}
