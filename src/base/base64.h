/* SPDX-License-Identifier: ISC */
/* Base64 (RFC 4648 section 4), piece by piece. Pure. */
#ifndef SEALPOST_BASE64_H
#define SEALPOST_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Four characters for the n (1 to 3) bytes of in. */
void base64_quantum(char *out, const uint8_t *in, unsigned n);
/* The same for any number of bytes, without line ends. How many characters it wrote: four for each
 * three bytes. */
size_t base64_line(char *out, const uint8_t *in, size_t n);
/* 0 to 63, -1 for any other character. */
int base64_value(uint8_t c);

/* Reads base64 strictly, as a stream. Begins zeroed. */
struct base64_reader {
	uint32_t bits;
	unsigned left;  /* bits read that do not make a byte yet */
	unsigned pads;  /* '=' to come, once there was one */
	bool ended;     /* there was padding: nothing may follow */
	bool malformed; /* sticky; what comes after it is not read */
};

/*
 * Decodes n characters into out, which has room for n bytes, and returns how many it wrote. White
 * space is passed over, wherever it stands; any other character, anything behind the padding, and
 * bits in a cut byte that are not 0 make it malformed.
 */
size_t base64_read(struct base64_reader *r, const uint8_t *in, size_t n, uint8_t *out);

/* Whether what was read so far ends where a quantum ends: padded where it has to be, and not
 * malformed. */
bool base64_whole(const struct base64_reader *r);

#endif
