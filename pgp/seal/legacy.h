/* SPDX-License-Identifier: ISC */
/*
 * Legacy display (RFC 9788 section 5.2): the hidden fields as the first lines of the text, for
 * readers that do not know protected headers, marked so that others leave them out.
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
	struct buf text; /* UTF-8 lines "Name: value", LF; empty: nothing is to be shown */
};

struct legacy_edit {                /* of one main body part */
	struct buf type;            /* the new value of Content-Type */
	off_t type_start, type_end; /* its field's place; equal: it has none */
	struct buf text;            /* to stand in front of its body, encoded as that is */
};

/* h->legacy says when: LEGACY_AUTO where more is hidden than today's readers restore, which is
 * Subject. ERR_OS. */
int legacy_begin(struct legacy *l, const struct message *m, const struct structure *s,
	const struct outgoing *h, struct err *err);

/*
 * What is to be done with a leaf part; how and cte are as without it, and are changed where the
 * lines need that. 1: e is to be freed; 0: nothing (it is not text that a reader shows first, or
 * cannot be changed safely); ERR_IO, ERR_OS.
 */
int legacy_part(struct legacy *l, size_t part, enum seven_bit_how *how, const char **cte,
	struct legacy_edit *e, struct err *err);

void legacy_edit_free(struct legacy_edit *e);
void legacy_end(struct legacy *l);

#endif
