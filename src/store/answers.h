/* SPDX-License-Identifier: ISC */
/*
 * Network answers, cached in cache.db for a while: opaque bytes under a key that identifies the
 * question. As everywhere in the cache, any failure simply means a miss.
 */
#ifndef SEALPOST_ANSWERS_H
#define SEALPOST_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

#define ANSWERS_KEPT 5000                /* the oldest are dropped */
#define ANSWERS_OCTETS_MAX (64 << 20)    /* of all of them */
#define ANSWER_OCTETS_MAX (1u << 20)     /* larger ones are not kept */
#define ANSWER_KEEP_MAX (30 * 24 * 3600) /* seconds */

struct answers;

struct answer {
	int64_t asked; /* time of the question, in seconds since 1970 */
	int64_t keep;  /* validity in seconds from then */
	uint8_t *data; /* owned by the caller: free() */
	size_t len;
};

/* Creates dir if missing. NULL: no cache; all functions below accept that. */
struct answers *answers_open(const char *dir);
void answers_close(struct answers *a);

/*
 * 1: *out is filled. 0: not known or no longer valid. Entries from the future and damaged ones are
 * not returned.
 */
int answers_get(struct answers *a, const uint8_t key[DIGEST_LEN], struct answer *out);
/* Stores the answer, replacing an earlier one; with keep 0 it only deletes that. in->data remains
 * the caller's. */
void answers_put(struct answers *a, const uint8_t key[DIGEST_LEN], const struct answer *in);

/*
 * Prevents two processes from asking the same question at once: false while another one holds the
 * key. Released when the process ends, however it ends. If lock files cannot be made, always true.
 */
bool answers_lock(struct answers *a, const uint8_t key[DIGEST_LEN]);
void answers_unlock(struct answers *a, const uint8_t key[DIGEST_LEN]);

#endif
