/* SPDX-License-Identifier: ISC */
/* SMTP replies (RFC 5321 section 4.2) as they come in. Pure. */
#ifndef SEALPOST_NET_SMTP_REPLY_H
#define SEALPOST_NET_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define SMTP_LINE_MAX 2048   /* octets of one line; RFC 5321 section 4.5.3.1.5 says 512 */
#define SMTP_REPLY_MAX 65536 /* octets of one reply */

/*
 * The length of the whole reply at the front of in, and its code. 0: more is to come; -1: it is
 * none, or longer than the limits.
 */
int smtp_reply(const struct buf *in, int *code);

/* Whether a reply to EHLO of len octets offers the extension; what follows the keyword is passed
 * over. */
bool smtp_offers(const char *reply, size_t len, const char *keyword);

#endif
