/* SPDX-License-Identifier: ISC */
/*
 * A byte buffer with a maximum at birth. Invariants: p is NULL or holds cap bytes, len < cap, and
 * p[len] is 0, so that text can be used as a string. One that was marked secret is cleared before
 * any of its memory is given back.
 */
#ifndef SEALPOST_BUF_H
#define SEALPOST_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *p;
	size_t len;
	size_t cap;
	size_t max;  /* len never exceeds it */
	bool secret; /* plaintext: cleared before it is freed */
};

#define BUF_INIT(maximum)                                                                          \
	{                                                                                          \
		.max = (maximum)                                                                   \
	}
#define BUF_INIT_SECRET(maximum)                                                                   \
	{                                                                                          \
		.max = (maximum), .secret = true                                                   \
	}

/* All return 0, or -1 when the maximum or memory is exceeded; the content is then as before. */
int buf_add(struct buf *b, const void *data, size_t len);
int buf_addc(struct buf *b, char c);
int buf_adds(struct buf *b, const char *s);
int buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Room for n more bytes at b->p + b->len; the caller then raises len itself. */
int buf_reserve(struct buf *b, size_t n);

/* The content as a string, "" when empty. Borrowed: valid until the next change. */
const char *buf_str(const struct buf *b);
/* Empties, keeps the memory. */
void buf_reset(struct buf *b);
/* Frees; the buffer can be used again with the same maximum. */
void buf_free(struct buf *b);

#endif
