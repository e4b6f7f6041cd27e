/* SPDX-License-Identifier: ISC */
/* The checksum of ASCII armour (RFC 9580 section 6). Pure. */
#ifndef SEALPOST_CRC24_H
#define SEALPOST_CRC24_H

#include <stddef.h>
#include <stdint.h>

#define CRC24_INIT 0xb704ceu
#define CRC24_FOOTER_LEN 6 /* "=....\n" */

uint32_t crc24(uint32_t crc, const uint8_t *p, size_t n);

/*
 * The footer line, where it is needed: its length, or 0. RFC 9580 section 6.1 advises against it,
 * but GnuPG 2.2 takes the END line for data, and the message for manipulated, where base64 ends
 * without padding and no checksum follows. total: octets that were armoured.
 */
size_t crc24_footer(char *out, uint32_t crc, size_t total);

#endif
