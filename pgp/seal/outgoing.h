/* SPDX-License-Identifier: ISC */
/*
 * The header of the message as it goes out: which fields are outside, which inside (RFC 9788), and
 * what is never to travel.
 */
#ifndef SEALPOST_OUTGOING_H
#define SEALPOST_OUTGOING_H

#include "mime/ctype.h"
#include "pgp/seal/hcp.h"
#include "mime/message.h"

/* One field, value trimmed: no blanks at its ends nor at a line's end, no line of blanks only, LF
 * line ends. */
struct out_field {
	const char *name;  /* borrowed from the message, or static */
	char *value;       /* owned */
	const char *outer; /* value, own or static; what stands outside; NULL: nothing */
	char *own;         /* owned; NULL: outer needs none */
	bool structural;
};

struct outgoing {
	struct out_field *v; /* owned */
	size_t n;
	/* By the caller, before outgoing_make: */
	const char *const *gossip; /* values of Autocrypt-Gossip, which is inside only; borrowed */
	size_t n_gossip;
	const char *kept; /* the sender's own copy: value of OUTGOING_RESULT, which is inside
			     only; borrowed; NULL: it is none */
	enum legacy_display legacy;
	enum hcp hcp;
	enum hp_mark mark; /* HP_CLEAR: signed only, so that everything is outside as well; HCP_OFF
			      makes it HP_NONE */
};

/*
 * Reads m's fields; writes the missing of From, Date and Message-ID first. Fields that must not
 * travel are not in it: outgoing_never's, Return-Path, DKIM-Signature (it would not fit any more),
 * and HP-Outer (ours alone to write). The sender's own copy keeps, inside, what tells of hidden
 * recipients, but Bcc.
 * ERR_DATA: a line is too long; ERR_OS.
 */
int outgoing_make(struct outgoing *h, const struct message *m, struct err *err);
void outgoing_free(struct outgoing *h);

#define OUTGOING_RESULT "X-Sealpost-Result" /* what became of the mail, in the kept copy */

/* Whether a field is to be left out of everything that goes out, sealed or clear: Bcc and what else
 * names hidden recipients or the sender's folders, and our own. */
bool outgoing_never(const char *name);

/*
 * Appends the payload's header with CRLF line ends and its closing blank line: every field,
 * Content-Type marked, then HP-Outer for each outer one where text is hidden; with HP_NONE, MIME's
 * fields only. new_type: Content-Type's value, NULL to leave it; type: for a message that has none.
 * cte: NULL to leave Content-Transfer-Encoding as it is. ERR_DATA when Content-Type cannot be read;
 * ERR_OS.
 */
int outgoing_inside(const struct outgoing *h, const char *new_type, const char *type,
	const char *cte, struct buf *out, struct err *err);

/*
 * The same for a message whose body is signed already, as a whole: readers look for protected
 * fields in the outermost part only, and in a signed one for those of its signer. So the body
 * becomes the one part of a multipart/mixed that carries the fields; what is appended ends with
 * that part's header. The delimiter behind the body is the caller's.
 */
int outgoing_inside_wrapped(const struct outgoing *h, const char *boundary, const char *new_type,
	const char *cte, struct buf *out, struct err *err);

/* Appends the outer fields (not MIME's) with LF line ends. ERR_OS. */
int outgoing_outside(const struct outgoing *h, struct buf *out, struct err *err);

/* Octets that suffice for either header. */
#define OUTGOING_MAX (12 * MESSAGE_HEADER_MAX + 65536)

#endif
