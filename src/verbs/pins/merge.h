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
 * Hears what became of an item, in the order they were added, once that is committed. why: one
 * sentence, "" if there is nothing to add. A negative error ends it.
 */
typedef int merge_done(const struct merge_item *m, enum merge_result r, const char *why, void *arg,
	struct err *err);

/*
 * Many items: what gpg has to look at it looks at together, with nothing locked, and what comes of
 * so many is one transaction. NULL: no memory. gpg_init must have been called.
 */
struct merge_batch;
struct merge_batch *merge_batch_new(struct store *s, merge_done *done, void *arg);
void merge_batch_free(struct merge_batch *b);

/*
 * Copies the item; does those that wait if there are enough of them, or one of the same address.
 * merge_flush does all that wait. 0, or an error that concerns all: store or gpg broken; then
 * nothing became of those that done has not heard of.
 */
int merge_add(struct merge_batch *b, const struct merge_item *m, struct err *err);
int merge_flush(struct merge_batch *b, struct err *err);

const char *merge_name(enum merge_result r);

#endif
