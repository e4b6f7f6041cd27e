/* SPDX-License-Identifier: ISC */
/* Decides which mail is queued, and what happens to queued mail. Pure. */
#ifndef SEALPOST_DECIDE_QUEUE_H
#define SEALPOST_DECIDE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "decide/policy.h"
#include "decide/tls_required.h"

#define QUEUE_DAYS 5 /* as long as MTAs retry; then a mail is returned return to its sender */

/*
 * Whether a refused mail is queued: only if every recipient in the way is there because the key or
 * the protection in transit could not be looked up. Other reasons would not go away by themselves.
 * out, rcpt: the decision by keys, before the gate overrides it. gate: one for each recipient;
 * NULL: none.
 */
bool queue_keeps_refused(enum conf_queue rule, const struct policy_out *out,
	const struct policy_rcpt *rcpt, const struct gate_rcpt *gate, size_t n);

/* How the hand-off of a mail ended. */
struct queue_unsent {
	bool started;  /* the MTA ran */
	bool in_doubt; /* it is not known whether the MTA accepted some copy */
	bool clear;    /* some copy that was not accepted is in clear */
	int status;    /* the exit status for the caller */
};

/* Whether a mail that was not handed over, or not for all recipients, is queued. */
bool queue_keeps_unsent(enum conf_queue rule, const struct queue_unsent *u);

/*
 * Whether queued mail for this recipient must never be sent in clear automatically: the domain had
 * keys, a key is required, or there was a different one; not if it would be sent in clear anyway.
 * rules: those in force for it.
 */
bool queue_demands_seal(const struct policy_rcpt *r, const struct policy_rules *rules);

/* Whether this decision would send clear text that queue_demands_seal forbids, then or now, unless
 * the user has allowed it for the address since. */
bool queue_forbids(const struct policy_out *out, const struct policy_rcpt *r, bool demanded);

enum queue_step {
	QUEUE_SEND,
	QUEUE_WAIT,
	QUEUE_RETURN, /* to its sender */
};

/*
 * The next step for a queued mail. refused: the decision, or queue_forbids, is against sending.
 * since, now: seconds since 1970. A mail from the future waits, since a clock was wrong. It is sent
 * whenever possible, however old.
 */
enum queue_step queue_next(bool refused, int64_t since, int64_t now);

#endif
