/* SPDX-License-Identifier: ISC */
/*
 * Whether a web server has the document that it answered with, or answers so whatever it is asked
 * for (a "soft 404"). What it says to a name made up at random, the control, tells. Pure.
 */
#ifndef SEALPOST_WKD_CONTROL_H
#define SEALPOST_WKD_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

#define CONTROL_TAG_MAX 16

/* What is compared of an answer. */
struct control_page {
	enum { PAGE_EMPTY, PAGE_HTML, PAGE_OTHER } kind;
	char tag[CONTROL_TAG_MAX];  /* of PAGE_HTML: its first, in lower case */
	uint8_t digest[DIGEST_LEN]; /* of PAGE_OTHER, once what was asked for is struck out */
};

/*
 * Whether an answer is to be judged by a control: not if its first packet is that of a key, nor if
 * it speaks of "BEGIN PGP" anywhere, which is a key that was meant to be published, readable or
 * not.
 */
bool control_needed(const uint8_t *body, size_t len);

/*
 * What body is; url is what was asked for: its last path segment and its query, which the page may
 * repeat, are struck out. -1 without memory.
 */
int control_read(const uint8_t *body, size_t len, const char *url, struct control_page *out);

/* Whether two answers show that the server had neither document: both are empty, both are HTML by
 * their first tag, or they are the same but for what was asked for. */
bool control_alike(const struct control_page *a, const struct control_page *b);

#endif
