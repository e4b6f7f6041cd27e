/* SPDX-License-Identifier: ISC */
/* What the files of discovery share. */
#ifndef SEALPOST_DISCOVER_PRIV_H
#define SEALPOST_DISCOVER_PRIV_H

#include "discovery/discover.h"
#include "store/answers.h"

bool pin_has_key(const struct pin *p);
bool pin_expired(const struct pin *p);
/* Usable as it is: has a key that is neither revoked nor expired. */
bool pin_good(const struct pin *p);

int cert_copy(struct cert *out, const struct cert *in);

/* Whether the pin is too weak by the rules for its address, into f->pin_weak. */
void judge_pin_strength(const struct discover *d, struct finding *f);

/* Makes the pinned certificate the one to use; if it is too weak the finding is unusable. */
void use_pin(struct finding *f, const char *reason);

/* Of an address that is not in the cache, and the network is not to be asked. */
void finding_unasked(struct finding *f);

/* What f's answer is worth once it is complete: a pin that was only due stays in use, and d->done
 * is told. */
int finish(struct discover *d, struct finding *f, struct err *err);

/*
 * Asks about all that are wanted and not done, the cache first, and finishes each. ERR_CONFIG...:
 * what concerns all; a helper that breaks off leaves the findings it owes unknown.
 */
int ask_all(struct discover *d, struct finding *f, size_t n, struct err *err);

/* A reply and whom it concerns. */
struct answered {
	struct finding *f;         /* borrowed */
	struct lookup_reply reply; /* owned */
	struct answer times;       /* asked; keep only of what is cached */
	bool cached;
	/* out, by absorb: */
	bool stale; /* it came from the cache and is too old for what it says; f is as it was */
	int64_t seconds; /* for how long from then it may be kept; 0: not at all */
};

/*
 * Intake, verdict, comparison with the pin, and what of it is to be kept: all n together. Failure
 * is for what concerns all.
 */
int absorb(struct discover *d, struct answered *a, size_t n, struct err *err);

#endif
