/* SPDX-License-Identifier: ISC */
#include "mime/part.h"

#include <string.h>

#include "mime/transfer.h"

#define CHUNK 16384

int part_type(const struct message *m, const struct structure *s, size_t i, struct buf *out,
	struct err *err)
{
	const struct part *p = &s->part[i];
	const char *value = i == 0 ? message_field(m, "Content-Type") : NULL;
	off_t n = p->type_end - p->type_start;
	char *colon;
	ssize_t got;

	if (i == 0)
		return value && buf_adds(out, value) < 0
			       ? err_too_large(err, ERR_DATA, "a Content-Type is too long")
			       : 0;
	if (n <= 0 || n >= PART_TYPE_MAX)
		return 0;
	if (buf_reserve(out, (size_t)n) < 0)
		return err_set(err, ERR_OS, "out of memory");
	got = source_read(m->src, p->type_start, out->p + out->len, (size_t)n, err);
	if (got < 0)
		return ERR_IO;
	out->len += (size_t)got;
	out->p[out->len] = '\0';
	colon = memchr(out->p, ':', out->len);
	if (colon)
		memmove(out->p, colon + 1, strlen(colon + 1) + 1);
	out->len = strlen((char *)out->p);
	return 0;
}

int part_decode(const struct source *src, const struct part *p,
	int (*give)(void *arg, const uint8_t *b, size_t n, struct err *err), void *arg,
	struct err *err)
{
	uint8_t in[CHUNK], out[CHUNK];
	struct transfer t;
	off_t at = p->body;
	ssize_t n;
	int rc = 0;

	transfer_begin(&t, p->cte);
	while (rc == 0 && at < p->end) {
		n = p->end - at < CHUNK ? (ssize_t)(p->end - at) : CHUNK;
		n = source_read(src, at, in, (size_t)n, err);
		if (n <= 0)
			return ERR_IO;
		at += n;
		rc = give(arg, out, transfer_add(&t, in, (size_t)n, out), err);
	}
	if (rc == 0 && !transfer_end(&t))
		rc = err_set(err, ERR_DATA, "a part's transfer encoding is broken");
	return rc;
}
