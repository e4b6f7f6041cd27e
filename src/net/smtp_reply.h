/* SPDX-License-Identifier: ISC */
/* Incremental parsing of SMTP replies (RFC 5321 section 4.2). Pure. */
#ifndef SEALPOST_NET_SMTP_REPLY_H
#define SEALPOST_NET_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define SMTP_LINE_MAX 2048   /* octets of one line; RFC 5321 section 4.5.3.1.5 says 512 */
#define SMTP_REPLY_MAX 65536 /* octets of one reply */

/*
 * The length of the complete reply at the front of in, and its code. 0: incomplete; -1: malformed,
 * or longer than the limits.
 */
int smtp_reply(const struct buf *in, int *code);

/* Whether a reply to EHLO of len bytes offers the extension; parameters are ignored. */
bool smtp_offers(const char *reply, size_t len, const char *keyword);

#endif
