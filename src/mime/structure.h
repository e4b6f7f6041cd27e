/* SPDX-License-Identifier: ISC */
/*
 * The parts of a message (RFC 2046 section 5.1), found in one pass over its lines: their positions,
 * and what in them is not allowed in a signed message. GMime's parser is not used because it does
 * not limit the number of parts (1 MB of empty ones takes 266 MB) and does not report the position
 * of a part's header.
 */
#ifndef SEALPOST_STRUCTURE_H
#define SEALPOST_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mime/ctype.h"
#include "mime/message.h"

#define STRUCTURE_PARTS_MAX 10000
#define STRUCTURE_DEPTH_MAX 100
#define STRUCTURE_LINE_MAX 998          /* bytes without the line end, RFC 5322 section 2.1.1 */
#define STRUCTURE_TYPES_MAX (1u << 20)  /* bytes of rewritten types */
#define STRUCTURE_PART_HEADER_MAX 65536 /* bytes of one part's header */

enum part_kind {
	PART_LEAF,
	PART_MULTIPART,
	PART_OPAQUE, /* multipart/signed, message/...: its content must not be changed */
	PART_JUNK,   /* preamble or epilogue of a multipart */
};

enum part_cte { CTE_NONE, CTE_7BIT, CTE_8BIT, CTE_BINARY, CTE_QP, CTE_BASE64, CTE_OTHER };

/* Properties of a body that RFC 3156 sections 3 and 5 rule out. */
enum part_flaw {
	FLAW_8BIT = 1,
	FLAW_NUL = 2,
	FLAW_CR = 4,        /* without LF */
	FLAW_LONG = 8,      /* a line over STRUCTURE_LINE_MAX */
	FLAW_FROM = 16,     /* a line that begins with "From " */
	FLAW_BLANK = 32,    /* a line that ends with a blank */
	FLAW_NOT_UTF8 = 64, /* set only for a message without Content-Type, no_parts and guess */
};

struct part {
	off_t head;               /* start of its header; for the root part: same as body */
	off_t body, end;          /* without the line end before the boundary */
	off_t cte_start, cte_end; /* its Content-Transfer-Encoding field; equal if there is none */
	off_t type_start, type_end; /* its Content-Type field, likewise */
	size_t parent;              /* index; of the root its own */
	enum part_kind kind;
	enum part_cte cte;
	bool cte_odd;   /* non-standard name: 7-bit, 8bits, utf-8 */
	char *type;     /* owned; corrected Content-Type; NULL: correct as it is */
	bool guess;     /* type is text/plain without a known character set */
	unsigned flaws; /* enum part_flaw; not for multiparts */
	bool head_anew; /* its header must be rewritten: not ASCII, or repeated fields */
	bool text;
	bool typed; /* Content-Type is there */
	/*
	 * A multipart of any subtype without parts: no boundary is given, or it never occurs.
	 * Treated as a leaf with text in this character set.
	 */
	bool no_parts;
	const char *charset; /* static; for no_parts and guess the one to declare, else the declared
				one */
	bool holds_8bit;     /* a multipart that contains opaque content or delimiters that are not
				7-bit */
	bool blank;          /* there is a blank line between header and body */
	bool digest;         /* multipart/digest */
	bool pgp_version;    /* application/pgp-encrypted */
};

struct structure {
	struct part *part; /* owned; in message order; the first is the root */
	size_t n;
	size_t room;
};

/* ERR_DATA: too many parts, nested too deep, a part's header that is malformed or has two different
 * values of an important field; ERR_IO, ERR_OS. */
int structure_scan(struct structure *s, const struct message *m, struct err *err);
void structure_free(struct structure *s);

/* Whether everything that is sent unchanged (opaque content and delimiters) is 7-bit with lines of
 * valid length. */
bool structure_is_7bit(const struct structure *s);

/* The type of a part without Content-Type (RFC 2045 section 5.2), judging by its bytes. */
const char *structure_implied_type(const struct part *part);

/* The encoding in a raw field value, by its standard name or an odd one; NULL: CTE_NONE.
 */
enum part_cte structure_cte(const char *value, bool *odd);

#endif
