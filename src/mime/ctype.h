/* SPDX-License-Identifier: ISC */
/* The field Content-Type (RFC 2045 section 5.1): what of it decides, and RFC 9788's marks. Pure. */
#ifndef SEALPOST_CTYPE_H
#define SEALPOST_CTYPE_H

#include <stdbool.h>

#include "base/buf.h"

#define CTYPE_BOUNDARY_MAX 256
#define CTYPE_NAME_MAX 127 /* RFC 6838 section 4.2 */

struct ctype {
	char type[CTYPE_NAME_MAX + 1];    /* lower case */
	char subtype[CTYPE_NAME_MAX + 1]; /* lower case */
	char boundary[CTYPE_BOUNDARY_MAX + 1];
	char protocol[64];   /* lower case */
	char smime_type[64]; /* lower case */
};

/*
 * Reads a raw (folded) field value. -1: it is none: no type/subtype, an open quotation or comment,
 * one of the parameters above twice or too long; ct is then empty.
 */
int ctype_parse(const char *value, struct ctype *ct);

/*
 * Reads a value as mail programs do. 0: it is one of those that all of them read alike. 1: it is
 * not, and a value that says the same in the standard's form is appended to fixed: quoted where
 * there is need, parameters of RFC 2231 that decide in one piece, semicolons where they are
 * missing, text/plain where nothing can be read (RFC 2045 section 5.2). -1: it could be read in two
 * ways (two boundaries), a boundary is too long, comments are too deep, or fixed is full.
 */
int ctype_read(const char *value, struct ctype *ct, struct buf *fixed);

bool ctype_is(const struct ctype *ct, const char *type, const char *subtype); /* NULL: any */

/*
 * Appends the value without the parameters named (NULL-ended, lower case), and add behind it. -1:
 * as ctype_parse, or out is full.
 */
int ctype_change(const char *value, const char *const *without, const char *add, struct buf *out);

/* A parameter's value, the first one of that name (lower case). false: there is none, or it is
 * longer than fits. */
bool ctype_param(const char *value, const char *name, char *out, size_t cap);

enum hp_mark { /* the parameter hp, RFC 9788 section 2.1.1 */
	HP_CIPHER = 0,
	HP_CLEAR,
	HP_NONE,
};

/*
 * Appends the value with hp as given and protected-headers="v1", in place of such parameters that
 * it had; all else stays as it is. HP_NONE: without either. -1: as ctype_parse, or out is full.
 */
int ctype_protect(const char *value, enum hp_mark mark, struct buf *out);

#endif
