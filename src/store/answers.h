/* SPDX-License-Identifier: ISC */
/*
 * What the network answered, kept in cache.db for a while: octets of which the cache knows nothing,
 * under a key that says what was asked. As with all of the cache, whatever goes wrong means that
 * nothing is known.
 */
#ifndef SEALPOST_ANSWERS_H
#define SEALPOST_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

#define ANSWERS_KEPT 5000                /* the oldest go */
#define ANSWERS_OCTETS_MAX (64 << 20)    /* of all of them */
#define ANSWER_OCTETS_MAX (1u << 20)     /* larger ones are not kept */
#define ANSWER_KEEP_MAX (30 * 24 * 3600) /* seconds */

struct answers;

struct answer {
	int64_t asked; /* when, in seconds since 1970 */
	int64_t keep;  /* for how many seconds from then */
	uint8_t *data; /* owned by whoever got it: free() */
	size_t len;
};

/* dir is made if missing. NULL: there is no cache; all functions below take that. */
struct answers *answers_open(const char *dir);
void answers_close(struct answers *a);

/*
 * 1: *out is filled. 0: nothing is known, or not any more; nor is what says that it was asked in
 * the future, or what is not as it was written.
 */
int answers_get(struct answers *a, const uint8_t key[DIGEST_LEN], struct answer *out);
/* Keeps it instead of what was there; with keep 0 nothing is kept. in->data stays the caller's. */
void answers_put(struct answers *a, const uint8_t key[DIGEST_LEN], const struct answer *in);

/*
 * So that two processes do not ask the same at the same time: false while another one holds the
 * key. It is let go when that process ends, however it ends. Where there is no place for locks,
 * everybody has them.
 */
bool answers_lock(struct answers *a, const uint8_t key[DIGEST_LEN]);
void answers_unlock(struct answers *a, const uint8_t key[DIGEST_LEN]);

#endif
