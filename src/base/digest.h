/* SPDX-License-Identifier: ISC */
/* SHA-256 of data that is not secret. */
#ifndef SEALPOST_DIGEST_H
#define SEALPOST_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_LEN 32

struct digest_part {
	const void *p; /* borrowed */
	size_t len;
};

/*
 * Before any use of libgcrypt, here or elsewhere; again is nothing. Where memory ends it would
 * abort the process: from here on it is told, and the process ends as with any failure of the
 * system.
 */
void digest_start(void);

/* Hashes the concatenation of n parts, at most 4; the caller ensures that their boundaries are
 * unambiguous. 0, or -1 if memory is short. */
int digest_sha256(const struct digest_part *part, size_t n, uint8_t out[DIGEST_LEN]);

/* The same, incrementally. digest_begin returns NULL if memory is short; digest_end frees it. */
struct digest;
struct digest *digest_begin(void);
void digest_add(struct digest *d, const void *p, size_t len);
void digest_end(struct digest *d, uint8_t out[DIGEST_LEN]);

#endif
