/* SPDX-License-Identifier: ISC */
/* Staying current: what came of asking about a pin again, and what the log knows of earlier
 * attempts. */
#ifndef SEALPOST_REFRESH_OUTCOME_H
#define SEALPOST_REFRESH_OUTCOME_H

#include "decide/refresh_due.h"
#include "discovery/discover.h"

/* refresh_due of a pin with a key, from what the log says of earlier attempts. 1 due, 0 not, or an
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
