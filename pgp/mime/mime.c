#include "pgp/mime/mime.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

size_t mime_field_name(const uint8_t *p, size_t len, size_t *colon)
{
	size_t n = 0, at;

	while (n < len && p[n] > 32 && p[n] < 127 && p[n] != ':')
		n++;
	for (at = n; at < len && mime_blank(p[at]); at++)
		; /* RFC 5322 4.5.8: blanks before the colon */
	if (n == 0 || at == len || p[at] != ':')
		return 0;
	*colon = at;
	return n;
}

size_t mime_rtrim(const uint8_t *p, size_t len)
{
	while (len > 0 && mime_blank(p[len - 1]))
		len--;
	return len;
}

bool mime_in_list(const char *const *list, const char *name)
{
	for (; *list; list++) {
		if (strcasecmp(*list, name) == 0)
			return true;
	}
	return false;
}

int mime_random(char *out, struct err *err)
{
	uint8_t r[16];
	size_t i;

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return err_set(err, ERR_OS, "no random numbers: %s", strerror(errno));
	for (i = 0; i < sizeof(r); i++)
		snprintf(out + 2 * i, 3, "%02x", r[i]);
	return 0;
}
