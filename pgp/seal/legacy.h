/* SPDX-License-Identifier: ISC */
/*
 * Legacy display (RFC 9788 section 5.2): hidden fields repeated as the first lines of the text for
 * mail programs without support for protected headers, marked so that others hide them.
 */
#ifndef SEALPOST_LEGACY_H
#define SEALPOST_LEGACY_H

#include "pgp/seal/outgoing.h"
#include "mime/seven_bit.h"
#include "mime/structure.h"

struct legacy {
	const struct message *m;   /* borrowed */
	const struct structure *s; /* borrowed */
	const struct outgoing *h;  /* borrowed */
	struct buf text;           /* UTF-8 lines "Name: value", LF; empty: none */
};

struct legacy_edit {                /* of one main body part */
	struct buf type;            /* the new value of Content-Type */
	off_t type_start, type_end; /* position of its field; equal if there is none */
	struct buf text;            /* inserted before its body, in the same encoding */
};

/* Depends on h->legacy; LEGACY_AUTO: only if more than Subject is hidden, which current mail
 * programs restore. ERR_OS. */
int legacy_begin(struct legacy *l, const struct message *m, const struct structure *s,
	const struct outgoing *h, struct err *err);

/*
 * Plans the change to a leaf part; how and cte are its encoding, changed if the lines require it.
 * 1: the caller frees e; 0: no change (it is not text shown first, or cannot be changed safely);
 * ERR_IO, ERR_OS.
 */
int legacy_part(struct legacy *l, size_t part, enum seven_bit_how *how, const char **cte,
	struct legacy_edit *e, struct err *err);

void legacy_edit_free(struct legacy_edit *e);
void legacy_end(struct legacy *l);

#endif
