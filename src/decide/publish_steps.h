/* SPDX-License-Identifier: ISC */
/*
 * Decides whether a step of publishing that could lose mail or keys may be taken now. Pure. The
 * steps and conditions are documented in sealpost-publish(5).
 */
#ifndef SEALPOST_PUBLISH_STEPS_H
#define SEALPOST_PUBLISH_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/check.h"

enum publish_step {
	STEP_HOST,     /* from direct to advanced */
	STEP_DIRECT,   /* from advanced to direct */
	STEP_ENFORCE,  /* MTA-STS is enforced */
	STEP_MX,       /* other mail servers under enforce */
	STEP_LEAVE,    /* no MTA-STS any more */
	STEP_TLSA,     /* keys of mail servers */
	STEP_ROTATE,   /* another key for an address */
	STEP_WITHDRAW, /* no key for an address any more */
	STEP_CAA,      /* who may issue certificates */
	STEP_CUSTOMER, /* one less */
	STEPS_N
};

enum step_state {
	STATE_DONE,    /* already so, or nothing can be lost */
	STATE_NEXT,    /* may be taken */
	STATE_WAIT,    /* until not_before */
	STATE_UNSAFE,  /* refused */
	STATE_UNKNOWN, /* refused: the current state is unknown */
};

/* The meaning of ready and allowed depends on the step's row in publish_steps.c. */
struct step_facts {
	int64_t now;
	bool wanted;  /* there is something to do */
	bool forced;  /* by --force */
	bool offline; /* nothing may be asked */
	enum check_fact ready, allowed;
	int64_t since; /* when the prerequisite was first seen live; 0: never */
	int64_t wait;  /* how long it must have been live, in seconds */
	int64_t until; /* if not ready: when that ends by itself; 0: never */
};

struct step_verdict {
	enum step_state state;
	int64_t not_before;        /* if it can be told; else 0. Of STATE_NEXT: advice */
	const char *reason, *mend; /* static; "" if there is none */
};

void publish_judge_step(
	enum publish_step step, const struct step_facts *f, struct step_verdict *out);

/* openpgpkey. of a domain that goes over to the direct method: what stands there now. */
struct hiding_facts {
	enum check_fact wildcard; /* a wildcard gives it an address; YES too where it has one of
				     its own that is the same */
	bool proved;              /* that it has none of its own */
	bool alias;               /* it is an alias */
	bool guarded;             /* the record that keeps wildcards away is live */
};

/* Whether its address may go in one step with the record coming that keeps wildcards away. FACT_NO:
 * that record has to be live first, beside the address. An alias cannot have one beside it, and is
 * replaced by it; a name that only a wildcard gives becomes one without an address. */
enum check_fact publish_may_hide(const struct hiding_facts *f);

const char *publish_step_name(enum publish_step step); /* as for --force */
/* 0, or -1: there is no such step. */
int publish_step_word(const char *word, enum publish_step *out);
const char *publish_state_name(enum step_state state);

/* The exit status that a state alone would make: 0, 1, 69 or 75. */
int publish_state_exit(enum step_state state);
/* Which of two exit statuses counts: 78, 73, 74, 69, 75, 1, 0. */
int publish_worse_exit(int a, int b);

#endif
