/* Base64 and the checksum of ASCII armour (RFC 9580 section 6). Pure. */
#ifndef SEALPOST_RADIX64_H
#define SEALPOST_RADIX64_H

#include <stddef.h>
#include <stdint.h>

#define CRC24_INIT 0xb704ceu
#define CRC24_FOOTER_LEN 6 /* "=....\n" */

/* Four characters for the n (1 to 3) octets of in. */
void base64_quantum(char *out, const uint8_t *in, unsigned n);
/* The same for any number of octets, without line ends. How many characters it wrote: four for each
 * three octets. */
size_t base64_line(char *out, const uint8_t *in, size_t n);
/* 0 to 63, -1 for any other character. */
int base64_value(uint8_t c);

uint32_t crc24(uint32_t crc, const uint8_t *p, size_t n);

/*
 * The footer line, where it is needed: its length, or 0. RFC 9580 section 6.1 advises against it,
 * but GnuPG 2.2 takes the END line for data, and the message for manipulated, where base64 ends
 * without padding and no checksum follows. total: octets that were armoured.
 */
size_t crc24_footer(char *out, uint32_t crc, size_t total);

#endif
