/* SPDX-License-Identifier: ISC */
/* The facts of a check that are stored for a name. Pure. */
#ifndef SEALPOST_CHECK_FACTS_H
#define SEALPOST_CHECK_FACTS_H

#include "decide/protection.h"
#include "decide/watch.h"
#include "discovery/discover.h"

/* key: for an address, else NULL. own: the fingerprint of the own key, "" if it is not an own
 * address.
 */
void check_facts(struct watch_facts *f, const struct check_reply *r, const struct protection *bound,
	const struct finding *key, const char *own);

#endif
