/* SPDX-License-Identifier: ISC */
/* Staying current: what came of asking about a pin again, and what the log knows of earlier
 * attempts. */
#ifndef SEALPOST_REFRESH_OUTCOME_H
#define SEALPOST_REFRESH_OUTCOME_H

#include "decide/refresh.h"
#include "discovery/discover.h"

/* refresh_due of a pin with a key, from what the log says of earlier attempts. 1 due, 0 not, or an
 * error. */
int refresh_pin_due(struct store *s, const struct pin *p, int64_t now, struct err *err);

/* What discover_all, with keep, made of one address. was_revoked: as the pin was before. */
enum refresh_outcome refresh_outcome(const struct finding *f, bool was_revoked);

/* Writes what an outcome means, one sentence, into out. */
#define REFRESH_REASON_MAX (VERDICT_REASON_MAX + 64)
void refresh_reason(char *out, const struct finding *f, enum refresh_outcome o);

/* Notes in the log that an answer came without the key, so that it is not asked for again at once.
 */
int refresh_note(struct store *s, const struct finding *f, enum refresh_outcome o, struct err *err);

#endif
