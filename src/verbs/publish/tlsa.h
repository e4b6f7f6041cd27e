/* SPDX-License-Identifier: ISC */
/* TLSA records of the domain's mail servers, from the files with their keys. */
#ifndef SEALPOST_PUBLISH_TLSA_H
#define SEALPOST_PUBLISH_TLSA_H

#include "verbs/publish/look.h"
#include "verbs/publish/records.h"
#include "verbs/publish/steps.h"

/*
 * Adds the wanted records to want; *allowed: whether they may be published now. ERR_CONFIG for a
 * file with a private key. l: NULL offline.
 */
int tlsa_records(struct publish *p, const struct publish_domain *d, const struct look *l,
	struct step_list *steps, struct record_list *want, bool *allowed, struct err *err);

#endif
