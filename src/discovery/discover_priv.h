/* SPDX-License-Identifier: ISC */
/* Shared by the files of discovery. */
#ifndef SEALPOST_DISCOVER_PRIV_H
#define SEALPOST_DISCOVER_PRIV_H

#include "discovery/discover.h"
#include "pgp/cert/plain.h"
#include "store/answers.h"

bool pin_has_key(const struct pin *p);
bool pin_expired(const struct pin *p);
/* Usable: has a key that is neither revoked nor expired. */
bool pin_good(const struct pin *p);

int cert_copy(struct cert *out, const struct cert *in);

/* Sets f->pin_weak: whether the pin is too weak by the rules for its address. */
void judge_pin_strength(const struct discover *d, struct finding *f);

/* Selects the pinned certificate; if it is too weak the finding is unusable. */
void use_pin(struct finding *f, const char *reason);

/* Sets the result of an address that is not in the cache when the network may not be asked. */
void finding_unasked(struct finding *f);

/* Completes f: if a due pin got no usable answer it stays in use. Then calls d->done. */
int finish(struct discover *d, struct finding *f, struct err *err);

/*
 * Looks up all that are wanted and not complete, in the cache first, and finishes each. Fails only
 * for errors that affect all addresses; if the helper breaks off, the findings it owes become
 * unknown. turn: 0: the domains are asked
 * first; 1: the key servers only.
 */
int ask_all(struct discover *d, struct finding *f, size_t n, size_t turn, struct err *err);

/* A reply and its finding. */
struct answered {
	struct finding *f;         /* borrowed */
	struct lookup_reply reply; /* owned */
	struct answer times;       /* times of the lookup; keep: only for a cached reply */
	bool cached;
	size_t turn; /* 0: the domain's; else entry turn - 1 of the address's key servers */
	/* out, by absorb: */
	bool stale;      /* a cached reply too old for its verdict; f is unchanged */
	bool further;    /* f is not settled yet: the next key server is to be asked */
	int64_t seconds; /* how long the reply may be cached, from then; 0: not at all */
};

/*
 * Intake, verdict, comparison with the pin, and storing, for all n together. ready: see plain_read.
 * Fails only for errors that affect all.
 */
int absorb(
	struct discover *d, struct answered *a, size_t n, struct plain_gpg *ready, struct err *err);

/* Entry turn - 1 of the key servers to ask about f after the answer of its domain, which f has; its
 * host (ADDR_DOMAIN_MAX + 1 bytes) and its place among all. -1: none. */
int server_of_turn(const struct discover *d, const struct finding *f, size_t turn, char *host);

/*
 * A later copy of the pinned certificate that f uses, in set, with the pin merged into it: the pin
 * is updated, and if nothing of it can be used any longer the finding is unusable.
 */
int absorb_copy(struct discover *d, struct finding *f, const struct cert_set *set, struct err *err);

/* No key server has one, or could be asked: settles f with the absence that its domain answered. */
int absorb_absence(struct discover *d, struct finding *f, struct err *err);

#endif
