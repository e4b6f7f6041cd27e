/* SPDX-License-Identifier: ISC */
/*
 * The format of a queued mail inside its seal: a mail to its sender that explains itself, so that
 * it can be returned unchanged. It contains the sending options and the original, byte for byte.
 * Pure.
 */
#ifndef SEALPOST_QUEUED_H
#define SEALPOST_QUEUED_H

#include "base/buf.h"
#include "mail/args.h"

struct queued_rcpt {
	struct addr addr;
	bool seal;             /* must not be sent in clear without a new decision */
	char why[ERR_MSG_MAX]; /* the reason for waiting; for people only, not read back */
};

struct queued {
	struct send_args args; /* sender, name, notifications, rules; its recipients are not used */
	struct queued_rcpt *rcpt; /* owned; the envelope's */
	size_t n_rcpt;
};

/* The fields of the enclosing mail; all borrowed. */
struct queued_frame {
	const char *to;         /* the sender's own address */
	const char *date;       /* values of the fields */
	const char *message_id; /* of the mail around it */
	const char *intro;      /* lines for people, ending in \n */
};

/*
 * Appends the mail to out up to the original's base64, which the caller adds with
 * queued_write_original, and completes with queued_write_end. -1: out is full.
 */
int queued_write(struct buf *out, const struct queued_frame *f, const struct queued *q);
/* n must be a multiple of 57, except in the last call. */
int queued_write_original(struct buf *out, const uint8_t *p, size_t n);
int queued_write_end(struct buf *out);
#define QUEUED_LINE 57 /* bytes of a line */

/*
 * Parses the decrypted mail into q (queued_free) and original (secret, with the caller's maximum).
 * ERR_DATA: not the format of queued_write.
 */
int queued_read(const struct buf *plain, struct queued *q, struct buf *original, struct err *err);
void queued_free(struct queued *q);

#endif
