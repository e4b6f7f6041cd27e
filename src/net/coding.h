/* SPDX-License-Identifier: ISC */
/* Content codings (RFC 9110 section 8.4.1), which some servers apply although none was requested.
 * Pure. */
#ifndef SEALPOST_NET_CODING_H
#define SEALPOST_NET_CODING_H

#include "base/buf.h"

#define CODING_NAME_MAX 64

/*
 * Decodes a body: gzip, whether or not Content-Encoding ("" if there is none) says so, and deflate,
 * with or without zlib's header. Other codings, several codings, and incomplete bodies are left
 * unchanged. 0, or -1 with an unchanged body if the result is larger than body->max or memory is
 * short.
 */
int coding_undo(const char *coding, struct buf *body);

#endif
