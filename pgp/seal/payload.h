/* SPDX-License-Identifier: ISC */
/*
 * The cryptographic payload: one MIME entity, canonical and 7-bit (RFC 3156 sections 3 and 5),
 * starting with the protected header (RFC 9788). Produced as a stream: only pieces of the message
 * are in memory.
 *
 * The output consists of the input's bytes with CRLF line ends. A leaf part whose body is not
 * allowed in a signed message is re-encoded: text as quoted-printable; binary parts and those with
 * a NUL as base64, byte by byte. multipart/signed and message/rfc822 (any message/...) are never
 * changed, even if they contain 8-bit text or trailing blanks: their own signatures and bytes
 * matter more than the rule, which only protects against gateways that encryption excludes anyway.
 */
#ifndef SEALPOST_PAYLOAD_H
#define SEALPOST_PAYLOAD_H

#include "pgp/seal/legacy.h"
#include "mime/message.h"
#include "pgp/seal/outgoing.h"
#include "mime/seven_bit.h"
#include "mime/structure.h"

struct segment { /* a range of the input, and how it is encoded */
	off_t start, end;
	enum seven_bit_how how;
	const char *text; /* static, or one of own; instead of a range */
};

struct payload {
	const struct message *msg; /* borrowed */
	struct segment *seg;       /* owned */
	size_t n_seg, room;
	char **own; /* texts of segments; owned, each of them too */
	size_t n_own;
	size_t next; /* index of the next segment */
	bool in_segment;
	size_t rewritten;    /* bytes of rewritten fields of parts */
	off_t text;          /* bytes of text parts that are not base64 */
	bool seven_bit;      /* the whole body is 7-bit; else an opaque part is not */
	struct lines *lines; /* owned */
	struct seven_bit enc;
	struct buf out; /* secret; pending output */
	size_t given;   /* bytes of out already returned */
};

/*
 * Plans the payload. Sets changed values of structural fields in h. ERR_DATA: the message cannot be
 * made canonical; ERR_IO, ERR_OS. On failure there is nothing to free.
 */
int payload_open(
	struct payload *p, const struct message *m, const struct outgoing *h, struct err *err);
/* Returns up to n bytes; 0 at the end; ERR_IO, ERR_OS. */
ssize_t payload_read(struct payload *p, void *to, size_t n, struct err *err);
void payload_close(struct payload *p);

#endif
