/* SPDX-License-Identifier: ISC */
/*
 * The steps of publishing that can lose mail or keys: whether one may be taken now. Facts in, step
 * out; pure. What each step is, and when it is refused, is said in sealpost-publish(5).
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
	STATE_DONE,    /* what is wanted is so, or there is nothing to lose */
	STATE_NEXT,    /* it may be taken */
	STATE_WAIT,    /* until not_before */
	STATE_UNSAFE,  /* refused */
	STATE_UNKNOWN, /* refused: the present cannot be told */
};

/* ready and allowed are what the step rests on, by its row in publish_steps.c. */
struct step_facts {
	int64_t now;
	bool wanted;  /* there is something to do */
	bool forced;  /* by --force */
	bool offline; /* nothing may be asked */
	enum check_fact ready, allowed;
	int64_t since; /* when what has to be live first was seen live; 0: it was not */
	int64_t wait;  /* for how long it has to have been, seconds */
	int64_t until; /* where ready is not so: when that ends by itself; 0: never */
};

struct step_verdict {
	enum step_state state;
	int64_t not_before;        /* of STATE_WAIT and STATE_UNSAFE, if it can be told; else 0 */
	const char *reason, *mend; /* static; "" if there is none */
};

void publish_judge_step(
	enum publish_step step, const struct step_facts *f, struct step_verdict *out);

const char *publish_step_name(enum publish_step step); /* as for --force */
/* 0, or -1: there is no such step. */
int publish_step_word(const char *word, enum publish_step *out);
const char *publish_state_name(enum step_state state);

/* The exit status that a state alone would make: 0, 1, 69 or 75. */
int publish_state_exit(enum step_state state);
/* Which of two exit statuses counts: 78, 73, 74, 69, 75, 1, 0. */
int publish_worse_exit(int a, int b);

#endif
