/* SPDX-License-Identifier: ISC */
/* The record of mail handed over: to whom, sealed or in clear, with which keys or why. No subject,
 * no text. Part of pins.db. */
#ifndef SEALPOST_HANDED_H
#define SEALPOST_HANDED_H

#include "conf/conf.h"
#include "store/journal.h"

#define HANDED_KEPT 500      /* mails */
#define HANDED_RCPT_MAX 1000 /* recipients recorded for one mail */

enum handed_how {
	HANDED_SEALED,
	HANDED_CLEAR,
	HANDED_AS_IT_WAS, /* encrypted by the mail program */
	HANDED_QUEUED,    /* queued, to be sent later */
	HANDED_BEFORE,    /* the same mail was handed over within the hour, so not again */
};

struct handed_rcpt {
	char address[ADDR_TEXT_MAX + 1]; /* struct addr's name */
	enum handed_how how;
	/* Fingerprints separated by blanks; or why it was sent in clear or queued. */
	char what[CONF_KEYS_MAX * CONF_FPR_MAX];
};

struct handed {
	int64_t time;   /* seconds since 1970 */
	uint32_t queue; /* its number in the queue; 0: not queued */
	char sender[ADDR_TEXT_MAX + 1];
	char note[ERR_MSG_MAX];   /* further remarks, such as why it is unsigned */
	struct handed_rcpt *rcpt; /* owned */
	size_t n_rcpt;
};

/*
 * Adds a record and keeps the last HANDED_KEPT. sealed_id: as for store_sealed_add, recorded in the
 * same transaction; NULL: not every copy was sealed.
 */
int store_handed_add(
	struct store *s, const struct handed *h, const uint8_t *sealed_id, struct err *err);

/* The newest first; at most max. cb returns non-zero to stop. */
int store_handed_each(struct store *s, int max, int (*cb)(const struct handed *h, void *arg),
	void *arg, struct err *err);

/* The mail queued under this number. 1: found; 0: not. The caller frees h->rcpt.
 */
int store_handed_queued(struct store *s, uint32_t queue, struct handed *h, struct err *err);

#endif
