/* SPDX-License-Identifier: ISC */
/*
 * One pin from elsewhere, put beside what is known here. Nothing is overridden: the same
 * certificate merges, a different one is held, a decision is taken over only where there is
 * nothing.
 */
#ifndef SEALPOST_PINS_MERGE_H
#define SEALPOST_PINS_MERGE_H

#include "store/store.h"

struct merge_item {
	const char *address;  /* as pins are kept */
	enum pin_state state; /* PIN_TOFU of what is no pin */
	bool held;            /* was held there: never pinned here */
	bool observed;        /* another program's: compared with a pin, never one itself */
	bool was_pin;         /* also taken when revoked, expired or unable to encrypt */
	const char *fpr;      /* "" for PIN_CLEAR */
	const uint8_t *cert;  /* armoured or binary; not verified */
	size_t cert_len;
	int64_t first_seen, last_seen; /* 0: now */
	bool revoked;
	const char *method;   /* shorter than struct pin's */
	const char *evidence; /* JSON object, "" for none */
};

enum merge_result {
	MERGE_UNCHANGED,
	MERGE_PINNED,
	MERGE_UPDATED,
	MERGE_REVOKED,  /* the pin is, as was not known here */
	MERGE_CLEAR,    /* clear text is allowed now */
	MERGE_REJECTED, /* the fingerprint is rejected now */
	MERGE_HELD,     /* different: it waits for a decision */
	MERGE_NO_PIN,   /* observed, and there is no pin to compare with */
	MERGE_LEARNT,   /* a candidate from received mail is stored, or was */
	MERGE_LEFT,     /* not done: why says it */
};

#define MERGE_WHY_MAX 512

/*
 * Does it. The result, with one sentence in why (MERGE_WHY_MAX bytes; "" if there is nothing to
 * add), or an error that concerns all: store or gpg broken. gpg_init must have been called.
 */
int merge_one(struct store *s, const struct merge_item *m, char *why, struct err *err);

const char *merge_name(enum merge_result r);

#endif
