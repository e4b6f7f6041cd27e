/* SPDX-License-Identifier: ISC */
/* Message-IDs of mails whose copies were all sealed, as keyed hashes: replies to them must not be
 * sent in clear. Kept for SEALED_KEPT. */
#ifndef SEALPOST_STORE_SEALED_H
#define SEALPOST_STORE_SEALED_H

#include "store/journal.h"

#define SEALED_KEPT ((int64_t)366 * 86400) /* seconds */

/* Records one, and deletes outdated ones. now: seconds since 1970. */
int store_sealed_add(struct store *s, const uint8_t id[JOURNAL_HASH], int64_t now, struct err *err);

/* The same of n mails of others, each with the date that it was sent: those within SEALED_KEPT. One
 * transaction. */
struct sealed_mail {
	uint8_t id[JOURNAL_HASH];
	int64_t date;
};
int store_sealed_learnt(
	struct store *s, const struct sealed_mail *v, size_t n, int64_t now, struct err *err);

/* 1 if it was recorded within SEALED_KEPT. */
int store_sealed_has(struct store *s, const uint8_t id[JOURNAL_HASH], int64_t now, struct err *err);

#endif
