/* SPDX-License-Identifier: ISC */
/*
 * A mail that is kept to be sent later, as it stands inside of its seal: a mail to its sender that
 * says what it is, so that it can go back as it lies; in it how it was to be sent, and the original
 * byte for byte. Pure.
 */
#ifndef SEALPOST_QUEUED_H
#define SEALPOST_QUEUED_H

#include "base/buf.h"
#include "mail/args.h"

struct queued_rcpt {
	struct addr addr;
	bool seal;             /* may not turn clear by itself */
	char why[ERR_MSG_MAX]; /* it waits; for people only, not read back */
};

struct queued {
	struct send_args args; /* sender, name, notifications, rules; its recipients are not used */
	struct queued_rcpt *rcpt; /* owned; the envelope's */
	size_t n_rcpt;
};

/* What the mail around it has: all borrowed. */
struct queued_frame {
	const char *to;         /* the sender's own address */
	const char *date;       /* values of the fields */
	const char *message_id; /* of the mail around it */
	const char *intro;      /* lines for people, ending in \n */
};

/*
 * Appends the whole mail to out, but for the original's base64 and what follows it: the caller adds
 * that with queued_write_original, once, and ends with queued_write_end. -1: out is full.
 */
int queued_write(struct buf *out, const struct queued_frame *f, const struct queued *q);
/* n is a multiple of 57, but for the last time. */
int queued_write_original(struct buf *out, const uint8_t *p, size_t n);
int queued_write_end(struct buf *out);
#define QUEUED_LINE 57 /* bytes of a line */

/*
 * Reads what was in the seal: q (queued_free) and the original, into original (secret, its maximum
 * the caller's). ERR_DATA: it is not what queued_write writes.
 */
int queued_read(const struct buf *plain, struct queued *q, struct buf *original, struct err *err);
void queued_free(struct queued *q);

#endif
