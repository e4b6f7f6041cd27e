/* SPDX-License-Identifier: ISC */
/* What gpg has found of certificates' signatures (pgp/cert/sig_marks.h), kept in cache.db. */
#ifndef SEALPOST_MARKS_H
#define SEALPOST_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "store/cache.h"

struct kept_marks {
	uint8_t key[DIGEST_LEN]; /* of sig_marks_key */
	char *text;              /* owned; NULL: nothing is known; "": there are none to be had */
};

/* Sets text of each to what is known. */
void marks_get(struct cache *c, struct kept_marks *m, size_t n);
/* Keeps those that have text. dir is made if missing. */
void marks_put(const char *dir, const struct kept_marks *m, size_t n);

#endif
