/* SPDX-License-Identifier: ISC */
#include "pgp/cert/crc24.h"

#include <stdbool.h>

#include "base/base64.h"

#define CRC24_POLY 0x864cfbu

#define SLICES 16

/*
 * RFC 9580 section 6.1.1, kept in the upper 24 bits of a word. Of table[k]: what an octet does that
 * k more octets follow, so that SLICES are taken in one step.
 */
static const uint32_t (*crc_table(void))[256]
{
	static uint32_t table[SLICES][256];
	static bool made;
	uint32_t c;
	int i, k;

	if (made)
		return table;
	for (i = 0; i < 256; i++) {
		c = (uint32_t)i << 24;
		for (k = 0; k < 8; k++)
			c = c & 0x80000000u ? c << 1 ^ CRC24_POLY << 8 : c << 1;
		table[0][i] = c;
	}
	for (k = 1; k < SLICES; k++) {
		for (i = 0; i < 256; i++)
			table[k][i] = table[k - 1][i] << 8 ^ table[0][table[k - 1][i] >> 24];
	}
	made = true;
	return table;
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint32_t crc24(uint32_t crc, const uint8_t *p, size_t n)
{
	const uint32_t(*t)[256] = crc_table();
	uint32_t w, next;
	int k;

	crc <<= 8;
	for (; n >= SLICES; n -= SLICES) {
		for (next = 0, k = SLICES; k > 0; k -= 4, p += 4, crc = 0) {
			w = crc ^ be32(p);
			next ^= t[k - 1][w >> 24] ^ t[k - 2][w >> 16 & 255] ^
				t[k - 3][w >> 8 & 255] ^ t[k - 4][w & 255];
		}
		crc = next;
	}
	for (; n > 0; n--)
		crc = crc << 8 ^ t[0][crc >> 24 ^ *p++];
	return crc >> 8;
}

size_t crc24_footer(char *out, uint32_t crc, size_t total)
{
	const uint8_t octets[3] = {(uint8_t)(crc >> 16), (uint8_t)(crc >> 8), (uint8_t)crc};

	if (total % 3 != 0)
		return 0;
	out[0] = '=';
	base64_quantum(out + 1, octets, 3);
	out[5] = '\n';
	return CRC24_FOOTER_LEN;
}
