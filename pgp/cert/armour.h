/* ASCII armour of keys (RFC 9580 section 6): read with tolerance. Pure. */
#ifndef SEALPOST_ARMOUR_H
#define SEALPOST_ARMOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct armour {
	bool found;   /* the octets begin with armour */
	bool damaged; /* a block is cut short, or holds what is not base64 */
	bool secret;  /* a block says that it is a private key */
};

/*
 * Appends what the armour blocks at the front of the octets hold: one after another, with nothing
 * but white space between them. Only blocks of keys are read; anything else ends the reading. The
 * CRC is not looked at (RFC 9580 section 6.1). 0, or -1 when out is full.
 */
int armour_read(const uint8_t *p, size_t len, struct buf *out, struct armour *a);

#endif
