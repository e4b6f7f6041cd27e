/* SPDX-License-Identifier: ISC */
/* The keys that received mail has for an address, and which of them is used. */
#ifndef SEALPOST_DISCOVERY_LEARNT_H
#define SEALPOST_DISCOVERY_LEARNT_H

#include "decide/learnt.h"
#include "store/candidates.h"

struct learnt_known {
	struct candidate *v; /* owned */
	size_t n;
	struct learnt_choice choice; /* index: into v */
};

/* Reads what is stored for an address (struct addr's name). Nothing found is no failure. */
int learnt_read(struct store *s, const char *address, int64_t now, struct learnt_known *out,
	struct err *err);
void learnt_known_free(struct learnt_known *k);

/* Whether its candidate i is used where nothing is published: only for an address without a pin. */
bool learnt_is_used(const struct learnt_known *k, enum pin_state pin, size_t i);

/* Where a candidate was seen, as a JSON object {"learnt":{"autocrypt":{...},...}}, malloc'ed; NULL
 * if memory is short. */
char *learnt_evidence(const struct candidate *c);

/* The same for "candidates" of a verb's JSON: fingerprint, user_id, expires, revoked, used, seen.
 */
struct out;
void learnt_json(struct out *o, const struct candidate *c, bool used);

#endif
