/* SPDX-License-Identifier: ISC */
/* Who gets a message, and who of them is hidden from the others. Pure. */
#ifndef SEALPOST_RECIPIENTS_H
#define SEALPOST_RECIPIENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "mime/message.h"
#include "mail/args.h"

struct envelope_rcpt {
	struct addr addr;
	bool hidden; /* not named in To or Cc (Resent-To, Resent-Cc of a resent mail) */
};

struct envelope {
	struct envelope_rcpt *rcpt; /* owned */
	size_t n;
};

/*
 * Gives every address without a domain this one: what the MTA would make of it, so that it can be
 * looked up. domain "": they stay, and are local users. The message itself is not changed.
 */
int envelope_qualify(
	struct send_args *args, struct message *msg, const char *domain, struct err *err);

/*
 * With -t the header's recipients and those of the command line, without it only the latter; each
 * mailbox once, as first spelt. ERR_USAGE: there are none, or too many. ERR_DATA: with -t, a
 * recipient field cannot be read: whom it names is not known; or it names what MTAs take for a
 * program or a file.
 */
int envelope_make(const struct send_args *args, const struct message *msg, struct envelope *env,
	struct err *err);
void envelope_free(struct envelope *env);

#endif
