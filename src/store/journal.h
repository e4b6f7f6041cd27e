/* SPDX-License-Identifier: ISC */
/*
 * Which recipients the MTA has accepted a mail for, so that a repeated attempt sends to nobody
 * twice. Only keyed hashes of mails and recipients are stored, for at most JOURNAL_KEPT while
 * recipients are missing. When all are served the mail is closed: a mark remains for
 * JOURNAL_MARKED, so that repeating a mail whose success went unnoticed sends to nobody twice
 * either.
 */
#ifndef SEALPOST_STORE_JOURNAL_H
#define SEALPOST_STORE_JOURNAL_H

#include "store/store.h"

#define JOURNAL_HASH 32
#define JOURNAL_KEPT 432000 /* seconds: five days, as long as MTAs retry */
#define JOURNAL_MARKED 3600 /* seconds */

/* The key of the hashes; created on first use. 0; ERR_OS: no random numbers. */
int store_journal_key(struct store *s, uint8_t key[JOURNAL_HASH], struct err *err);

/* Removes outdated entries. now: seconds since 1970. */
int store_journal_tidy(struct store *s, int64_t now, struct err *err);

/*
 * Whether what becomes of a mail can be recorded, as far as that can be told without writing.
 * ERR_IO: the disk is full; ERR_TEMP: another process holds the store locked.
 */
int store_journal_ready(struct store *s, struct err *err);

/* Begins or resumes a mail; store_journal_taken may be used from here on. A closed one begins anew.
 */
int store_journal_begin(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err);

/*
 * Reserves disk space to record, of a mail that was begun, so many copies with so many recipients
 * in all. ERR_IO: there is not enough (disk full), so nothing may be handed over.
 */
int store_journal_reserve(struct store *s, size_t copies, size_t rcpts, struct err *err);

/* Records, atomically, that the MTA has accepted the mail for these recipients. */
int store_journal_taken(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t (*rcpt)[JOURNAL_HASH], size_t n, struct err *err);

/* 1 if the MTA has accepted the mail for this recipient. */
int store_journal_has(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], int64_t now, struct err *err);

/* Records that the sender's own copy of a mail that was begun is stored; 1 if it is. */
int store_journal_kept(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err);
int store_journal_is_kept(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err);

/* Closes the mail: all recipients are served, with these keys. Leaves the mark. */
int store_journal_close(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t keys[JOURNAL_HASH], int64_t now, struct err *err);

/* 1 if there is a mark of this mail with the same keys; with any, if keys is NULL. */
int store_journal_marked(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t keys[JOURNAL_HASH], int64_t now, struct err *err);

/* Deletes the mail: no recipient is served. */
int store_journal_forget(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err);

/*
 * Holds the entry of a queued mail (queue.h): its recipients and whether it is complete stay
 * recorded until it is released, whatever the time and the keys. Holding a closed one begins it
 * anew, so check for a mark first.
 */
int store_journal_hold(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err);
int store_journal_release(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err);
/* Releases what a killed process left held; only while the queue is empty. */
int store_journal_release_all(struct store *s, struct err *err);

/* Records that a queued mail must not go to this recipient in clear without a new decision, until
 * it is released; 1 if recorded. */
int store_queued_seal_add(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], struct err *err);
int store_queued_seal_has(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], struct err *err);

#endif
