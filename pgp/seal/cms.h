/* SPDX-License-Identifier: ISC */
/*
 * Checks the framing of a CMS message (RFC 5652, RFC 5083), in DER or BER, without storing it:
 * enveloped data and nothing else. Pure.
 */
#ifndef SEALPOST_CMS_H
#define SEALPOST_CMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CMS_DEPTH_MAX 32
#define CMS_SMALL_MAX 16 /* bytes of a value that are examined */

struct cms_level { /* an element that is open */
	uint8_t tag;
	bool endless;     /* ends with an end-of-contents element */
	uint64_t left;    /* else: bytes to come */
	unsigned n_child; /* so far */
};

struct cms_walk {
	bool auth; /* set by the caller: AuthEnvelopedData instead of EnvelopedData */
	bool bad;
	bool done; /* the outermost element has ended: nothing may follow */
	enum { CMS_TAG, CMS_LENGTH, CMS_LENGTH_MORE, CMS_VALUE } state;
	unsigned depth;
	struct cms_level level[CMS_DEPTH_MAX];
	uint8_t tag;       /* of the element whose header or value is being read */
	unsigned n_length; /* bytes of its length to come */
	uint64_t left;     /* of its length; then of its value */
	uint8_t small[CMS_SMALL_MAX];
	unsigned n_small;
	unsigned field;   /* of the enveloped data: the next one */
	uint64_t content; /* bytes of encrypted content */
	bool high;        /* one of them has the eighth bit set, so it is not clear text */
};

/* Takes the next n bytes; *w starts zeroed except for auth. */
void cms_walk_add(struct cms_walk *w, const uint8_t *p, size_t n);
/* Whether the input was complete and such a message. */
bool cms_walk_ok(const struct cms_walk *w);

#endif
