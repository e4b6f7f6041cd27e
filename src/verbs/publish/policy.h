/* SPDX-License-Identifier: ISC */
/* Which policy of MTA-STS is to be served: what is wanted, or what there was, where a step stands
 * between the two. */
#ifndef SEALPOST_PUBLISH_POLICY_H
#define SEALPOST_PUBLISH_POLICY_H

#include "verbs/publish/look.h"
#include "verbs/publish/steps.h"

/* old: what is served now, empty if nothing is; next becomes what is from now on. l: NULL offline.
 * *untold: it is served for those who know of it, and has no record any more. */
int policy_choose(struct publish *p, struct step_list *steps, const struct publish_domain *d,
	const struct look *l, const struct buf *old, struct buf *next, bool *untold,
	struct err *err);

#endif
