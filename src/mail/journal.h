/* SPDX-License-Identifier: ISC */
/* Whether a mail is one that was handed over in part before: what it is known by. */
#ifndef SEALPOST_JOURNAL_H
#define SEALPOST_JOURNAL_H

#include "mime/message.h"
#include "mail/envelope.h"
#include "store/journal.h"

/*
 * The keyed hash (HMAC-SHA256) of sender, recipients, body and all fields but Date, which mail
 * programs renew when they send again, as they do the outermost boundary. sender: of -f, "<>", or
 * "" if none. 1: mail is filled; 0: the message has no Message-ID, so that it is a mail of its own
 * each time; ERR_IO, ERR_OS.
 */
int journal_mail(const uint8_t key[JOURNAL_HASH], const struct message *msg,
	const struct envelope *env, const char *sender, uint8_t mail[JOURNAL_HASH],
	struct err *err);

/* The keyed hash of one recipient of that mail: two mails to the same address do not show it. */
int journal_rcpt(const uint8_t key[JOURNAL_HASH], const uint8_t mail[JOURNAL_HASH],
	const struct addr *a, uint8_t rcpt[JOURNAL_HASH], struct err *err);

/*
 * The keyed hash of how each recipient gets that mail: in whatever order, one line for each. Sorts
 * line. ERR_OS.
 */
int journal_keys(const uint8_t key[JOURNAL_HASH], const uint8_t mail[JOURNAL_HASH], char **line,
	size_t n, uint8_t keys[JOURNAL_HASH], struct err *err);

/* The keyed hash of a Message-ID, with its angle brackets. ERR_OS. */
int journal_id(const uint8_t key[JOURNAL_HASH], const char *id, size_t len,
	uint8_t hash[JOURNAL_HASH], struct err *err);

/*
 * Makes us the only process that hands this mail over, until *fd is closed or we end, however that
 * comes. ERR_TEMP: another one does so right now. dir: the data folder.
 */
int journal_lock(const char *dir, const uint8_t mail[JOURNAL_HASH], int *fd, struct err *err);

#endif
