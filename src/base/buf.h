/* SPDX-License-Identifier: ISC */
/*
 * A growing byte buffer with a fixed maximum. Invariants: p is NULL or has cap bytes, len < cap,
 * and p[len] is 0, so that text can be used as a string. If secret is set, memory is cleared before
 * it is freed.
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

/* All return 0, or -1 if the maximum would be exceeded (EMSGSIZE) or memory is short (ENOMEM); the
 * content is then unchanged. */
int buf_add(struct buf *b, const void *data, size_t len);
int buf_addc(struct buf *b, char c);
int buf_adds(struct buf *b, const char *s);
int buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for n more bytes at b->p + b->len; the caller then increases len itself. */
int buf_reserve(struct buf *b, size_t n);

/* The content as a string, "" if empty. Valid until the buffer next changes. */
const char *buf_str(const struct buf *b);
/* Empties, keeps the memory. */
void buf_reset(struct buf *b);
/* Frees; the buffer can be used again with the same maximum. */
void buf_free(struct buf *b);

#endif
