/* SPDX-License-Identifier: ISC */
/* Content codings (RFC 9110 section 8.4.1): some servers code what was asked for as it is. Pure. */
#ifndef SEALPOST_NET_CODING_H
#define SEALPOST_NET_CODING_H

#include "base/buf.h"

#define CODING_NAME_MAX 64

/*
 * Replaces a body by what it was made of: gzip, whether or not the Content-Encoding field ("" if
 * there is none) says so, and deflate, with or without zlib's header. Any other coding, one coding
 * above another, and a body that is not whole stay as they are. 0, or -1 when what comes out is
 * larger than body->max, or without memory; the body is then as before.
 */
int coding_undo(const char *coding, struct buf *body);

#endif
