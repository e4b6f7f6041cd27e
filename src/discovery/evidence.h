/* SPDX-License-Identifier: ISC */
/* Evidence: how an answer was obtained, as it is kept with a pin and shown. */
#ifndef SEALPOST_EVIDENCE_JSON_H
#define SEALPOST_EVIDENCE_JSON_H

#include "discovery/discover.h"

/* How an answer was obtained, and when, as a JSON object on one line; malloc'ed; NULL without
 * memory. */
char *evidence_json(const struct lookup_reply *reply, const struct verdict_in *seen,
	const struct verdict *verdict, int64_t asked);

/* The members dns, urls and ms of an evidence object. */
struct out;
void evidence_arrays(struct out *o, const struct evidence_dns *dns, size_t n_dns,
	const struct evidence_url *url, size_t n_url, uint32_t ms);

/* Why a certificate that was seen is the one to use, or not; borrowed. */
const char *cert_reason(
	const struct cert_set *set, const struct cert *c, const struct cert *chosen);

#endif
