/* SPDX-License-Identifier: ISC */
/*
 * The parts of a message (RFC 2046 section 5.1), found in one pass over its lines: where they lie,
 * and what in them cannot travel in a signed message. GMime's parser is not used for it: it has no
 * limit on parts (1 MB of empty ones takes it 266 MB), and it does not tell where a part's header
 * lies.
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
#define STRUCTURE_LINE_MAX 998          /* octets without the line end, RFC 5322 section 2.1.1 */
#define STRUCTURE_TYPES_MAX (1u << 20)  /* octets of types that are written anew */
#define STRUCTURE_PART_HEADER_MAX 65536 /* octets of one part's header */

enum part_kind {
	PART_LEAF,
	PART_MULTIPART,
	PART_OPAQUE, /* multipart/signed, message/...: nobody may touch what is in it */
	PART_JUNK,   /* preamble or epilogue of a multipart */
};

enum part_cte { CTE_NONE, CTE_7BIT, CTE_8BIT, CTE_BINARY, CTE_QP, CTE_BASE64, CTE_OTHER };

/* What of a body RFC 3156 sections 3 and 5 rule out. */
enum part_flaw {
	FLAW_8BIT = 1,
	FLAW_NUL = 2,
	FLAW_CR = 4,        /* without LF */
	FLAW_LONG = 8,      /* a line over STRUCTURE_LINE_MAX */
	FLAW_FROM = 16,     /* a line that begins with "From " */
	FLAW_BLANK = 32,    /* a line that ends with a blank */
	FLAW_NOT_UTF8 = 64, /* told only of a message without Content-Type, no_parts and guess */
};

struct part {
	off_t head;               /* its header; of the root part: as body */
	off_t body, end;          /* without the line end before the boundary */
	off_t cte_start, cte_end; /* its Content-Transfer-Encoding field; equal if there is none */
	off_t type_start, type_end; /* its Content-Type field, likewise */
	size_t parent;              /* index; of the root its own */
	enum part_kind kind;
	enum part_cte cte;
	bool cte_odd;   /* not by the standard's name: 7-bit, 8bits, utf-8 */
	char *type;     /* owned; what Content-Type should have been; NULL: what it is */
	bool guess;     /* type is text/plain, and names no character set that is known */
	unsigned flaws; /* enum part_flaw; not of multiparts */
	bool head_anew; /* its header is to be written anew: not ASCII, or the same twice */
	bool text;
	bool typed; /* Content-Type is there */
	/*
	 * A multipart, of whatever subtype, that has no part: no boundary is named, or it never
	 * occurs. A leaf: its body is text in this character set.
	 */
	bool no_parts;
	const char
		*charset; /* static; of no_parts and guess what to name, of others what is named */
	bool holds_8bit;  /* a multipart with something opaque in it that is not 7-bit, or around
			     whose parts such delimiters are */
	bool blank;       /* a blank line stands between header and body */
	bool digest;      /* multipart/digest */
	bool pgp_version; /* application/pgp-encrypted */
};

struct structure {
	struct part *part; /* owned; in the order of the message; the first is the root */
	size_t n;
	size_t room;
};

/* ERR_DATA: too many parts, too deep, a part's header that is none or has two decisive fields that
 * differ; ERR_IO, ERR_OS. */
int structure_scan(struct structure *s, const struct message *m, struct err *err);
void structure_free(struct structure *s);

/* Whether all that goes out as it came is 7-bit, in lines that can travel: with what is opaque, and
 * delimiters. */
bool structure_is_7bit(const struct structure *s);

/* What a part without Content-Type holds (RFC 2045 section 5.2), as far as its octets tell it. */
const char *structure_implied_type(const struct part *part);

/* The encoding that a raw field value names, by its own name or by one that is odd; NULL: CTE_NONE.
 */
enum part_cte structure_cte(const char *value, bool *odd);

#endif
