/* SPDX-License-Identifier: ISC */
/* The fields Autocrypt and Autocrypt-Gossip of received mail (Autocrypt Level 1 sections 2.1 and
 * 5.1), read. Pure. */
#ifndef SEALPOST_AUTOCRYPT_FIELD_H
#define SEALPOST_AUTOCRYPT_FIELD_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"

#define AUTOCRYPT_HEADER_MAX 10240 /* bytes of a field, its name and folding included */

struct autocrypt_field {
	struct addr addr;
	bool mutual;    /* prefer-encrypt=mutual */
	struct buf key; /* of keydata: bytes that claim to be a certificate; owned */
};

/*
 * Reads the raw value of such a field. 1: it is one, and *out is to be freed. 0: it is not, *why is
 * a static sentence part, and *out is empty: it is too long, lacks addr or keydata, has an
 * attribute twice, something behind keydata, or an unknown attribute whose name does not begin with
 * '_', or keydata is not base64. ERR_OS.
 */
int autocrypt_read(const char *name, const char *value, struct autocrypt_field *out,
	const char **why, struct err *err);
void autocrypt_field_free(struct autocrypt_field *f);

#endif
