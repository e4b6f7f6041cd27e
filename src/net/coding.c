/* SPDX-License-Identifier: ISC */
#include "net/coding.h"

#include <string.h>
#include <strings.h>
#include <zlib.h>

#define STEP 16384         /* bytes that are decoded at a time */
#define BITS_ANY (15 + 32) /* gzip or zlib, as its header says */
#define BITS_RAW (-15)

static bool is_gzip(const struct buf *b)
{
	return b->len > 3 && memcmp(b->p, "\x1f\x8b\x08", 3) == 0;
}

/* 1: out holds all of it; 0: that is not what it is; -1: out is full. */
static int inflate_all(const struct buf *in, int bits, struct buf *out)
{
	z_stream z = {.next_in = in->p, .avail_in = (unsigned)in->len};
	uint8_t step[STEP];
	int rc, full = 0;

	if (inflateInit2(&z, bits) != Z_OK)
		return -1;
	do {
		z.next_out = step;
		z.avail_out = sizeof(step);
		rc = inflate(&z, Z_NO_FLUSH);
		if (rc == Z_OK || rc == Z_STREAM_END)
			full = buf_add(out, step, sizeof(step) - z.avail_out);
		/* another member (RFC 1952 section 2.2) */
		if (rc == Z_STREAM_END && z.avail_in > 0 && z.next_in[0] == 0x1f)
			rc = inflateReset(&z);
	} while (rc == Z_OK && full == 0);
	(void)inflateEnd(&z);
	return full < 0 ? -1 : rc == Z_STREAM_END && z.avail_in == 0;
}

int coding_undo(const char *coding, struct buf *body)
{
	bool deflate = strcasecmp(coding, "deflate") == 0;
	struct buf out = BUF_INIT(body->max);
	int rc = 0;

	if (body->len == 0 || (!deflate && !is_gzip(body)))
		return 0;
	rc = inflate_all(body, BITS_ANY, &out);
	if (rc == 0 && deflate) {
		buf_reset(&out);
		rc = inflate_all(body, BITS_RAW, &out);
	}
	if (rc == 1) {
		buf_free(body);
		*body = out;
		return 0;
	}
	buf_free(&out);
	return rc;
}
