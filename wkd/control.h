/* SPDX-License-Identifier: ISC */
/*
 * Detects web servers that answer every request alike (a "soft 404") by a control request for a
 * random name. Pure.
 */
#ifndef SEALPOST_WKD_CONTROL_H
#define SEALPOST_WKD_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

#define CONTROL_TAG_MAX 16

/* The parts of an answer that are compared. */
struct control_page {
	enum { PAGE_EMPTY, PAGE_HTML, PAGE_OTHER } kind;
	char tag[CONTROL_TAG_MAX];  /* for PAGE_HTML: its first tag, in lower case */
	uint8_t digest[DIGEST_LEN]; /* for PAGE_OTHER, without the requested name */
};

/*
 * Whether an answer needs a control request: not if its first packet is a key, or if it contains
 * "BEGIN PGP" anywhere, which is a key meant to be published, readable or not.
 */
bool control_needed(const uint8_t *body, size_t len);

/*
 * Describes body; the last path segment and query of url, which the page may repeat, are removed.
 * -1 if memory is short.
 */
int control_read(const uint8_t *body, size_t len, const char *url, struct control_page *out);

/* Whether two answers show that the server has neither document: both are empty, both are HTML with
 * the same first tag, or they are equal except for the requested names. */
bool control_alike(const struct control_page *a, const struct control_page *b);

#endif
