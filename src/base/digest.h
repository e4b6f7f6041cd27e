/* SPDX-License-Identifier: ISC */
/* SHA-256, where no secret is at stake. */
#ifndef SEALPOST_DIGEST_H
#define SEALPOST_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_LEN 32

struct digest_part {
	const void *p; /* borrowed */
	size_t len;
};

/* Of n parts, at most 4, one after another; the caller sees to it that their borders are clear. 0,
 * or -1 without memory. */
int digest_sha256(const struct digest_part *part, size_t n, uint8_t out[DIGEST_LEN]);

/* The same piece by piece. digest_begin: NULL without memory; digest_end frees it. */
struct digest;
struct digest *digest_begin(void);
void digest_add(struct digest *d, const void *p, size_t len);
void digest_end(struct digest *d, uint8_t out[DIGEST_LEN]);

#endif
