/*
 * Staying current: when a pin is to be asked about again, and what came of it. The rules are pure;
 * what the store knows of earlier attempts is read by refresh_pin_due.
 */
#ifndef SEALPOST_REFRESH_H
#define SEALPOST_REFRESH_H

#include "discovery/discover.h"

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

/* The same of a pin with a key, from what the log says of earlier attempts. 1 due, 0 not, or an
 * error. */
int refresh_pin_due(struct store *s, const struct pin *p, int64_t now, struct err *err);

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

/* What discover_all, with keep, made of one address. was_revoked: as the pin was before. */
enum refresh_outcome refresh_outcome(const struct finding *f, bool was_revoked);
const char *refresh_outcome_name(enum refresh_outcome o);
/* refresh's exit status; held: something is held beside the pin. */
int refresh_exit(enum refresh_outcome o, bool held);

/* Writes what an outcome means, one sentence, into out. */
#define REFRESH_REASON_MAX (VERDICT_REASON_MAX + 64)
void refresh_reason(char *out, const struct finding *f, enum refresh_outcome o);

/* Notes in the log that an answer came without the key, so that it is not asked for again at once.
 */
int refresh_note(struct store *s, const struct finding *f, enum refresh_outcome o, struct err *err);

#endif
