/* SPDX-License-Identifier: ISC */
#include "net/rdata.h"

#include <stdbool.h>

#define LABEL_MAX 63

int rdata_txt(const uint8_t *p, size_t len, struct buf *out)
{
	size_t n;

	if (len == 0)
		return -1;
	for (; len > 0; p += n + 1, len -= n + 1) {
		n = p[0];
		if (n >= len || buf_add(out, p + 1, n) < 0)
			return -1;
	}
	return 0;
}

static bool host_octet(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* A whole name, which must fill its place. */
static int whole_name(const uint8_t *p, size_t len, char *out)
{
	size_t at = 0, n, i;

	while (len > 0 && p[0] > 0) {
		n = p[0];
		if (n > LABEL_MAX || n >= len || at + n + 1 > DNS_NAME_MAX - 1)
			return -1;
		if (at > 0)
			out[at++] = '.';
		for (i = 1; i <= n; i++) {
			uint8_t c = p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i];

			if (!host_octet(c))
				return -1;
			out[at++] = (char)c;
		}
		p += n + 1;
		len -= n + 1;
	}
	out[at] = '\0';
	return len == 1 ? 0 : -1;
}

int rdata_mx(const uint8_t *p, size_t len, uint16_t *preference, char *host)
{
	if (len < 3)
		return -1;
	*preference = (uint16_t)(p[0] << 8 | p[1]);
	return whole_name(p + 2, len - 2, host);
}
