/* SPDX-License-Identifier: ISC */
/*
 * Converts bytes to lines that are allowed in a signed message (RFC 3156 section 3): 7-bit, CRLF,
 * no trailing blanks, no "From " at the start of a line. Input is the pieces of lines from
 * lines_next; the encoding state carries over between them.
 */
#ifndef SEALPOST_SEVEN_BIT_H
#define SEALPOST_SEVEN_BIT_H

#include "base/buf.h"
#include "mime/source.h"

enum seven_bit_how {
	SEVEN_BIT_COPY,      /* unchanged, except that line ends become CRLF */
	SEVEN_BIT_TRIM,      /* the same, without trailing blanks */
	SEVEN_BIT_HEAD,      /* the same, without lines of blanks only */
	SEVEN_BIT_QP,        /* text to quoted-printable */
	SEVEN_BIT_QP_REPAIR, /* repairs invalid quoted-printable so that it decodes the same */
	SEVEN_BIT_BASE64,    /* any bytes, line ends unchanged */
	SEVEN_BIT_REWRAP,    /* repairs invalid base64 so that it decodes the same */
};

struct seven_bit {
	enum seven_bit_how how;
	unsigned column;   /* of the output line */
	unsigned since_eq; /* bytes since a raw '=', which must stay on its line */
	bool broken;       /* the output line began after a soft line break */
	unsigned n;        /* bytes in b, less than three */
	uint8_t b[3];
};

void seven_bit_begin(struct seven_bit *e, enum seven_bit_how how);
/* Both return 0, or -1 if out is full: a piece needs at most SEVEN_BIT_ROOM(its length) bytes.
 */
int seven_bit_add(struct seven_bit *e, const struct line *l, struct buf *out);
int seven_bit_end(struct seven_bit *e, struct buf *out);
#define SEVEN_BIT_ROOM(n) (4 * (n) + 64)

#endif
