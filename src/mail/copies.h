/* SPDX-License-Identifier: ISC */
/*
 * Splits a mail into the copies to hand over: one for all visible recipients, one in clear for
 * those without a key, one for each hidden recipient. Pure.
 */
#ifndef SEALPOST_COPIES_H
#define SEALPOST_COPIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "mime/spool.h"

enum copy_how {
	COPY_SEALED,
	COPY_CLEAR,
	COPY_AS_IT_WAS, /* encrypted before it came */
};

enum copy_state {
	COPY_WAITS,    /* not handed over yet */
	COPY_TAKEN,    /* accepted by the MTA */
	COPY_REFUSED,  /* the MTA did not accept it, or could not be started */
	COPY_IN_DOUBT, /* the MTA ended without a clear result */
};

struct mail_copy {
	size_t *rcpt; /* its recipients: indexes of the envelope, ascending; owned */
	size_t n_rcpt;
	size_t *key; /* for COPY_SEALED: recipients whose certificates it is sealed to, besides the
			sender's; owned */
	size_t n_key;
	enum copy_how how;
	bool hidden; /* for one hidden recipient */
	struct spool out;
	enum copy_state state;
	int exit;              /* for COPY_REFUSED and COPY_IN_DOUBT: the exit status to report */
	char why[ERR_MSG_MAX]; /* except for COPY_TAKEN: a message */
	char *words;           /* what the MTA printed; owned; NULL: nothing */
	char mta[256];         /* who that is */
};

struct copies {
	struct mail_copy *v; /* owned */
	size_t n;
};

/* The decision for one recipient. */
struct copy_rcpt {
	bool hidden, seal;
};

/*
 * Plans the copies in the order of hand-off: for the visible recipients, in clear, then for each
 * hidden recipient. Every recipient is in exactly one. The copy for visible recipients is sealed to
 * their certificates only; that of a hidden recipient to theirs and the visible ones' (RFC 9787
 * section 9.4), so that it reveals no other hidden recipient. Clear and already encrypted messages
 * are identical for everybody and form one copy. as_it_was: the message came encrypted, nothing is
 * sealed. ERR_OS.
 */
int copies_plan(
	const struct copy_rcpt *r, size_t n, bool as_it_was, struct copies *c, struct err *err);

void copies_free(struct copies *c);

#endif
