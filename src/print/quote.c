/* SPDX-License-Identifier: ISC */
#include "print/quote.h"

#include <stdbool.h>
#include <string.h>

/* Adds n octets; false when there is no room for them and the NUL. */
static bool put_octets(char *out, size_t cap, size_t *len, const char *s, size_t n)
{
	if (cap - *len <= n)
		return false;
	memcpy(out + *len, s, n);
	*len += n;
	return true;
}

int quote_shell(char *out, size_t cap, const char *s)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._+-=/:,%";
	bool ok = cap > 0, bare = *s != '\0' && *s != '-' && strspn(s, plain) == strlen(s);
	size_t len = 0;

	if (!ok)
		return -1;
	if (!bare)
		ok = put_octets(out, cap, &len, "'", 1);
	for (; ok && *s; s++)
		ok = *s == '\'' ? put_octets(out, cap, &len, "'\\''", 4)
				: put_octets(out, cap, &len, s, 1);
	if (!bare)
		ok = ok && put_octets(out, cap, &len, "'", 1);
	out[ok ? len : 0] = '\0';
	return ok ? 0 : -1;
}
