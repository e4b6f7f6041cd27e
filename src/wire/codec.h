/* SPDX-License-Identifier: ISC */
/*
 * One description of a struct serves for writing, reading and freeing it, field by field; the
 * pointer that is set selects which. For the files of wire/ only.
 */
#ifndef SEALPOST_CODEC_H
#define SEALPOST_CODEC_H

#include "wire/frame.h"
#include "wire/lookup.h"

struct codec {
	struct wr *w;
	struct rd *r;
	/* neither: free */
	bool octets; /* counts are written as one byte, else as four */
};

void codec_u8(struct codec *c, uint8_t *v);
/* As 32 bits; bad if it does not fit. */
void codec_u16(struct codec *c, uint16_t *v);
void codec_u32(struct codec *c, uint32_t *v);
void codec_i64(struct codec *c, int64_t *v);

/* An enum value, at most last; returns the value to assign. */
unsigned codec_choice(struct codec *c, unsigned v, unsigned last);

/* A text of less than cap bytes, in place; an owned text of at most max bytes; owned bytes. */
void codec_fixed(struct codec *c, char *s, size_t cap);
void codec_text(struct codec *c, char **s, size_t max);
void codec_bytes(struct codec *c, uint8_t **p, size_t *len, size_t max);

/* The number of elements that follow, at most max; returns the value to assign, 0 on a read error.
 */
size_t codec_count(struct codec *c, size_t n, size_t max);

/* An owned array of n structs of the given size; p points to the pointer to it. */
void codec_array(struct codec *c, void *p, size_t *n, size_t max, size_t size,
	void (*each)(struct codec *c, void *item));

/* The questions asked, at most max of each kind. */
struct codec_evidence {
	struct evidence_dns **dns;
	size_t *n_dns;
	struct evidence_url **url;
	size_t *n_url;
	size_t max;
};
void codec_evidence(struct codec *c, const struct codec_evidence *e);

#define CODEC_ENUM(c, field, last) ((field) = codec_choice(c, (unsigned)(field), last))
#define CODEC_FLAG(c, field) CODEC_ENUM(c, field, 1)
#define CODEC_FIXED(c, field) codec_fixed(c, field, sizeof(field))

#endif
