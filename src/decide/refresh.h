/* SPDX-License-Identifier: ISC */
/* Decides when a pin is due for refresh, and what the answer means. Pure.
 */
#ifndef SEALPOST_DECIDE_REFRESH_H
#define SEALPOST_DECIDE_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "decide/key_verdict.h"
#include "decide/tofu.h"

#define REFRESH_DAY ((int64_t)24 * 60 * 60)
#define REFRESH_EVERY (7 * REFRESH_DAY) /* maximum time since the key was seen */
#define REFRESH_SOON                                                                               \
	(14 * REFRESH_DAY) /* daily from this long before it expires until this long afterwards */
#define REFRESH_DAILY (20 * 60 * 60) /* less than a day, in case a timer fires early */
#define REFRESH_JITTER REFRESH_DAY   /* maximum time before REFRESH_EVERY */
#define REFRESH_AGAIN (60 * 60)      /* after an attempt without an answer */

/* Seconds since 1970; 0: never, or not known. */
struct refresh_when {
	int64_t last_seen;
	int64_t answered; /* the directory answered without the key */
	int64_t tried;    /* last attempt, with any result */
	int64_t expires;
};

/*
 * Whether it is due. The jitter depends on the address, so that pins created together spread out. A
 * clock set back makes a pin due rather than waiting forever.
 */
bool refresh_due(const char *address, const struct refresh_when *w, int64_t now);

enum refresh_outcome {
	REFRESH_UNCHANGED,
	REFRESH_UPDATED,  /* the same key, with changes */
	REFRESH_REPLACED, /* replaced by one certified by the pinned key */
	REFRESH_PINNED,   /* pinned where clear text was allowed */
	REFRESH_HELD,     /* a different one waits for a decision */
	REFRESH_CONFLICT, /* the methods disagree, and neither has the pin */
	REFRESH_REVOKED,  /* found out now */
	REFRESH_DEAD,     /* known to be revoked or expired, and no replacement seen */
	REFRESH_KEPT,     /* no longer published, or not usable */
	REFRESH_REJECTED, /* a rejected key is still published */
	REFRESH_UNASKED,  /* not looked up: never-ask, or no directory */
	REFRESH_UNKNOWN,  /* no answer */
};

/* One address, asked about with discover_all. */
struct refresh_facts {
	enum key_status status, seen; /* in the end; by the network alone */
	bool asked;                   /* the network was */
	enum tofu_verdict tofu;
	bool unchanged;            /* of TOFU_SAME: nothing of the certificate is new */
	bool has_cert;             /* of TOFU_HOLD: one certificate is it that differs */
	bool revoked, was_revoked; /* the pin, now and before */
};

enum refresh_outcome refresh_judge(const struct refresh_facts *f);
const char *refresh_outcome_name(enum refresh_outcome o);
/* refresh's exit status; held: something is held beside the pin. */
int refresh_exit(enum refresh_outcome o, bool held);
/* Whether the log is to say that it was asked, and did not bring the key: so that it is not asked
 * again at once. */
bool refresh_is_noted(enum refresh_outcome o);

#endif
