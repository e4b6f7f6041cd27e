/* SPDX-License-Identifier: ISC */
/*
 * One mail as the copies of it that are handed over: one for all whom the header names, one in
 * clear for those without a key, one for each hidden recipient. Pure.
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
	COPY_TAKEN,    /* the MTA has it */
	COPY_REFUSED,  /* the MTA ran and did not take it, or could not be started */
	COPY_IN_DOUBT, /* the MTA ended in a way that says nothing */
};

struct mail_copy {
	size_t *rcpt; /* who gets it: indexes of the envelope, rising; owned */
	size_t n_rcpt;
	size_t *key; /* of COPY_SEALED: whose certificates it is sealed to, besides the sender's;
			owned */
	size_t n_key;
	enum copy_how how;
	bool hidden; /* of one hidden recipient */
	struct spool out;
	enum copy_state state;
	int exit; /* of COPY_REFUSED and COPY_IN_DOUBT: the exit status that tells of it */
	char why[ERR_MSG_MAX]; /* of all but COPY_TAKEN: a sentence */
};

struct copies {
	struct mail_copy *v; /* owned */
	size_t n;
};

/* What the decision says of one recipient. */
struct copy_rcpt {
	bool hidden, seal;
};

/*
 * Plans the copies, in the order in which they are to be handed over: the named recipients', the
 * clear one, then each hidden recipient's. Everybody is in exactly one. What is sealed for the
 * named is sealed to their certificates only; a hidden recipient's copy to theirs and the named
 * ones' (RFC 9787 section 9.4), so that it holds nothing of any other hidden one. What goes in
 * clear, or as it was, says the same to everybody and is one copy. as_it_was: the message came
 * encrypted, nothing is sealed. ERR_OS.
 */
int copies_plan(
	const struct copy_rcpt *r, size_t n, bool as_it_was, struct copies *c, struct err *err);

/* Whether every copy is of that kind. */
bool copies_all(const struct copies *c, enum copy_how how);

void copies_free(struct copies *c);

#endif
