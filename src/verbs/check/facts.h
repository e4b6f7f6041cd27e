/* SPDX-License-Identifier: ISC */
/* What of a check is remembered of a name. Pure. */
#ifndef SEALPOST_CHECK_FACTS_H
#define SEALPOST_CHECK_FACTS_H

#include "decide/protection.h"
#include "decide/watch.h"
#include "discovery/discover.h"

/* key: of an address, else NULL. own: the fingerprint of the own key, "" if it is no own address.
 */
void check_facts(struct watch_facts *f, const struct check_reply *r, const struct protection *bound,
	const struct finding *key, const char *own);

#endif
