/* SPDX-License-Identifier: ISC */
/* One part of a received message: its type, and its body decoded. */
#ifndef SEALPOST_PART_H
#define SEALPOST_PART_H

#include "base/buf.h"
#include "base/err.h"
#include "mime/structure.h"

#define PART_TYPE_MAX 8192 /* bytes of a part's Content-Type field */

/*
 * The raw value of the Content-Type of part i, appended to out; nothing if there is none, or it is
 * longer than PART_TYPE_MAX. ERR_DATA: out is full; ERR_IO, ERR_OS.
 */
int part_type(const struct message *m, const struct structure *s, size_t i, struct buf *out,
	struct err *err);

/*
 * Undoes a part's transfer encoding. give receives the bytes piece by piece and ends it by
 * returning an error. ERR_DATA: the encoding is broken; ERR_IO.
 */
int part_decode(const struct source *src, const struct part *p,
	int (*give)(void *arg, const uint8_t *b, size_t n, struct err *err), void *arg,
	struct err *err);

#endif
