/*
 * Mails of which the MTA has taken some copies and not others: who has them, so that sending again
 * gives them to nobody twice. Of a mail and its recipients only keyed hashes are kept, and only
 * while somebody is missing, JOURNAL_KEPT at most.
 */
#ifndef SEALPOST_STORE_JOURNAL_H
#define SEALPOST_STORE_JOURNAL_H

#include "store/store.h"

#define JOURNAL_HASH 32
#define JOURNAL_KEPT 432000 /* seconds: five days, as long as MTAs try */

/* The key of the hashes; made at its first use. 0; ERR_OS: no random numbers. */
int store_journal_key(struct store *s, uint8_t key[JOURNAL_HASH], struct err *err);

/* 1 if any mail is in it; those that are too old are removed. now: seconds since 1970. */
int store_journal_any(struct store *s, int64_t now, struct err *err);

/* Begins a mail, or goes on with it: from here on store_journal_taken can be relied on. */
int store_journal_begin(
	struct store *s, const uint8_t mail[JOURNAL_HASH], int64_t now, struct err *err);

/* Notes that the MTA has taken the mail for these recipients: all of them or none. */
int store_journal_taken(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t (*rcpt)[JOURNAL_HASH], size_t n, struct err *err);

/* 1 if the MTA has taken the mail for this recipient. */
int store_journal_has(struct store *s, const uint8_t mail[JOURNAL_HASH],
	const uint8_t rcpt[JOURNAL_HASH], int64_t now, struct err *err);

/* Forgets the mail: everybody has it, or nobody. */
int store_journal_close(struct store *s, const uint8_t mail[JOURNAL_HASH], struct err *err);

#endif
