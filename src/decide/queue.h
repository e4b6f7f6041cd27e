/* SPDX-License-Identifier: ISC */
/* Which mail is kept to be sent later, and what becomes of one that was kept. Pure. */
#ifndef SEALPOST_DECIDE_QUEUE_H
#define SEALPOST_DECIDE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "decide/policy.h"
#include "decide/tls_required.h"

#define QUEUE_DAYS 5 /* as long as MTAs try; then a mail goes back to its sender */

/*
 * Whether a refused mail is kept: only where everybody who is in the way is there because nobody
 * could be asked for a key, or about the protection of the way to them. Whatever else stands in the
 * way would not pass by itself. out, rcpt: what the keys decide, before the gate overrides it.
 * gate: as many; NULL: there is none.
 */
bool queue_keeps_refused(enum conf_queue rule, const struct policy_out *out,
	const struct policy_rcpt *rcpt, const struct gate_rcpt *gate, size_t n);

/* How the handing over of a mail ended. */
struct queue_unsent {
	bool started;  /* the MTA ran */
	bool in_doubt; /* some copy may have been taken or not: only the MTA knows */
	bool clear;    /* some copy that is not taken is in clear */
	int status;    /* the exit status for the caller */
};

/* Whether a mail that was not handed over, or not to all, is kept. */
bool queue_keeps_unsent(enum conf_queue rule, const struct queue_unsent *u);

/*
 * Whether what waits for this recipient may never turn clear by itself: somebody of the domain had
 * keys, a key is demanded, or there was a different one; not where it would go in clear anyway.
 * rules: those in force for it.
 */
bool queue_demands_seal(const struct policy_rcpt *r, const struct policy_rules *rules);

/* Whether this decision would send in clear what may not turn clear: demanded, by
 * queue_demands_seal then or now, unless a person has allowed it by name since. */
bool queue_forbids(const struct policy_out *out, const struct policy_rcpt *r, bool demanded);

enum queue_step {
	QUEUE_SEND,
	QUEUE_WAIT,
	QUEUE_RETURN, /* to its sender */
};

/*
 * What is done with a mail. refused: the decision, or what it may not do, stands in the way. since,
 * now: seconds since 1970. A mail from the future waits: a clock was wrong. However old it is, it
 * is sent if it can be.
 */
enum queue_step queue_next(bool refused, int64_t since, int64_t now);

#endif
