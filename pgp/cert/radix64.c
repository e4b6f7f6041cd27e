#include "pgp/cert/radix64.h"

#include <stdbool.h>
#include <string.h>

#define CRC24_POLY 0x864cfbu

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_quantum(char *out, const uint8_t *in, unsigned n)
{
	uint32_t v =
		(uint32_t)in[0] << 16 | (n > 1 ? (uint32_t)in[1] << 8 : 0) | (n > 2 ? in[2] : 0);

	out[0] = alphabet[v >> 18];
	out[1] = alphabet[v >> 12 & 63];
	out[2] = n > 1 ? alphabet[v >> 6 & 63] : '=';
	out[3] = n > 2 ? alphabet[v & 63] : '=';
}

/* Two letters for every twelve bits. */
static const char (*pairs(void))[2]
{
	static char table[4096][2];
	unsigned i;

	if (table[0][0] == '\0') {
		for (i = 0; i < 4096; i++) {
			table[i][0] = alphabet[i >> 6];
			table[i][1] = alphabet[i & 63];
		}
	}
	return table;
}

size_t base64_line(char *out, const uint8_t *in, size_t n)
{
	const char(*pair)[2] = pairs();
	const char *start = out;
	uint32_t v;

	for (; n >= 3; n -= 3, in += 3, out += 4) {
		v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
		memcpy(out, pair[v >> 12], 2);
		memcpy(out + 2, pair[v & 4095], 2);
	}
	if (n > 0) {
		base64_quantum(out, in, (unsigned)n);
		out += 4;
	}
	return (size_t)(out - start);
}

int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

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
