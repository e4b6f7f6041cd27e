/* SPDX-License-Identifier: ISC */
/* The field Content-Type (RFC 2045 section 5.1): the parameters that matter, and the hp marks of
 * RFC 9788. Pure. */
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
 * Parses a raw (folded) field value strictly. -1: malformed (no type/subtype, an open quotation or
 * comment, one of the parameters above twice or too long); ct is then empty.
 */
int ctype_parse(const char *value, struct ctype *ct);

/*
 * Parses a value leniently, as mail programs do. 0: all of them read it alike. 1: they may not, and
 * an equivalent value in the standard's form is appended to fixed: quoted where needed, important
 * RFC 2231 parameters joined, missing semicolons added, text/plain if unreadable (RFC 2045
 * section 5.2). -1: ambiguous (two boundaries), a boundary is too long, comments are nested too
 * deep, or fixed is full. ERR_OS: there is no memory to tell.
 */
int ctype_read(const char *value, struct ctype *ct, struct buf *fixed);

bool ctype_is(const struct ctype *ct, const char *type, const char *subtype); /* NULL: any */

/*
 * Appends the value without the named parameters (NULL-terminated, lower case), followed by add.
 * -1: as ctype_parse, or out is full.
 */
int ctype_change(const char *value, const char *const *without, const char *add, struct buf *out);

/* The value of the first parameter with that name (lower case). false: there is none, or it does
 * not fit. */
bool ctype_param(const char *value, const char *name, char *out, size_t cap);

enum hp_mark { /* the parameter hp, RFC 9788 section 2.1.1 */
	HP_CIPHER = 0,
	HP_CLEAR,
	HP_NONE,
};

/*
 * Appends the value with the given hp and protected-headers="v1", replacing such parameters;
 * everything else is unchanged. HP_NONE removes both. -1: as ctype_parse, or out is full.
 */
int ctype_protect(const char *value, enum hp_mark mark, struct buf *out);

#endif
