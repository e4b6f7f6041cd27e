/* SPDX-License-Identifier: ISC */
/* What the methods answered, taken together -> one verdict in the process that asked. Pure. */
#ifndef SEALPOST_VERDICT_H
#define SEALPOST_VERDICT_H

#include <stdbool.h>

#include "decide/key_status.h"
#include "pgp/cert/intake.h"
#include "wire/lookup.h"

#define VERDICT_REASON_MAX ERR_MSG_MAX

struct verdict_in {
	const struct method_result *wkd, *dane;    /* borrowed */
	const struct cert_set *wkd_set, *dane_set; /* of METHOD_FOUND; else ignored */
	const char *pinned_fpr;                    /* "" without a pin */
};

struct verdict {
	enum key_status status;
	const struct cert *cert; /* the one to use; borrowed from the sets; NULL unless usable */
	const struct method_result
		*method; /* where it came from, or what decided; NULL if nothing did */
	bool otherwise;  /* unknown, because an absence came another way than the domain's keys */
	char reason[VERDICT_REASON_MAX]; /* a sentence; foreign text in it is not yet made safe */
};

/*
 * Usable wins over absent and failed; two usable ones with different fingerprints are a conflict,
 * unless one is the pinned; a certificate that one method shows as revoked is not usable by the
 * other; a failure beside nothing found is unknown, never absent. What is not OpenPGP is unusable,
 * unless the web server was seen to answer alike to every name: that is an absence without proof.
 */
void verdict_combine(const struct verdict_in *in, struct verdict *out);

#endif
