/* SPDX-License-Identifier: ISC */
/* Refreshing pins: the outcome of a lookup, and earlier attempts in the log. */
#ifndef SEALPOST_REFRESH_OUTCOME_H
#define SEALPOST_REFRESH_OUTCOME_H

#include "decide/refresh.h"
#include "discovery/discover.h"

/* Whether a pin with a key is due for refresh, considering earlier attempts in the log. 1 due, 0
 * not, or an error. */
int refresh_pin_due(struct store *s, const struct pin *p, int64_t now, struct err *err);

/* The outcome of discover_all, with keep, for one address. was_revoked: whether the pin was revoked
 * before. */
enum refresh_outcome refresh_outcome(const struct finding *f, bool was_revoked);

/* Writes a sentence that explains an outcome to out. */
#define REFRESH_REASON_MAX (VERDICT_REASON_MAX + 64)
void refresh_reason(char *out, const struct finding *f, enum refresh_outcome o);

/* Logs that an answer came without the key, so that the pin is not due again at once.
 */
int refresh_note(struct store *s, const struct finding *f, enum refresh_outcome o, struct err *err);

#endif
