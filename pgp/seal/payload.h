/* SPDX-License-Identifier: ISC */
/*
 * The cryptographic payload: one MIME entity, canonical and 7-bit (RFC 3156 sections 3 and 5), with
 * the protected header (RFC 9788) first. Given out as a stream: only pieces of the message are ever
 * in memory.
 *
 * What goes out is the input's own octets, line ends CRLF. A leaf part whose body may not stand in
 * a signed message is encoded anew: text as quoted-printable; binary parts and those with a NUL as
 * base64, octet by octet. multipart/signed and message/rfc822 (any message/...) are never touched,
 * even where they hold 8-bit text or blanks at a line's end: their own signatures and octets matter
 * more than the rule, which only guards against gateways that the encryption keeps out anyway.
 */
#ifndef SEALPOST_PAYLOAD_H
#define SEALPOST_PAYLOAD_H

#include "pgp/seal/legacy.h"
#include "mime/message.h"
#include "pgp/seal/outgoing.h"
#include "mime/seven_bit.h"
#include "mime/structure.h"

struct segment { /* a stretch of the input, and what becomes of it */
	off_t start, end;
	enum seven_bit_how how;
	const char *text; /* static, or one of the payload's own; instead of a stretch */
};

struct payload {
	const struct message *msg; /* borrowed */
	struct segment *seg;       /* owned */
	size_t n_seg, room;
	char **own; /* texts of segments; owned, each of them too */
	size_t n_own;
	size_t next; /* the segment after the present one */
	bool in_segment;
	size_t rewritten;    /* octets of the parts' fields that are written anew */
	off_t text;          /* octets of text parts that are not base64 */
	bool seven_bit;      /* all of the body; else something that nobody may touch is not */
	struct lines *lines; /* owned */
	struct seven_bit enc;
	struct buf out; /* secret; what is ready */
	size_t given;   /* octets of out that are gone */
};

/*
 * Plans it. h gets the structural fields' new values where they change. ERR_DATA: the message
 * cannot be made canonical; ERR_IO, ERR_OS. On failure nothing is left to
 * free.
 */
int payload_open(
	struct payload *p, const struct message *m, const struct outgoing *h, struct err *err);
/* Up to n octets; 0 at the end; ERR_IO, ERR_OS. */
ssize_t payload_read(struct payload *p, void *to, size_t n, struct err *err);
void payload_close(struct payload *p);

#endif
