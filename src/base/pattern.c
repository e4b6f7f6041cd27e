/* SPDX-License-Identifier: ISC */
#include "base/pattern.h"

#include <string.h>
#include <strings.h>

#include "base/addr.h"

bool pattern_match(const char *pattern, size_t pattern_len, const char *s, size_t len)
{
	/* Where the last * stands, and where the octets end that it stands for. */
	size_t p = 0, i = 0, star = pattern_len, back = 0;

	while (i < len) {
		if (p < pattern_len && pattern[p] == '*') {
			star = p++;
			back = i;
		} else if (p < pattern_len && pattern[p] == s[i]) {
			p++;
			i++;
		} else if (star < pattern_len) {
			/* Only the last * ever has to take more: what an earlier one took is as
			 * good as any. */
			p = star + 1;
			i = ++back;
		} else {
			return false;
		}
	}
	while (p < pattern_len && pattern[p] == '*')
		p++;
	return p == pattern_len;
}

bool pattern_match_mx(const char *pattern, const char *host)
{
	size_t len = strlen(host), want;

	if (len > 0 && host[len - 1] == '.')
		len--;
	if (pattern[0] == '*' && pattern[1] == '.') {
		const char *dot = memchr(host, '.', len);

		if (!dot || dot == host)
			return false;
		len -= (size_t)(dot - host);
		host = dot;
		pattern++;
	}
	want = strlen(pattern);
	return len == want && strncasecmp(host, pattern, len) == 0;
}

void pattern_normalise(char *s)
{
	size_t len = strlen(s);

	ascii_lower(s);
	if (len > 1 && s[len - 1] == '.')
		s[len - 1] = '\0';
}

bool pattern_of_domains(const char *s, bool literals)
{
	static const char letters[] = "[]:abcdefghijklmnopqrstuvwxyz0123456789-.*";

	return s[strspn(s, literals ? letters : letters + 3)] == '\0';
}
