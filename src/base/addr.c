/* SPDX-License-Identifier: ISC */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"

#define LABEL_MAX 63

void ascii_lower(char *s)
{
	for (; *s; s++) {
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
	}
}

static bool ascii_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* atext of RFC 5322, with RFC 6532's non-ASCII. */
static bool is_atext(unsigned char c)
{
	return ascii_alnum(c) || c >= 0x80 || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* No control characters, C1 among them, and valid UTF-8 as far as framing goes. */
static bool text_ok(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n, i;

	while (*p) {
		if (*p < 0x20 || *p == 0x7f || (*p >= 0x80 && *p < 0xc2) || *p > 0xf4)
			return false;
		if (*p == 0xc2 && p[1] < 0xa0)
			return false;
		n = *p < 0x80 ? 1 : *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
		if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
			(*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
			return false;
		for (i = 1; i < n; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return false;
		}
		p += n;
	}
	return true;
}

/* Whether a local part can stand without quotes, and could not be taken for an option. */
static bool is_dot_atom(const char *s)
{
	const char *p;

	if (*s == '\0' || *s == '-' || *s == '.')
		return false;
	for (p = s; *p; p++) {
		if (*p == '.' ? (p[1] == '.' || p[1] == '\0') : !is_atext((unsigned char)*p))
			return false;
	}
	return true;
}

static int ldh_labels(const char *s)
{
	size_t label = 0;
	const char *p;

	for (p = s;; p++) {
		if (*p == '.' || *p == '\0') {
			if (label == 0 || label > LABEL_MAX || p[-1] == '-')
				return -1;
			label = 0;
			if (*p == '\0')
				return p - s <= ADDR_DOMAIN_MAX ? 0 : -1;
		} else if (ascii_alnum((unsigned char)*p) || (*p == '-' && label > 0)) {
			label++;
		} else {
			return -1;
		}
	}
}

int addr_domain(const char *s, char *out, struct err *err)
{
	char lower[ADDR_DOMAIN_MAX + 2];
	size_t len;
	int rc;

	if (text_is_ascii(s)) {
		if (strlen(s) >= sizeof(lower))
			return err_set(err, ERR_USAGE, "the domain is longer than %d bytes",
				ADDR_DOMAIN_MAX);
		snprintf(lower, sizeof(lower), "%s", s);
	} else if (!text_ok(s)) {
		return err_set(err, ERR_USAGE,
			"the domain is not a valid international name (it is not UTF-8)");
	} else {
		rc = unicode_domain(s, lower, sizeof(lower), err);
		if (rc < 0)
			return rc;
	}
	ascii_lower(lower);
	len = strlen(lower);
	if (len > 1 && lower[len - 1] == '.') /* the DNS's own way to write it */
		lower[--len] = '\0';
	if (ldh_labels(lower) < 0)
		return err_set(
			err, ERR_USAGE, "the domain is not made of letters, digits and hyphens");
	memcpy(out, lower, len + 1);
	return 0;
}

int addr_host(const char *s, char *out, struct err *err)
{
	char name[ADDR_DOMAIN_MAX + 1];
	const char *last;

	if (!text_is_ascii(s)) {
		err_set(err, ERR_USAGE, "the name is not in its ASCII form");
		if (addr_domain(s, name, NULL) == 0)
			err_hint(err, "write %s", name);
		return ERR_USAGE;
	}
	if (addr_domain(s, name, err) < 0)
		return ERR_USAGE;
	last = strrchr(name, '.');
	if (!last || last[1 + strspn(last + 1, "0123456789")] == '\0')
		return err_set(err, ERR_USAGE, "'%s' is not the name of a host or domain", name);
	memcpy(out, name, strlen(name) + 1);
	return 0;
}

static int parse_literal(const char *s, char *out, struct err *err)
{
	char inner[INET6_ADDRSTRLEN + 8];
	struct in6_addr a;
	size_t len = strlen(s);
	int ok;

	if (len < 3 || len - 2 >= sizeof(inner) || s[len - 1] != ']')
		return err_set(err, ERR_USAGE, "the address literal is not an IP address");
	memcpy(inner, s + 1, len - 2);
	inner[len - 2] = '\0';
	if (strncasecmp(inner, "IPv6:", 5) == 0)
		ok = inet_pton(AF_INET6, inner + 5, &a);
	else
		ok = inet_pton(AF_INET, inner, &a);
	if (ok != 1)
		return err_set(err, ERR_USAGE, "the address literal is not an IP address");
	memcpy(out, s, len + 1);
	return 0;
}

/* Whether all of it are dots. */
static bool only_dots(const char *s)
{
	return s[strspn(s, ".")] == '\0';
}

/*
 * What no local part may hold, in quotes or not: an encoded word is never an address (RFC 2047
 * section 5), and one that looks like another must not be taken for it.
 */
static int check_local(const char *local, struct err *err)
{
	if (strstr(local, "=?"))
		return err_set(err, ERR_USAGE,
			"the local part holds an encoded word, which is never an address");
	if (text_misleads(local))
		return err_set(err, ERR_USAGE,
			"the local part holds an invisible character, or one that looks like "
			"another");
	return 0;
}

/* Takes a quoted string at *p into local, without its quotes. */
static int parse_quoted(const char **p, char *local, struct err *err)
{
	const char *s = *p + 1;
	size_t n = 0;

	for (; *s && *s != '"'; s++) {
		if (*s == '\\' && *++s == '\0')
			break;
		if (n == ADDR_LOCAL_MAX)
			return err_set(err, ERR_USAGE, "the local part is longer than %d bytes",
				ADDR_LOCAL_MAX);
		local[n++] = *s;
	}
	if (*s != '"' || n == 0)
		return err_set(err, ERR_USAGE, "the quoted local part does not end, or is empty");
	local[n] = '\0';
	*p = s + 1;
	return 0;
}

static int parse_atom(const char **p, char *local, struct err *err)
{
	const char *s = *p;
	size_t n = 0;

	while (is_atext((unsigned char)*s) || *s == '.')
		s++;
	n = (size_t)(s - *p);
	if (n > ADDR_LOCAL_MAX)
		return err_set(
			err, ERR_USAGE, "the local part is longer than %d bytes", ADDR_LOCAL_MAX);
	memcpy(local, *p, n);
	local[n] = '\0';
	if (local[0] == '-')
		return err_set(err, ERR_USAGE, "the address begins like an option");
	/* Some providers give out names with dots out of place: they will be quoted. */
	if (only_dots(local) || (*s != '@' && !is_dot_atom(local)))
		return err_set(
			err, ERR_USAGE, "the local part is empty, or has a dot out of place");
	*p = s;
	return 0;
}

/* One mailbox may be spelt with composed characters and without: its name is the same. */
static int write_name(struct addr *a, struct err *err)
{
	int rc = 0;

	if (text_is_ascii(a->text))
		memcpy(a->name, a->text, sizeof(a->name));
	else
		rc = unicode_nfc(a->text, a->name, sizeof(a->name), err);
	ascii_lower(a->name);
	return rc <= 0 ? rc
		       : err_set(err, ERR_USAGE, "the address is longer than %d bytes",
				 ADDR_TEXT_MAX);
}

/* Writes a->text and a->name from local and domain (RFC 5321 4.1.2: minimum quoting). */
static int write_forms(struct addr *a, struct err *err)
{
	char quoted[2 * ADDR_LOCAL_MAX + 3];
	size_t n = 0;
	const char *p;

	if (is_dot_atom(a->local)) {
		snprintf(quoted, sizeof(quoted), "%s", a->local);
	} else {
		quoted[n++] = '"';
		for (p = a->local; *p; p++) {
			if (*p == '"' || *p == '\\')
				quoted[n++] = '\\';
			quoted[n++] = *p;
		}
		quoted[n++] = '"';
		quoted[n] = '\0';
	}
	snprintf(a->text, sizeof(a->text), "%s%s%s", quoted, a->domain[0] ? "@" : "", a->domain);
	return write_name(a, err);
}

static int parse_spec(const char *s, struct addr *a, struct err *err)
{
	int rc;

	if (!text_ok(s))
		return err_set(
			err, ERR_USAGE, "the address holds control characters or is not UTF-8");
	rc = *s == '"' ? parse_quoted(&s, a->local, err) : parse_atom(&s, a->local, err);
	if (rc == 0)
		rc = check_local(a->local, err);
	if (rc < 0 || *s == '\0')
		return rc;
	if (*s != '@')
		return err_set(err, ERR_USAGE, "the address holds a character that must be quoted");
	s++;
	if (*s == '\0')
		return err_set(err, ERR_USAGE, "the domain is empty");
	if (strchr(s, '@'))
		return err_set(err, ERR_USAGE, "the address has two @ signs");
	a->literal = *s == '[';
	return a->literal ? parse_literal(s, a->domain, err) : addr_domain(s, a->domain, err);
}

int addr_parse(const char *s, struct addr *out, struct err *err)
{
	char copy[2 * ADDR_TEXT_MAX + 3];
	struct addr a;
	size_t len = strlen(s);
	int rc;

	if (len >= sizeof(copy))
		return err_set(
			err, ERR_USAGE, "the address is longer than %d bytes", ADDR_TEXT_MAX);
	memcpy(copy, s, len + 1);
	if (copy[0] == '<' && copy[len - 1] == '>') {
		copy[len - 1] = '\0';
		memmove(copy, copy + 1, len - 1);
	}
	memset(&a, 0, sizeof(a));
	rc = parse_spec(copy, &a, err);
	if (rc == 0)
		rc = write_forms(&a, err);
	if (rc == 0)
		*out = a;
	return rc;
}

bool addr_discoverable(const struct addr *a)
{
	return !a->literal && strchr(a->domain, '.') != NULL;
}

bool addr_in_zone(const char *name, const char *zone)
{
	size_t n = strlen(name), z = strlen(zone);

	return n >= z && strcmp(name + n - z, zone) == 0 && (n == z || name[n - z - 1] == '.');
}

/* Whether this is white space, or a comment in parentheses with white space around it. */
static bool blank_or_comment(const char *p, size_t len)
{
	while (len > 0 && *p == ' ') {
		p++;
		len--;
	}
	while (len > 0 && p[len - 1] == ' ')
		len--;
	return len == 0 || (len >= 2 && p[0] == '(' && p[len - 1] == ')');
}

int addr_in_uid(const char *uid, size_t len, const char **spec, size_t *spec_len)
{
	const char *open = memchr(uid, '<', len), *close, *end = uid + len;

	if (!open) {
		*spec = uid;
		*spec_len = len;
		return 0;
	}
	close = memchr(open, '>', (size_t)(end - open));
	if (!close || memchr(open + 1, '<', (size_t)(end - open) - 1) ||
		memchr(close + 1, '>', (size_t)(end - close) - 1) ||
		!blank_or_comment(close + 1, (size_t)(end - close) - 1))
		return -1;
	*spec = open + 1;
	*spec_len = (size_t)(close - open) - 1;
	return 0;
}

bool addr_matches_uid(const struct addr *a, const char *uid, size_t len, bool wildcard)
{
	char copy[2 * ADDR_TEXT_MAX + 1];
	const char *spec;
	struct addr u;

	if (addr_in_uid(uid, len, &spec, &len) < 0 || len >= sizeof(copy) ||
		memchr(spec, '\0', len))
		return false;
	memcpy(copy, spec, len);
	copy[len] = '\0';
	if (addr_parse(copy, &u, NULL) < 0 || u.domain[0] == '\0')
		return false;
	if (wildcard && strcmp(u.local, "*") == 0)
		return strcmp(u.domain, a->domain) == 0;
	return strcmp(u.name, a->name) == 0;
}
