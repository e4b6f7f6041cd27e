/* SPDX-License-Identifier: ISC */
/*
 * The format of a queued mail inside its seal: a mail to its sender that explains itself, so that
 * it can be returned unchanged. It contains the sending options and the original, byte for byte.
 * Pure.
 */
#ifndef SEALPOST_QUEUED_H
#define SEALPOST_QUEUED_H

#include "base/base64.h"
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
 * Appends the mail to out up to the original, which follows in base64, QUEUED_LINE bytes a line;
 * queued_write_end completes it. -1: out is full.
 */
int queued_write(struct buf *out, const struct queued_frame *f, const struct queued *q);
int queued_write_end(struct buf *out);
#define QUEUED_LINE 57

/* Parses the decrypted mail, in pieces. Initialise it with QUEUED_READER. */
struct queued_reader {
	struct queued *q;     /* the result; the caller frees it, after failure too */
	struct buf *original; /* likewise; secret, with the caller's maximum */
	struct buf how, line;
	struct base64_reader base64;
	unsigned delimiters;
	bool body; /* past the header of a part */
};

#define QUEUED_HOW_MAX (8u << 20) /* bytes of how it is to be sent */
#define QUEUED_LINE_MAX 4096
#define QUEUED_READER(into, text)                                                                  \
	{                                                                                          \
		.q = (into), .original = (text), .how = BUF_INIT_SECRET(QUEUED_HOW_MAX),           \
		.line = BUF_INIT_SECRET(QUEUED_LINE_MAX)                                           \
	}

/* ERR_DATA: not the format of queued_write; ERR_OS. */
int queued_reader_add(struct queued_reader *r, const void *p, size_t n, struct err *err);
/* ERR_DATA: the mail is incomplete. */
int queued_reader_end(const struct queued_reader *r, struct err *err);
void queued_reader_free(struct queued_reader *r);
void queued_free(struct queued *q);

#endif
