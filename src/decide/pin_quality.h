/* SPDX-License-Identifier: ISC */
/* The quality of a pin whose certificate is set by a rule. Pure. */
#ifndef SEALPOST_PIN_QUALITY_H
#define SEALPOST_PIN_QUALITY_H

#include "decide/tofu.h"

/* In ascending order. */
enum pin_quality {
	QUALITY_MISSING,
	QUALITY_REJECTED,
	QUALITY_DEAD, /* revoked, expired, or it cannot encrypt */
	QUALITY_WEAK,
	QUALITY_GOOD,
};

struct pin_facts {
	enum pin_state state;
	bool revoked, can_encrypt;
	int64_t expires; /* seconds since 1970; 0: never */
	bool strong;     /* by key_policy.h, or the rules accept weak keys */
};

enum pin_quality pin_quality(const struct pin_facts *f, int64_t now);

#endif
