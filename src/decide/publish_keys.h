/* SPDX-License-Identifier: ISC */
/* Which of the certificates of one address go out. Pure. */
#ifndef SEALPOST_PUBLISH_KEYS_H
#define SEALPOST_PUBLISH_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgp/cert/intake.h"

struct key_fact {
	enum cert_use use;
	int64_t created;
	bool certified; /* by the other usable one, which is older */
};

/* What is said of one that does not go out, if it is not what makes it unusable. */
enum key_choice {
	CHOICE_PUBLISH,
	CHOICE_UNUSABLE, /* its own fault */
	CHOICE_TWO,      /* another usable one, and the older did not certify the newer */
	CHOICE_MANY,     /* more than two usable ones */
};

/*
 * One usable certificate goes out, and those beside it that are revoked or have expired. Two usable
 * ones only if the older certified the newer: what pins the older would hold the newer for an
 * attack. out[i] is of fact[i]; true if any goes out.
 */
bool publish_choose_keys(const struct key_fact *fact, size_t n, enum key_choice *out);

/* Whether two usable ones are there, so that it matters who certified whom; *older and *newer then
 * say which. Of one age none certified the other. */
bool publish_needs_certification(
	const struct key_fact *fact, size_t n, size_t *older, size_t *newer);

#endif
