/* SPDX-License-Identifier: ISC */
/* Chooses the MTA-STS policy to serve: the wanted one, or the former one if a step between the two
 * is refused. */
#ifndef SEALPOST_PUBLISH_POLICY_H
#define SEALPOST_PUBLISH_POLICY_H

#include "verbs/publish/look.h"
#include "verbs/publish/steps.h"

/* old: the policy served now, empty if none; next: set to the one to serve from now on. l: NULL
 * offline. *untold: it is still served for those who know it, but without a record. */
int policy_choose(struct publish *p, struct step_list *steps, const struct publish_domain *d,
	const struct look *l, const struct buf *old, struct buf *next, bool *untold,
	struct err *err);

#endif
