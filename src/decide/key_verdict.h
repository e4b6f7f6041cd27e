/* SPDX-License-Identifier: ISC */
/* Combines the answers of all methods into one verdict. Pure. */
#ifndef SEALPOST_VERDICT_H
#define SEALPOST_VERDICT_H

#include <stdbool.h>

#include "decide/key_status.h"
#include "pgp/cert/intake.h"
#include "wire/lookup.h"

#define VERDICT_REASON_MAX ERR_MSG_MAX

struct verdict_in {
	const struct method_result *wkd, *dane;    /* borrowed */
	const struct cert_set *wkd_set, *dane_set; /* for METHOD_FOUND; else ignored */
	const char *pinned_fpr;                    /* "" without a pin */
};

struct verdict {
	enum key_status status;
	const struct cert *cert; /* the one to use; borrowed from the sets; NULL unless usable */
	const struct method_result *method; /* its source, or the deciding method; NULL if none */
	bool otherwise; /* unknown, because the absence came by another method than the domain's
			   keys */
	char reason[VERDICT_REASON_MAX]; /* a message; foreign text in it is not yet made safe */
};

/*
 * Usable wins over absent and failed; two usable ones with different fingerprints are a conflict,
 * unless one is pinned; a certificate revoked according to one method is not usable from the other;
 * a failure with nothing found is unknown, never absent. Data that is not OpenPGP is unusable,
 * unless the web server gives the same answer for every name: that is an unproved absence.
 */
void verdict_combine(const struct verdict_in *in, struct verdict *out);

#endif
