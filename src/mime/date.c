/* SPDX-License-Identifier: ISC */
#include "mime/date.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "mime/mime.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A number of min to max digits at *p. -1: there is none, or it has more. */
static int take_digits(const char **p, size_t min, size_t max)
{
	const char *s = *p;
	int v = 0;

	while (is_digit(*s)) {
		if ((size_t)(s - *p) == max)
			return -1;
		v = 10 * v + (*s++ - '0');
	}
	if ((size_t)(s - *p) < min)
		return -1;
	*p = s;
	return v;
}

/* Which word of the list stands at *p, as a whole and in any case; -1: none. */
static int take_name(const char **p, const char *const *list, size_t n)
{
	size_t len = 0, i;

	while (is_letter((*p)[len]))
		len++;
	for (i = 0; i < n; i++) {
		if (strlen(list[i]) == len && strncasecmp(*p, list[i], len) == 0) {
			*p += len;
			return (int)i;
		}
	}
	return -1;
}

/* The year: of two and three digits by RFC 5322 section 4.3. */
static int take_year(const char **p)
{
	const char *start = *p;
	int v = take_digits(p, 2, 4);

	if (v < 0 || *p - start == 4)
		return v;
	return *p - start == 2 && v < 50 ? v + 2000 : v + 1900;
}

static bool take_date(const char **p, struct tm *t)
{
	static const char *const day[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const month[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	if (is_letter(**p)) {
		if (take_name(p, day, N_OF(day)) < 0 || mime_skip_cfws(p) < 0)
			return false;
		*p += **p == ',';
	}
	if (mime_skip_cfws(p) < 0 || (t->tm_mday = take_digits(p, 1, 2)) < 1 ||
		mime_skip_cfws(p) < 0 || (t->tm_mon = take_name(p, month, N_OF(month))) < 0 ||
		mime_skip_cfws(p) < 0 || (t->tm_year = take_year(p)) < 0)
		return false;
	t->tm_year -= 1900;
	return true;
}

/* hour ":" minute [":" second] */
static bool take_time(const char **p, struct tm *t)
{
	if (mime_skip_cfws(p) < 0 || (t->tm_hour = take_digits(p, 1, 2)) < 0 ||
		mime_skip_cfws(p) < 0 || *(*p)++ != ':' || mime_skip_cfws(p) < 0 ||
		(t->tm_min = take_digits(p, 2, 2)) < 0 || mime_skip_cfws(p) < 0)
		return false;
	if (**p == ':') {
		++*p;
		if (mime_skip_cfws(p) < 0 || (t->tm_sec = take_digits(p, 2, 2)) < 0)
			return false;
	}
	return t->tm_hour < 24 && t->tm_min < 60 && t->tm_sec <= 60;
}

/* The offset from UTC in seconds. */
static bool take_zone(const char **p, long *offset)
{
	static const char *const name[] = {
		"Z", "UT", "GMT", "UTC", "EDT", "EST", "CDT", "CST", "MDT", "MST", "PDT", "PST"};
	static const int hours[] = {0, 0, 0, 0, -4, -5, -5, -6, -6, -7, -7, -8};
	const char sign = **p;
	int v;

	if (sign != '+' && sign != '-') {
		v = take_name(p, name, N_OF(name));
		*offset = v < 0 ? 0 : 3600L * hours[v];
		return v >= 0;
	}
	++*p;
	v = take_digits(p, 4, 4);
	*offset = (sign == '-' ? -60L : 60L) * (v / 100 * 60 + v % 100);
	return v >= 0 && v % 100 < 60;
}

int date_read(const char *value, int64_t *at)
{
	struct tm t = {.tm_isdst = 0}, day;
	long offset;

	if (mime_skip_cfws(&value) < 0 || !take_date(&value, &t) || !take_time(&value, &t) ||
		mime_skip_cfws(&value) < 0 || !take_zone(&value, &offset) ||
		mime_skip_cfws(&value) < 0 || *value != '\0')
		return -1;
	day = (struct tm){.tm_mday = t.tm_mday, .tm_mon = t.tm_mon, .tm_year = t.tm_year};
	timegm(&day); /* takes 30 February for a day of March */
	if (day.tm_mday != t.tm_mday)
		return -1;
	*at = (int64_t)timegm(&t) - offset;
	return 0;
}
