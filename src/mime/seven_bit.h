/* SPDX-License-Identifier: ISC */
/*
 * Octets -> lines that may stand in a signed message (RFC 3156 section 3): 7-bit, CRLF, no blank at
 * a line's end, no "From " at its beginning. Fed with the pieces of lines that lines_next gives;
 * each encoding goes on across them.
 */
#ifndef SEALPOST_SEVEN_BIT_H
#define SEALPOST_SEVEN_BIT_H

#include "base/buf.h"
#include "mime/source.h"

enum seven_bit_how {
	SEVEN_BIT_COPY,      /* as it is, line ends become CRLF */
	SEVEN_BIT_TRIM,      /* the same, without blanks at the end of a line */
	SEVEN_BIT_HEAD,      /* the same, without lines that hold blanks only */
	SEVEN_BIT_QP,        /* text to quoted-printable */
	SEVEN_BIT_QP_REPAIR, /* quoted-printable with something in it that may not be there: decodes
				the same */
	SEVEN_BIT_BASE64,    /* any octets, line ends as they are */
	SEVEN_BIT_REWRAP, /* base64 with something in it that may not be there: decodes the same */
};

struct seven_bit {
	enum seven_bit_how how;
	unsigned column;   /* of the output line */
	unsigned since_eq; /* octets since a raw '=', that no line end may part from it */
	bool broken;       /* the output line began after a soft line break */
	unsigned n;        /* octets in b: what does not yet make three */
	uint8_t b[3];
};

void seven_bit_begin(struct seven_bit *e, enum seven_bit_how how);
/* Both return 0, or -1 when out is full: a piece needs at most SEVEN_BIT_ROOM(its length) octets.
 */
int seven_bit_add(struct seven_bit *e, const struct line *l, struct buf *out);
int seven_bit_end(struct seven_bit *e, struct buf *out);
#define SEVEN_BIT_ROOM(n) (4 * (n) + 64)

#endif
