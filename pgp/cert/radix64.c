#include "pgp/cert/radix64.h"

#define CRC24_POLY 0x864cfbu

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_quantum(char *out, const uint8_t *in, unsigned n)
{
	uint32_t v = (uint32_t)in[0] << 16 | (n > 1 ? (uint32_t)in[1] << 8 : 0) | (n > 2 ? in[2] : 0);

	out[0] = alphabet[v >> 18];
	out[1] = alphabet[v >> 12 & 63];
	out[2] = n > 1 ? alphabet[v >> 6 & 63] : '=';
	out[3] = n > 2 ? alphabet[v & 63] : '=';
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

/* RFC 9580 section 6.1.1, eight bits a step. */
static const uint32_t *crc_table(void)
{
	static uint32_t table[256];
	uint32_t c;
	int i, bit;

	for (i = 0; i < 256 && table[255] == 0; i++) {
		c = (uint32_t)i << 16;
		for (bit = 0; bit < 8; bit++)
			c = c & 0x800000 ? c << 1 ^ CRC24_POLY : c << 1;
		table[i] = c & 0xffffff;
	}
	return table;
}

uint32_t crc24(uint32_t crc, const uint8_t *p, size_t n)
{
	const uint32_t *table = crc_table();

	for (; n > 0; n--)
		crc = (crc << 8 & 0xffffff) ^ table[(crc >> 16 ^ *p++) & 0xff];
	return crc;
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
