/* SPDX-License-Identifier: ISC */
/* The recipients of a message, and which of them are hidden from the others. Pure. */
#ifndef SEALPOST_ENVELOPE_H
#define SEALPOST_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "mime/message.h"
#include "mail/args.h"

struct envelope_rcpt {
	struct addr addr;
	bool hidden; /* not in To or Cc (Resent-To, Resent-Cc of a resent mail) */
};

struct envelope {
	struct envelope_rcpt *rcpt; /* owned */
	size_t n;
};

/*
 * Completes addresses without a domain, as the MTA would, so that they can be looked up. domain "":
 * they remain local users. The message itself is not changed.
 */
int envelope_qualify(
	struct send_args *args, struct message *msg, const char *domain, struct err *err);

/*
 * With -t the recipients of the header and of the command line, otherwise only the latter; each
 * mailbox once, as first spelled. ERR_USAGE: none, or too many. ERR_DATA: with -t, a recipient
 * field is malformed, so its recipients are unknown; or an entry is one that MTAs take for a
 * program or a file.
 */
int envelope_make(const struct send_args *args, const struct message *msg, struct envelope *env,
	struct err *err);
void envelope_free(struct envelope *env);

#endif
