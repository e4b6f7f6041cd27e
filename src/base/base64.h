/* SPDX-License-Identifier: ISC */
/* Streaming Base64 (RFC 4648 section 4). Pure. */
#ifndef SEALPOST_BASE64_H
#define SEALPOST_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Four characters for the n (1 to 3) bytes of in. */
void base64_quantum(char *out, const uint8_t *in, unsigned n);
/* The same for any number of bytes, without line breaks. Returns the number of characters written:
 * four for each three bytes. */
size_t base64_line(char *out, const uint8_t *in, size_t n);
/* 0 to 63, -1 for any other character. */
int base64_value(uint8_t c);

/* A strict streaming decoder. Initialise it to zero. */
struct base64_reader {
	uint32_t bits;
	unsigned left;  /* bits read that do not make a byte yet */
	unsigned pads;  /* number of '=' still expected, after the first one */
	bool ended;     /* padding was seen: nothing may follow */
	bool malformed; /* sticky; later input is ignored */
};

/*
 * Decodes n characters into out, which has room for n bytes, and returns how many it wrote. White
 * space is skipped anywhere. Any other character, anything after the padding, and non-zero leftover
 * bits make the input malformed.
 */
size_t base64_read(struct base64_reader *r, const uint8_t *in, size_t n, uint8_t *out);

/* Whether the input so far is complete: correctly padded and not malformed. */
bool base64_whole(const struct base64_reader *r);

#endif
