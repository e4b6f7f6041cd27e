#include "mime/ctype.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PARAM_NAME_MAX 64
#define COMMENT_DEPTH_MAX 16

struct param {
	char name[PARAM_NAME_MAX]; /* lower case */
	char value[CTYPE_BOUNDARY_MAX + 1];
	bool cut; /* name or value is longer */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* RFC 2045: no controls, blanks, tspecials. */
static bool is_token(char c)
{
	return (unsigned char)c > 32 && c != 127 && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* Steps over blanks and comments. -1: a comment does not end. */
static int skip_cfws(const char **p)
{
	int depth = 0;

	for (; **p; ++*p) {
		if (**p == '(' && ++depth > COMMENT_DEPTH_MAX)
			return -1;
		else if (**p == ')' && depth > 0)
			depth--;
		else if (**p == '\\' && depth > 0 && (*p)[1])
			++*p;
		else if (depth == 0 && !is_space(**p) && **p != '(')
			return 0;
	}
	return depth ? -1 : 0;
}

/* A token, lower-cased if lower. Its length, which may be more than went into out. */
static size_t take_token(const char **p, char *out, size_t cap, bool lower)
{
	size_t n = 0;
	char c;

	for (; is_token(**p); ++*p, n++) {
		c = **p;
		if (lower && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (n + 1 < cap)
			out[n] = c;
	}
	out[n < cap ? n : cap - 1] = '\0';
	return n;
}

/* A quoted string at *p. Its length as above; -1: it does not end. */
static long take_quoted(const char **p, char *out, size_t cap)
{
	size_t n = 0;

	for (++*p; **p && **p != '"'; ++*p) {
		if (**p == '\\' && (*p)[1])
			++*p;
		if (**p == '\n' || **p == '\r')
			continue; /* folding */
		if (n + 1 < cap)
			out[n] = **p;
		n++;
	}
	out[n < cap ? n : cap - 1] = '\0';
	if (**p != '"')
		return -1;
	++*p;
	return (long)n;
}

/* type "/" subtype; -1: not there. */
static int take_type(const char **p, struct ctype *ct)
{
	size_t n;

	if (skip_cfws(p) < 0)
		return -1;
	n = take_token(p, ct->type, sizeof(ct->type), true);
	if (n == 0 || n >= sizeof(ct->type) || skip_cfws(p) < 0 || **p != '/')
		return -1;
	++*p;
	if (skip_cfws(p) < 0)
		return -1;
	n = take_token(p, ct->subtype, sizeof(ct->subtype), true);
	if (n == 0 || n >= sizeof(ct->subtype) || skip_cfws(p) < 0)
		return -1;
	return **p == '\0' || **p == ';' ? 0 : -1;
}

/* The parameter behind the ';' at *p. 1: got one; 0: nothing up to the next ';'; -1: neither. */
static int take_param(const char **p, struct param *pm)
{
	size_t n;
	long v;

	++*p;
	if (skip_cfws(p) < 0)
		return -1;
	if (**p == ';' || **p == '\0')
		return 0;
	n = take_token(p, pm->name, sizeof(pm->name), true);
	if (n == 0 || skip_cfws(p) < 0 || **p != '=')
		return -1;
	++*p;
	if (skip_cfws(p) < 0)
		return -1;
	v = **p == '"' ? take_quoted(p, pm->value, sizeof(pm->value))
		       : (long)take_token(p, pm->value, sizeof(pm->value), false);
	pm->cut = n >= sizeof(pm->name) || v >= (long)sizeof(pm->value);
	if (v < 0 || skip_cfws(p) < 0 || (**p != ';' && **p != '\0'))
		return -1;
	return 1;
}

/* Keeps a parameter that decides; each may stand once. */
static int keep(struct ctype *ct, const struct param *pm, unsigned *seen)
{
	const struct {
		const char *name;
		char *out;
		size_t cap;
		bool lower;
	} known[] = {
		{"boundary", ct->boundary, sizeof(ct->boundary), false},
		{"protocol", ct->protocol, sizeof(ct->protocol), true},
		{"smime-type", ct->smime_type, sizeof(ct->smime_type), true},
	};
	size_t i, n;
	char *c;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(pm->name, known[i].name) != 0)
			continue;
		n = strlen(pm->value);
		if (*seen & 1u << i || pm->cut || n >= known[i].cap)
			return -1;
		*seen |= 1u << i;
		memcpy(known[i].out, pm->value, n + 1);
		for (c = known[i].out; known[i].lower && *c; c++) {
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c - 'A' + 'a');
		}
	}
	return 0;
}

int ctype_parse(const char *value, struct ctype *ct)
{
	struct param pm;
	unsigned seen = 0;
	int rc;

	memset(ct, 0, sizeof(*ct));
	rc = take_type(&value, ct);
	while (rc >= 0 && *value == ';') {
		rc = take_param(&value, &pm);
		if (rc == 1 && keep(ct, &pm, &seen) < 0)
			rc = -1;
	}
	if (rc < 0)
		memset(ct, 0, sizeof(*ct));
	return rc < 0 ? -1 : 0;
}

bool ctype_is(const struct ctype *ct, const char *type, const char *subtype)
{
	return strcmp(ct->type, type) == 0 && (!subtype || strcmp(ct->subtype, subtype) == 0);
}

/* The name itself, or as RFC 2231 extends it. */
static bool in_names(const char *const *names, const char *name)
{
	size_t n;

	for (; *names; names++) {
		n = strlen(*names);
		if (strncmp(name, *names, n) == 0 && (name[n] == '\0' || name[n] == '*'))
			return true;
	}
	return false;
}

int ctype_change(const char *value, const char *const *without, const char *add, struct buf *out)
{
	const char *p = value, *from = value;
	struct ctype ct;
	struct param pm;
	size_t n;
	int rc;

	if (ctype_parse(value, &ct) < 0 || take_type(&p, &ct) < 0)
		return -1;
	for (;;) {
		/* [from, p) is the type, or one parameter with its ';'. */
		for (n = (size_t)(p - from); n > 0 && is_space(from[n - 1]); n--)
			;
		if (buf_add(out, from, n) < 0)
			return -1;
		do {
			from = p;
			if (*p == '\0')
				return buf_adds(out, add);
			rc = take_param(&p, &pm);
		} while (rc == 0 || (rc == 1 && in_names(without, pm.name)));
		if (rc < 0)
			return -1;
	}
}

int ctype_protect(const char *value, enum hp_mark mark, struct buf *out)
{
	static const char *const ours[] = {"hp", "protected-headers", NULL};
	static const char *const marks[] = {
		[HP_CIPHER] = ";\n hp=\"cipher\"; protected-headers=\"v1\"",
		[HP_CLEAR] = ";\n hp=\"clear\"; protected-headers=\"v1\"",
		[HP_NONE] = ""};

	return ctype_change(value, ours, marks[mark], out);
}

bool ctype_param(const char *value, const char *name, char *out, size_t cap)
{
	struct ctype ct;
	struct param pm;
	int rc = take_type(&value, &ct);

	while (rc >= 0 && *value == ';') {
		rc = take_param(&value, &pm);
		if (rc == 1 && strcmp(pm.name, name) == 0 && !pm.cut && strlen(pm.value) < cap) {
			memcpy(out, pm.value, strlen(pm.value) + 1);
			return true;
		}
	}
	return false;
}
