/* SPDX-License-Identifier: ISC */
/* Trust on first use: decides what to do from the pin and what was seen. Pure. */
#ifndef SEALPOST_TOFU_H
#define SEALPOST_TOFU_H

#include <stdbool.h>
#include <stdint.h>

#include "decide/key_status.h"
#include "decide/sources.h"
#include "pgp/cert/intake.h"

enum pin_state {
	PIN_NONE = 0,
	PIN_TOFU,
	PIN_VERIFIED, /* the user compared fingerprints */
	PIN_REJECTED, /* the user rejected this fingerprint */
	PIN_CLEAR,    /* allow-clear: the user permits clear text */
};

struct tofu_in {
	enum pin_state state;
	char pin_fpr[CERT_FPR_MAX]; /* "" without pin */
	bool pin_revoked;           /* according to the newest data */
	bool pin_expired;
	bool pin_lapsed; /* its owner has left nothing of it to encrypt to, or taken the User ID
			    back */
	enum key_status seen; /* by the network; KEY_CONFLICT has no effect */
	char seen_fpr[CERT_FPR_MAX];
	bool seen_rejected; /* the user has rejected seen_fpr for this address, now or earlier */
	enum cert_source candidate; /* the pin is a key of it, which no domain published; else
				      SOURCE_NONE */
	bool certified_by_pin; /* the pinned key certified the new one's User ID for this address */
};

enum tofu_verdict {
	TOFU_NOTHING, /* no pin, nothing usable seen */
	TOFU_FIRST,   /* pin it */
	TOFU_SAME,    /* update the pinned certificate, use it */
	TOFU_USE_PIN, /* nothing new, or no longer published: the pin stays in use */
	/* accepted, because the pinned key certified it, or was only a stand-in for what the domain
	 * publishes: replace the pin, log it */
	TOFU_SUCCESSOR,
	TOFU_HOLD,     /* different: hold it, refuse (77) */
	TOFU_PIN_DEAD, /* pin revoked, expired or lapsed, and nothing new: cannot be used */
	TOFU_REJECTED, /* a rejected certificate was seen again: never used, and not held again */
};

struct tofu_out {
	enum tofu_verdict verdict;
	const char *why; /* static sentence */
	/*
	 * The pinned key is usable. With TOFU_HOLD a rule may let the pin stay in use; with
	 * TOFU_REJECTED it does, because the user has decided already.
	 */
	bool pin_good;
};

/*
 * Certifications by a rejected certificate or a dead pin do not count, nor does it matter that a
 * rejected one is the only one published.
 */
struct tofu_out tofu_decide(const struct tofu_in *in);

/* The effect on the address's certificate. */
enum tofu_effect {
	EFFECT_AS_SEEN,  /* use what was seen */
	EFFECT_PIN,      /* the pinned one is used */
	EFFECT_CONFLICT, /* none may be */
	EFFECT_UNUSABLE, /* the pinned one is dead, and there is no other */
};
enum tofu_effect tofu_effect(const struct tofu_out *o);

const char *pin_state_name(enum pin_state s);
/* PIN_NONE when the name is none of them. */
enum pin_state pin_state_parse(const char *name);

#endif
