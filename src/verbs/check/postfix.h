/* SPDX-License-Identifier: ISC */
/* Lines for Postfix's smtp_tls_policy_maps, which enforce what a domain publishes now. Pure. */
#ifndef SEALPOST_CHECK_POSTFIX_H
#define SEALPOST_CHECK_POSTFIX_H

#include "base/buf.h"
#include "decide/protection.h"

#define POSTFIX_LINE_MAX 65536

/*
 * Appends "DOMAIN dane-only" or "DOMAIN secure match=...", with the present mail servers and those
 * that the policy names, or a comment that says why there is none. 0, or -1: it does not fit.
 */
int postfix_line(struct buf *out, const struct check_reply *r, const struct protection *bound);

#endif
