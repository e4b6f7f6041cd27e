/* SPDX-License-Identifier: ISC */
#include "base/base64.h"

#include <string.h>

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
static const char (*letter_pairs(void))[2]
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
	const char(*pair)[2] = letter_pairs();
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

/* The padding: of a quantum that lacks one byte or two. */
static void read_pad(struct base64_reader *r)
{
	if (!r->ended) {
		r->pads = r->left / 2; /* 2 bits are left: one; 4: two */
		r->malformed |= r->left == 0 || r->left == 6 || (r->bits & ((1u << r->left) - 1));
		r->ended = true;
	}
	if (r->pads == 0)
		r->malformed = true;
	else
		r->pads--;
}

size_t base64_read(struct base64_reader *r, const uint8_t *in, size_t n, uint8_t *out)
{
	size_t made = 0;
	int v;

	for (; n > 0 && !r->malformed; in++, n--) {
		if (*in == ' ' || *in == '\t' || *in == '\r' || *in == '\n')
			continue;
		v = base64_value(*in);
		if (*in == '=') {
			read_pad(r);
		} else if (v < 0 || r->ended) {
			r->malformed = true;
		} else {
			r->bits = r->bits << 6 | (uint32_t)v;
			r->left += 6;
			if (r->left >= 8) {
				r->left -= 8;
				out[made++] = (uint8_t)(r->bits >> r->left);
			}
		}
	}
	return made;
}

bool base64_whole(const struct base64_reader *r)
{
	return !r->malformed && (r->ended ? r->pads == 0 : r->left == 0);
}
