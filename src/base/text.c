/* SPDX-License-Identifier: ISC */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Length of the valid UTF-8 sequence at s (RFC 3629), its code point in *cp; 0 if there is none. */
static size_t utf8_next(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n, i;

	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > len)
		return 0;
	*cp = s[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (*cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000))
		return 0;
	return n;
}

size_t text_utf8_length(const char *s, size_t len)
{
	uint32_t cp;

	return len > 0 ? utf8_next((const unsigned char *)s, len, &cp) : 0;
}

bool text_is_utf8(const char *s, size_t len)
{
	size_t n;

	for (; len > 0; s += n, len -= n) {
		n = text_utf8_length(s, len);
		if (n == 0)
			return false;
	}
	return true;
}

bool text_is_ascii(const char *s)
{
	while (*s != '\0' && (unsigned char)*s < 0x80)
		s++;
	return *s == '\0';
}

size_t text_bom(const void *p, size_t len)
{
	return len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

int text_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_unhex(const char *hex, uint8_t *out, size_t n)
{
	int high, low;

	for (; n > 0; n--, hex += 2) {
		high = text_hex_digit(hex[0]);
		low = high < 0 ? -1 : text_hex_digit(hex[1]);
		if (low < 0)
			return false;
		*out++ = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool text_is_fingerprint(const char *s)
{
	size_t len = strlen(s);

	return (len == 40 || len == 64) && strspn(s, "0123456789ABCDEF") == len;
}

/* What could move the cursor, hide text or turn its direction. */
static bool dangerous(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x61c ||
	       (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
	       (cp >= 0xe0000 && cp <= 0xe0fff) || (cp & 0xfffe) == 0xfffe;
}

const char *text_locale(const char *category)
{
	const char *const name[] = {"LC_ALL", category, "LANG"};
	const char *value;
	size_t i;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		value = getenv(name[i]);
		if (value && value[0] != '\0')
			return value;
	}
	return NULL;
}

/* Without a character set in its name nothing is known of the locale. */
static bool locale_is_utf8(void)
{
	const char *v = text_locale("LC_CTYPE"), *dot = v ? strchr(v, '.') : NULL;

	return !dot || strncasecmp(dot, ".utf-8", 6) == 0 || strncasecmp(dot, ".utf8", 5) == 0;
}

/* ascii: all else is not safe. */
static int add_safe(struct buf *out, const char *s, size_t len, bool ascii)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i, n;
	uint32_t cp;

	while (len > 0) {
		n = utf8_next(p, len, &cp);
		if (n > 0 && !dangerous(cp) && (cp < 0x80 || !ascii)) {
			if (buf_add(out, p, n) < 0)
				return -1;
		} else {
			n = n ? n : 1;
			for (i = 0; i < n; i++) {
				if (buf_addf(out, "\\x%02x", p[i]) < 0)
					return -1;
			}
		}
		p += n;
		len -= n;
	}
	return 0;
}

int text_safe(struct buf *out, const char *s, size_t len)
{
	return add_safe(out, s, len, false);
}

int text_shown(struct buf *out, const char *s, size_t len)
{
	return add_safe(out, s, len, !locale_is_utf8());
}

bool text_misleads(const char *s)
{
	static const struct {
		uint32_t first, last;
	} range[] = {{0xa0, 0xa0}, {0x34f, 0x34f}, {0x37e, 0x37e}, {0x115f, 0x1160},
		{0x1680, 0x1680}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x1fef, 0x1fef},
		{0x2000, 0x200a}, {0x2024, 0x2026}, {0x202f, 0x202f}, {0x205f, 0x205f},
		{0x2100, 0x214f}, {0x2460, 0x24ff}, {0x2800, 0x2800}, {0x3000, 0x3000},
		{0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfe50, 0xfe6f}, {0xff01, 0xff5e},
		{0xffa0, 0xffa0}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0x1d400, 0x1d7ff},
		{0x1f100, 0x1f1ff}};
	const unsigned char *p = (const unsigned char *)s;
	size_t n, i, len = strlen(s);
	uint32_t cp;

	for (; len > 0; p += n, len -= n) {
		n = utf8_next(p, len, &cp);
		if (n == 0 || dangerous(cp))
			return true;
		for (i = 0; i < sizeof(range) / sizeof(range[0]); i++) {
			if (cp >= range[i].first && cp <= range[i].last)
				return true;
		}
	}
	return false;
}

void text_time(char *out, int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;

	if (!gmtime_r(&when, &tm) || strftime(out, TEXT_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
}

/* n digits at s as a number; -1: there are not that many. */
static int read_digits(const char *s, int n)
{
	int v = 0;

	for (; n > 0; n--, s++) {
		if (*s < '0' || *s > '9')
			return -1;
		v = 10 * v + (*s - '0');
	}
	return v;
}

/* "YYYY-MM-DD" into the day's first second. */
static int read_day(const char *s, int64_t *t)
{
	struct tm tm = {.tm_year = read_digits(s, 4) - 1900}, same;
	time_t at;

	if (tm.tm_year < 70 || s[4] != '-' || s[7] != '-' || read_digits(s + 5, 2) < 1 ||
		read_digits(s + 8, 2) < 1)
		return -1;
	tm.tm_mon = read_digits(s + 5, 2) - 1;
	tm.tm_mday = read_digits(s + 8, 2);
	at = timegm(&tm);
	if (!gmtime_r(&at, &same) || same.tm_mday != read_digits(s + 8, 2) ||
		same.tm_mon != read_digits(s + 5, 2) - 1)
		return -1;
	*t = at;
	return 0;
}

/* "Z", "+HH:MM" or "-HH:MM" into seconds. */
static int read_offset(const char *s, int64_t *t)
{
	int h, m;

	*t = 0;
	if (*s == 'Z' || *s == 'z')
		return s[1] == '\0' ? 0 : -1;
	if ((*s != '+' && *s != '-') || strlen(s) != 6 || s[3] != ':')
		return -1;
	h = read_digits(s + 1, 2);
	m = read_digits(s + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return -1;
	*t = (*s == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return 0;
}

int text_time_read(const char *s, int64_t *t)
{
	int64_t day, offset;
	int h, m, sec;

	if (strlen(s) < 20 || !strchr("Tt ", s[10]) || s[13] != ':' || s[16] != ':' ||
		read_day(s, &day) < 0)
		return -1;
	h = read_digits(s + 11, 2);
	m = read_digits(s + 14, 2);
	sec = read_digits(s + 17, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60)
		return -1;
	s += 19;
	if (*s == '.') {
		s++;
		if (read_digits(s, 1) < 0)
			return -1;
		s += strspn(s, "0123456789");
	}
	if (read_offset(s, &offset) < 0)
		return -1;
	*t = day + h * 3600 + m * 60 + sec - offset;
	return 0;
}
