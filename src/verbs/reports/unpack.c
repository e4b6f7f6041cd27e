/* SPDX-License-Identifier: ISC */
#include "verbs/reports/unpack.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/text.h"
#include "verbs/reports/report.h"

#define STEP 16384          /* bytes that are unpacked at a time */
#define GZIP_ONLY (15 + 16) /* zlib's word for it */

void unpack_begin(struct unpack *u)
{
	*u = (struct unpack){.text = BUF_INIT(REPORT_JSON_MAX), .kind = UNPACK_FIRST};
}

static int too_large(struct err *err)
{
	return err_too_large(err, ERR_DATA, "the report is larger than %u bytes", REPORT_JSON_MAX);
}

static int begin_gzip(struct unpack *u, struct err *err)
{
	z_stream *z = calloc(1, sizeof(*z));

	u->kind = UNPACK_GZIP;
	if (z && inflateInit2(z, GZIP_ONLY) != Z_OK) {
		free(z);
		z = NULL;
	}
	u->zlib = z;
	return z ? 0 : err_set(err, ERR_OS, "out of memory");
}

/* One step; *again: there may be more without more input. */
static int inflate_step(struct unpack *u, z_stream *z, bool *again, struct err *err)
{
	uint8_t step[STEP];
	size_t n;
	int rc;

	if (u->ended && z->next_in[0] != 0x1f) { /* what is behind it, gzip passes over too */
		*again = false;
		return 0;
	}
	if (u->ended) { /* another member (RFC 1952 section 2.2) */
		u->ended = false;
		if (inflateReset(z) != Z_OK)
			return err_set(err, ERR_DATA, "the report is not gzip");
	}
	z->next_out = step;
	z->avail_out = sizeof(step);
	rc = inflate(z, Z_NO_FLUSH);
	n = sizeof(step) - z->avail_out;
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return err_set(err, ERR_DATA, "the report is not whole gzip");
	if (buf_add(&u->text, step, n) < 0)
		return too_large(err);
	if (u->text.len > REPORT_RATIO_FREE && u->text.len / REPORT_RATIO_MAX > u->in)
		return err_set(err, ERR_DATA, "the report unpacks to more than %d times its size",
			REPORT_RATIO_MAX);
	u->ended = rc == Z_STREAM_END;
	*again = rc != Z_BUF_ERROR && (z->avail_in > 0 || (!u->ended && z->avail_out == 0));
	return 0;
}

static int add_gzip(struct unpack *u, const uint8_t *p, size_t n, struct err *err)
{
	z_stream *z = u->zlib;
	bool again = n > 0;
	int rc = 0;

	z->next_in = (uint8_t *)(uintptr_t)p;
	z->avail_in = (unsigned)n;
	while (rc == 0 && again)
		rc = inflate_step(u, z, &again, err);
	return rc;
}

/* Held until two bytes tell what it is. */
static int add_first(struct unpack *u, const uint8_t *p, size_t n, struct err *err)
{
	struct buf held;
	int rc;

	if (buf_add(&u->text, p, n) < 0)
		return too_large(err);
	if (u->text.len < 2)
		return 0;
	u->kind = UNPACK_PLAIN;
	if (memcmp(u->text.p, "\x1f\x8b", 2) != 0)
		return 0;
	held = u->text;
	u->text = (struct buf)BUF_INIT(REPORT_JSON_MAX);
	rc = begin_gzip(u, err);
	if (rc == 0)
		rc = add_gzip(u, held.p, held.len, err);
	buf_free(&held);
	return rc;
}

int unpack_add(struct unpack *u, const uint8_t *p, size_t n, struct err *err)
{
	u->in += n;
	if (u->in > REPORT_INPUT_MAX)
		return err_set(err, ERR_DATA, "it is larger than %u bytes", REPORT_INPUT_MAX);
	switch (u->kind) {
	case UNPACK_FIRST:
		return add_first(u, p, n, err);
	case UNPACK_GZIP:
		return add_gzip(u, p, n, err);
	case UNPACK_PLAIN:
		break;
	}
	return buf_add(&u->text, p, n) < 0 ? too_large(err) : 0;
}

int unpack_end(const struct unpack *u, struct err *err)
{
	if (u->kind == UNPACK_GZIP && !u->ended)
		return err_set(err, ERR_DATA, "the report is not whole gzip");
	return 0;
}

void unpack_free(struct unpack *u)
{
	if (u->zlib)
		(void)inflateEnd(u->zlib);
	free(u->zlib);
	u->zlib = NULL;
	buf_free(&u->text);
}

const char *unpack_json(const struct unpack *u, size_t *len)
{
	const char *s = buf_str(&u->text), *end = s + u->text.len;

	s += text_bom(s, u->text.len);
	s += strspn(s, " \t\r\n");
	*len = (size_t)(end - s);
	return *s == '{' ? s : NULL;
}
