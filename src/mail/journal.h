/* SPDX-License-Identifier: ISC */
/* Identification of a mail that was partly handed over before. */
#ifndef SEALPOST_JOURNAL_H
#define SEALPOST_JOURNAL_H

#include "mime/message.h"
#include "mail/envelope.h"
#include "store/journal.h"

/*
 * The keyed hash (HMAC-SHA256) of sender, recipients, body and all fields except Date and the
 * outermost boundary, which mail programs renew when they send again. sender: of -f, "<>", or "" if
 * none. 1: mail is filled; 0: the message has no Message-ID, so every attempt is a separate mail;
 * ERR_IO, ERR_OS.
 */
int journal_mail(const uint8_t key[JOURNAL_HASH], const struct message *msg,
	const struct envelope *env, const char *sender, uint8_t mail[JOURNAL_HASH],
	struct err *err);

/* The keyed hash of one recipient of that mail, different for each mail. */
int journal_rcpt(const uint8_t key[JOURNAL_HASH], const uint8_t mail[JOURNAL_HASH],
	const struct addr *a, uint8_t rcpt[JOURNAL_HASH], struct err *err);

/*
 * The keyed hash of how each recipient is served, one line each, independent of their order. Sorts
 * line. ERR_OS.
 */
int journal_keys(const uint8_t key[JOURNAL_HASH], const uint8_t mail[JOURNAL_HASH], char **line,
	size_t n, uint8_t keys[JOURNAL_HASH], struct err *err);

/* The keyed hash of a Message-ID, with its angle brackets. ERR_OS. */
int journal_id(const uint8_t key[JOURNAL_HASH], const char *id, size_t len,
	uint8_t hash[JOURNAL_HASH], struct err *err);

/*
 * Locks the hand-off of this mail against other processes until *fd is closed or this process ends.
 * ERR_TEMP: another process is handing it over. dir: the data folder.
 */
int journal_lock(const char *dir, const uint8_t mail[JOURNAL_HASH], int *fd, struct err *err);

#endif
