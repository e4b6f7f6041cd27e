/* SPDX-License-Identifier: ISC */
/* What binds a sender to carry mail for a domain over authenticated TLS, from the facts of a reply.
 * Pure. */
#ifndef SEALPOST_MX_VERDICT_H
#define SEALPOST_MX_VERDICT_H

#include "wire/check.h"

/* Which of the hosts match the policy in force: sets each host's sts. */
void verdict_match(struct check_reply *a);

/*
 * Sets protection, result and protection_reason. DANE: the MX RRset is secure and each host that
 * can be reached has a usable TLSA record. MTA-STS: a valid policy in force, enforced, that each
 * host matches; it never makes up for DANE that fails.
 */
void verdict_protection(struct check_reply *a);

#endif
