/* SPDX-License-Identifier: ISC */
#include "base/zbase32.h"

void zbase32(const uint8_t *data, size_t bits, char *out)
{
	static const char alphabet[] = "ybndrfg8ejkmcpqxot1uwisza345h769";
	size_t i, at, shift;
	unsigned pair;

	for (i = 0; i < bits; i += 5) {
		at = i / 8;
		shift = i % 8;
		pair = (unsigned)data[at] << 8;
		/* The next octet counts only as far as its bits are among those asked for. */
		if (shift > 3 && (at + 1) * 8 < bits)
			pair |= data[at + 1];
		pair = pair >> (11 - shift) & 31;
		if (bits - i < 5)
			pair &= 31u << (5 - (bits - i));
		*out++ = alphabet[pair];
	}
	*out = '\0';
}
