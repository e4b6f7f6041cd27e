/* SPDX-License-Identifier: ISC */
/*
 * Merges a pin from elsewhere. Nothing is overridden: the same certificate is merged, a different
 * one is held, a decision is imported only if there is no pin here.
 */
#ifndef SEALPOST_PINS_MERGE_H
#define SEALPOST_PINS_MERGE_H

#include "store/store.h"

struct merge_item {
	const char *address;  /* as in the store */
	enum pin_state state; /* PIN_TOFU if it is not a pin */
	bool held;            /* was held there: never pinned here */
	bool observed;        /* from another program: compared with a pin, never pinned */
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
	MERGE_REVOKED,  /* the pin is revoked, which was not known here */
	MERGE_CLEAR,    /* clear text is allowed now */
	MERGE_REJECTED, /* the fingerprint is rejected now */
	MERGE_HELD,     /* different: it waits for a decision */
	MERGE_NO_PIN,   /* observed, and there is no pin to compare with */
	MERGE_LEARNT,   /* a candidate from received mail is stored, or was */
	MERGE_LEFT,     /* not done: why has the reason */
};

#define MERGE_WHY_MAX 512

/*
 * Gets the result of each item, in the order they were added, once it is committed. why: a message,
 * or "". A negative error ends the import.
 */
typedef int merge_done(const struct merge_item *m, enum merge_result r, const char *why, void *arg,
	struct err *err);

/*
 * A batch of items: gpg checks their certificates together, without a lock held, and the results
 * are stored in one transaction. NULL: no memory. gpg_init must have been called.
 */
struct merge_batch;
struct merge_batch *merge_batch_new(struct store *s, merge_done *done, void *arg);
void merge_batch_free(struct merge_batch *b);

/*
 * Copies the item; processes the waiting ones if the batch is full or has one of the same address.
 * merge_flush processes all that wait. 0, or an error that affects all, of the store or gpg; items
 * that done was not called for are then unchanged.
 */
int merge_add(struct merge_batch *b, const struct merge_item *m, struct err *err);
int merge_flush(struct merge_batch *b, struct err *err);

const char *merge_name(enum merge_result r);

#endif
