/* SPDX-License-Identifier: ISC */
#include "mx/mta_sts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mx/fields.h"

#define KEY_MAX 32
#define DIGITS_MAX 10

static bool is_id_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_policy_id(const struct field *f)
{
	size_t i;

	if (f->value_len == 0 || f->value_len > CHECK_STS_ID_MAX)
		return false;
	for (i = 0; i < f->value_len; i++) {
		if (!is_id_letter(f->value[i]))
			return false;
	}
	return true;
}

/* Of a field that is not known: no more than that it is printable. */
static bool extension_ok(const struct field *f)
{
	size_t i;

	for (i = 0; i < f->value_len; i++) {
		if (f->value[i] <= ' ' || f->value[i] > '~' || f->value[i] == '=')
			return false;
	}
	return true;
}

const char *sts_record(const char *record, size_t len, char *id)
{
	const char *at = record + sizeof(STS_VERSION) - 1, *end = record + len;
	struct field f;
	bool have = false;
	int rc;

	while ((rc = fields_next(&at, end, &f)) == 1) {
		if (!field_is(&f, "id")) {
			if (!extension_ok(&f))
				return "a field of it is malformed";
		} else if (!have) {
			if (!is_policy_id(&f))
				return "its id is not 1 to 32 letters and digits";
			memcpy(id, f.value, f.value_len);
			id[f.value_len] = '\0';
			have = true;
		}
	}
	if (rc < 0)
		return "it is malformed";
	return have ? NULL : "it has no id";
}

/* One line "key: value" of a policy; views into it. */
struct policy_line {
	const char *key, *value;
	size_t key_len, value_len;
};

/* 1, 0 at the end, -1 if it is none. */
static int next_line(const char **at, const char *end, struct policy_line *l)
{
	const char *p, *stop, *colon;

	do {
		p = *at;
		if (p == end)
			return 0;
		stop = memchr(p, '\n', (size_t)(end - p));
		*at = stop ? stop + 1 : end;
		stop = stop ? stop : end;
		if (stop > p && stop[-1] == '\r')
			stop--;
		while (stop > p && (stop[-1] == ' ' || stop[-1] == '\t'))
			stop--;
	} while (stop == p);
	colon = memchr(p, ':', (size_t)(stop - p));
	if (!colon || colon == p || colon - p > KEY_MAX || memchr(p, '\0', (size_t)(stop - p)) ||
		memchr(p, '\r', (size_t)(stop - p)))
		return -1;
	l->key = p;
	l->key_len = (size_t)(colon - p);
	for (p = colon + 1; p < stop && (*p == ' ' || *p == '\t'); p++)
		;
	l->value = p;
	l->value_len = (size_t)(stop - p);
	return 1;
}

static bool key_is(const struct policy_line *l, const char *key)
{
	return l->key_len == strlen(key) && memcmp(l->key, key, l->key_len) == 0;
}

static bool value_is(const struct policy_line *l, const char *value)
{
	return l->value_len == strlen(value) && memcmp(l->value, value, l->value_len) == 0;
}

static bool key_ok(const struct policy_line *l)
{
	size_t i;

	for (i = 0; i < l->key_len; i++) {
		char c = l->key[i];

		if (!is_id_letter(c) && (i == 0 || (c != '_' && c != '-' && c != '.')))
			return false;
	}
	return true;
}

static const char *take_mode(const struct policy_line *l, struct sts_parsed *p)
{
	if (value_is(l, "enforce"))
		p->mode = STS_MODE_ENFORCE;
	else if (value_is(l, "testing"))
		p->mode = STS_MODE_TESTING;
	else if (value_is(l, "none"))
		p->mode = STS_MODE_NONE;
	else
		return "its mode is none of enforce, testing, none";
	return NULL;
}

static const char *take_max_age(const struct policy_line *l, struct sts_parsed *p)
{
	uint64_t v = 0;
	size_t i;

	if (l->value_len == 0 || l->value_len > DIGITS_MAX)
		return "its max_age is not a number";
	for (i = 0; i < l->value_len; i++) {
		if (l->value[i] < '0' || l->value[i] > '9')
			return "its max_age is not a number";
		v = v * 10 + (uint64_t)(l->value[i] - '0');
	}
	p->max_age = v > STS_MAX_AGE ? STS_MAX_AGE : (uint32_t)v;
	return NULL;
}

/* ["*."] and a domain of A-labels, as it stands in s. */
static bool pattern_ok(const char *s)
{
	char domain[ADDR_DOMAIN_MAX + 1];

	if (s[0] == '*' && s[1] == '.')
		s += 2;
	return addr_domain(s, domain, NULL) == 0 && strcmp(domain, s) == 0;
}

static const char *take_mx(const struct policy_line *l, struct sts_parsed *p)
{
	char **grown, *s;

	if (p->n_mx == CHECK_PATTERNS_MAX)
		return "it has more mx lines than can be looked at";
	s = strndup(l->value, l->value_len);
	if (!s)
		return "out of memory";
	ascii_lower(s);
	grown = pattern_ok(s) ? reallocarray(p->mx, p->n_mx + 1, sizeof(*p->mx)) : NULL;
	if (!grown) {
		free(s);
		return "an mx line of it is no host name";
	}
	p->mx = grown;
	p->mx[p->n_mx++] = s;
	return NULL;
}

enum { SEEN_VERSION = 1, SEEN_MODE = 2, SEEN_MAX_AGE = 4, SEEN_ALL = 7 };

/* The first of several counts, but for mx. */
static const char *take_line(const struct policy_line *l, unsigned *seen, struct sts_parsed *p)
{
	if (!key_ok(l))
		return "a line of it has no proper key";
	if (key_is(l, "mx"))
		return take_mx(l, p);
	if (key_is(l, "version") && !(*seen & SEEN_VERSION)) {
		*seen |= SEEN_VERSION;
		return value_is(l, "STSv1") ? NULL : "its version is not STSv1";
	}
	if (key_is(l, "mode") && !(*seen & SEEN_MODE)) {
		*seen |= SEEN_MODE;
		return take_mode(l, p);
	}
	if (key_is(l, "max_age") && !(*seen & SEEN_MAX_AGE)) {
		*seen |= SEEN_MAX_AGE;
		return take_max_age(l, p);
	}
	return NULL;
}

const char *sts_policy_parse(const char *text, size_t len, struct sts_parsed *out)
{
	const char *at = text, *end = text + len, *why = NULL;
	struct sts_parsed p = {.mode = STS_MODE_NONE};
	struct policy_line l;
	unsigned seen = 0;
	int rc = 0;

	while (!why && (rc = next_line(&at, end, &l)) == 1)
		why = take_line(&l, &seen, &p);
	if (!why && rc < 0)
		why = "a line of it is not \"key: value\"";
	else if (!why && seen != SEEN_ALL)
		why = !(seen & SEEN_VERSION) ? "it has no version"
		      : !(seen & SEEN_MODE)  ? "it has no mode"
					     : "it has no max_age";
	else if (!why && p.mode != STS_MODE_NONE && p.n_mx == 0)
		why = "it names no mx";
	if (why)
		sts_parsed_free(&p);
	else
		*out = p;
	return why;
}

void sts_parsed_free(struct sts_parsed *p)
{
	while (p->n_mx > 0)
		free(p->mx[--p->n_mx]);
	free(p->mx);
	p->mx = NULL;
}

bool sts_media_type(const char *content_type)
{
	static const char plain[] = "text/plain";
	size_t n = sizeof(plain) - 1;

	if (strncasecmp(content_type, plain, n) != 0)
		return false;
	content_type += n;
	content_type += strspn(content_type, " \t");
	return *content_type == '\0' || *content_type == ';';
}
