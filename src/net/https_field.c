/* SPDX-License-Identifier: ISC */
#include "net/https_field.h"

#include <strings.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool https_field(
	const char *p, size_t len, const char *field, const char **value, size_t *value_len)
{
	size_t at = strlen(field);

	if (len < at || strncasecmp(p, field, at) != 0)
		return false;
	while (at < len && is_blank(p[at]))
		at++;
	while (len > at && is_blank(p[len - 1]))
		len--;
	*value = p + at;
	*value_len = len - at;
	return true;
}
