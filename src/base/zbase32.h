/* SPDX-License-Identifier: ISC */
/* z-base-32, in which Web Key Directories and gpg's folders for sockets write a hash. Pure. */
#ifndef SEALPOST_ZBASE32_H
#define SEALPOST_ZBASE32_H

#include <stddef.h>
#include <stdint.h>

/*
 * Writes the first bits bits of data, which holds at least that many (RFC 6189 section 5.1.6). out
 * has room for (bits + 4) / 5 characters and a NUL.
 */
void zbase32(const uint8_t *data, size_t bits, char *out);

#endif
