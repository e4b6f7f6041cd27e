/* SPDX-License-Identifier: ISC */
/* Staying current: when a pin is to be asked about again, and what the answer means for it. Pure.
 */
#ifndef SEALPOST_DECIDE_REFRESH_H
#define SEALPOST_DECIDE_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "decide/key_verdict.h"
#include "decide/tofu.h"

#define REFRESH_DAY ((int64_t)24 * 60 * 60)
#define REFRESH_EVERY (7 * REFRESH_DAY) /* at the latest, since the key was seen */
#define REFRESH_SOON (14 * REFRESH_DAY) /* before it expires: each day, and as long afterwards */
#define REFRESH_DAILY (20 * 60 * 60)    /* less than a day, for a timer that comes early */
#define REFRESH_JITTER REFRESH_DAY      /* at most so much before REFRESH_EVERY */
#define REFRESH_AGAIN (60 * 60)         /* after an attempt that brought no answer */

/* Seconds since 1970; 0: never, or not known. */
struct refresh_when {
	int64_t last_seen;
	int64_t answered; /* the directory answered, and did not show the key */
	int64_t tried;    /* it was asked, whatever came of it */
	int64_t expires;
};

/*
 * Whether it is time to ask. The jitter is the address's own, so that pins that were made together
 * do not stay together. A clock that went back makes a pin due, never one that waits for ever.
 */
bool refresh_due(const char *address, const struct refresh_when *w, int64_t now);

enum refresh_outcome {
	REFRESH_UNCHANGED,
	REFRESH_UPDATED,  /* the same key, with something new */
	REFRESH_REPLACED, /* by one that the pinned key certified */
	REFRESH_PINNED,   /* a key where clear text was allowed */
	REFRESH_HELD,     /* a different one waits for a decision */
	REFRESH_CONFLICT, /* the directories disagree, and none has the pin */
	REFRESH_REVOKED,  /* found out now */
	REFRESH_DEAD,     /* revoked or expired, as was known, and no replacement seen */
	REFRESH_KEPT,     /* no longer published, or not in a form that can be used */
	REFRESH_REJECTED, /* what a person rejected is still published */
	REFRESH_UNASKED,  /* by never-ask, or it has no directory: nothing was learnt */
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
