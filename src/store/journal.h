/* SPDX-License-Identifier: ISC */
/*
 * Mails of which the MTA has taken some copies and not others: who has them, so that sending again
 * gives them to nobody twice. Of a mail and its recipients only keyed hashes are kept, while
 * somebody is missing, JOURNAL_KEPT at most. A mail that everybody has is closed: what remains of
 * it for JOURNAL_MARKED is a mark, so that the same mail, sent again because it was not seen that
 * all went well, goes to nobody twice either.
 */
#ifndef SEALPOST_STORE_JOURNAL_H
#define SEALPOST_STORE_JOURNAL_H

#include "store/store.h"

#define JOURNAL_HASH 32
#define JOURNAL_KEPT 432000 /* seconds: five days, as long as MTAs try */
#define JOURNAL_MARKED 3600 /* seconds */

/* The key of the hashes; made at its first use. 0; ERR_OS: no random numbers. */
int store_journal_key(struct store *s, uint8_t key[JOURNAL_HASH], struct err *err);

/* Removes what is too old. now: seconds since 1970. */
int store_journal_tidy(struct store *s, int64_t now, struct err *err);

/* Begins a mail, or goes on with it: from here on store_journal_taken can be relied on. One that is
 * closed begins anew. */
int store_journal_begin(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err);

/* Notes that the MTA has taken the mail for these recipients: all of them or none. */
int store_journal_taken(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t (*rcpt)[JOURNAL_HASH], size_t n, struct err *err);

/* 1 if the MTA has taken the mail for this recipient. */
int store_journal_has(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], int64_t now, struct err *err);

/* Notes that the sender's own copy of a mail that was begun is kept; 1 if it is. */
int store_journal_kept(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err);
int store_journal_is_kept(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err);

/* Everybody has the mail, with these keys: leaves the mark. */
int store_journal_close(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t keys[JOURNAL_HASH], int64_t now, struct err *err);

/* 1 if there is a mark of this mail with the same keys. */
int store_journal_marked(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t keys[JOURNAL_HASH], int64_t now, struct err *err);

/* Forgets the mail: nobody has it. */
int store_journal_forget(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err);

/*
 * A mail in the queue (queue.h) is held: who has it, and that it is complete, is known until it is
 * released, whatever the time and the keys. Holding one that was closed before begins it anew; so
 * whether it is marked is to be asked first.
 */
int store_journal_hold(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err);
int store_journal_release(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err);
/* While the queue is empty: what a process that was killed left held. */
int store_journal_release_all(struct store *s, struct err *err);

/* Notes that a queued mail may not turn clear by itself for this recipient, until it is released; 1
 * if so. */
int store_queued_seal_add(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], struct err *err);
int store_queued_seal_has(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], struct err *err);

#endif
