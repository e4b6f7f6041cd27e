/* SPDX-License-Identifier: ISC */
/* Results of gpg's checks of certificates' signatures (pgp/cert/sig_marks.h), cached in cache.db.
 */
#ifndef SEALPOST_MARKS_H
#define SEALPOST_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "store/cache.h"

struct kept_marks {
	uint8_t key[DIGEST_LEN]; /* of sig_marks_key */
	char *text;              /* owned; NULL: not known; "": known to have none */
};

/* Sets text of each to the cached marks. */
void marks_get(struct cache *c, struct kept_marks *m, size_t n);
/* Stores those with text. Creates dir if missing. */
void marks_put(const char *dir, const struct kept_marks *m, size_t n);

#endif
