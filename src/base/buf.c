/* SPDX-License-Identifier: ISC */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void release(struct buf *b)
{
	if (b->secret && b->p)
		explicit_bzero(b->p, b->cap);
	free(b->p);
}

int buf_reserve(struct buf *b, size_t n)
{
	uint8_t *p;
	size_t cap;

	if (b->len > b->max || n > b->max - b->len) {
		errno = EMSGSIZE;
		return -1;
	}
	if (b->p && b->len + n < b->cap)
		return 0;
	cap = b->cap == 0 ? 256 : b->cap > SIZE_MAX / 2 ? b->cap : b->cap * 2;
	if (cap <= b->len + n) /* who asks for much at once knows how much it is */
		cap = b->len + n + 1;
	p = malloc(cap); /* not realloc: it would leave a secret copy behind */
	if (!p)
		return -1;
	if (b->len)
		memcpy(p, b->p, b->len);
	p[b->len] = '\0';
	release(b);
	b->p = p;
	b->cap = cap;
	return 0;
}

int buf_add(struct buf *b, const void *data, size_t len)
{
	if (buf_reserve(b, len) < 0)
		return -1;
	if (len)
		memcpy(b->p + b->len, data, len);
	b->len += len;
	b->p[b->len] = '\0';
	return 0;
}

int buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || buf_reserve(b, (size_t)n) < 0)
		return -1;
	va_start(ap, fmt);
	vsnprintf((char *)b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

const char *buf_str(const struct buf *b)
{
	return b->p ? (const char *)b->p : "";
}

void buf_reset(struct buf *b)
{
	if (b->p) {
		if (b->secret)
			explicit_bzero(b->p, b->len);
		b->p[0] = '\0';
	}
	b->len = 0;
}

void buf_free(struct buf *b)
{
	release(b);
	b->p = NULL;
	b->len = b->cap = 0;
}
