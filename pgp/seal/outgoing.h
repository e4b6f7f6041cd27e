/* SPDX-License-Identifier: ISC */
/*
 * The header of the outgoing message: which fields are outside, which inside (RFC 9788), and which
 * are removed.
 */
#ifndef SEALPOST_OUTGOING_H
#define SEALPOST_OUTGOING_H

#include "mime/ctype.h"
#include "pgp/seal/hcp.h"
#include "mime/message.h"

/* One field with a normalised value: trimmed, no trailing blanks, no blank lines, LF line ends. */
struct out_field {
	const char *name;  /* borrowed from the message, or static */
	char *value;       /* owned */
	const char *outer; /* the outer value: value, own or static; NULL: not outside */
	char *own;         /* owned; NULL: outer needs none */
	bool structural;
};

struct outgoing {
	struct out_field *v; /* owned */
	size_t n;
	/* Set by the caller before outgoing_make: */
	const char *const *gossip; /* values of Autocrypt-Gossip, inside only; borrowed */
	size_t n_gossip;
	const char *kept; /* for the sender's own copy: value of OUTGOING_RESULT, inside only;
			     borrowed; else NULL */
	enum legacy_display legacy;
	enum hcp hcp;
	enum hp_mark mark; /* HP_CLEAR: signed only, so everything is outside as well; HCP_OFF sets
			      HP_NONE */
};

/*
 * Reads m's fields, after adding missing From, Date and Message-ID. Omits fields that must not be
 * sent: those of outgoing_never, Return-Path, DKIM-Signature (no longer valid), and HP-Outer (only
 * written here). The sender's own copy keeps fields about hidden recipients inside, except Bcc.
 * ERR_DATA: a line is too long; ERR_OS.
 */
int outgoing_make(struct outgoing *h, const struct message *m, struct err *err);
void outgoing_free(struct outgoing *h);

#define OUTGOING_RESULT "X-Sealpost-Result" /* the result of sending, in the stored copy */

/* Whether a field is removed from all outgoing mail, sealed or clear: Bcc and others that reveal
 * hidden recipients or the sender's folders, and our own. */
bool outgoing_never(const char *name);

/*
 * Appends the payload's header with CRLF line ends and its closing blank line: every field,
 * Content-Type with the hp mark, then HP-Outer for each outer field if anything is hidden; with
 * HP_NONE, only the MIME fields. new_type: replaces Content-Type unless NULL; type: for a message
 * without one. cte: NULL keeps Content-Transfer-Encoding. ERR_DATA if Content-Type cannot be
 * parsed; ERR_OS.
 */
int outgoing_inside(const struct outgoing *h, const char *new_type, const char *type,
	const char *cte, struct buf *out, struct err *err);

/*
 * The same for a message whose whole body is signed already: mail programs look for protected
 * fields in the outermost part only, and in a signed one for those of its signer. So the body
 * becomes the only part of a multipart/mixed with the fields; the output ends with that part's
 * header. The caller adds the delimiter after the body.
 */
int outgoing_inside_wrapped(const struct outgoing *h, const char *boundary, const char *new_type,
	const char *cte, struct buf *out, struct err *err);

/* Appends the outer fields (not MIME's) with LF line ends. ERR_OS. */
int outgoing_outside(const struct outgoing *h, struct buf *out, struct err *err);

/* Bytes sufficient for either header. */
#define OUTGOING_MAX (12 * MESSAGE_HEADER_MAX + 65536)

#endif
