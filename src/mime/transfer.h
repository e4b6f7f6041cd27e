/* SPDX-License-Identifier: ISC */
/* A strict streaming decoder for a part's transfer encoding (RFC 2045 section 6). Pure. */
#ifndef SEALPOST_TRANSFER_H
#define SEALPOST_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base64.h"
#include "mime/structure.h"

struct transfer {
	enum part_cte cte;
	bool malformed; /* sticky */
	struct base64_reader base64;
	enum { QP_TEXT, QP_EQUALS, QP_HEX, QP_SOFT } qp;
	uint8_t high; /* of QP_HEX: the first digit */
};

void transfer_begin(struct transfer *t, enum part_cte cte);
/*
 * Decodes n bytes into out, which has room for as many, and returns the number written. Without an
 * encoding the bytes are copied. Invalid input sets malformed: in base64 anything but its alphabet,
 * white space and the right padding; in quoted-printable 8-bit characters, controls, and '=' before
 * anything but two hex digits or a line end. CTE_OTHER is always malformed.
 */
size_t transfer_add(struct transfer *t, const uint8_t *in, size_t n, uint8_t *out);
/* Whether all input was well-formed and complete. */
bool transfer_end(const struct transfer *t);

#endif
