/* SPDX-License-Identifier: ISC */
#include "mime/ctype.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "mime/charset.h"
#include "mime/mime.h"

#define PARAM_NAME_MAX 64
#define FOLD_COLUMN 76
#define PIECES_MAX 64         /* of a value (RFC 2231 section 3) */
#define CTYPE_VALUE_MAX 65536 /* bytes of a parameter's value */
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

/* RFC 2045: ASCII, no controls, blanks, tspecials. */
static bool is_token(char c)
{
	return c > 32 && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c);
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
static int keep_param(struct ctype *ct, const struct param *pm, unsigned *seen)
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
		if (rc == 1 && keep_param(ct, &pm, &seen) < 0)
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

/* State of lenient parsing. */
struct loose {
	const char *p;
	struct ctype *ct;
	struct buf *out;           /* the corrected value */
	size_t column;             /* of out */
	bool charset;              /* given */
	const char *word;          /* a character set that stands there without its name; static */
	unsigned seen;             /* of the parameters that decide */
	unsigned split;            /* ... that come in pieces */
	struct buf text;           /* a parameter's value */
	char name[PARAM_NAME_MAX]; /* a parameter's name, as it is written */
};

/* The parameters that matter; each may be given once. */
static const char *const deciding[] = {"boundary", "protocol", "smime-type"};

#define N_DECIDING (sizeof(deciding) / sizeof(deciding[0]))

/* Blanks, and comments even without an end. -1: comments are too deep. */
static int skip_loose(const char **p)
{
	const char *from = *p;
	int depth = 0;

	if (skip_cfws(p) == 0)
		return 0;
	for (*p = from; **p; ++*p) {
		depth += (**p == '(') - (**p == ')' && depth > 0);
		if (depth > COMMENT_DEPTH_MAX)
			return -1;
	}
	return 0;
}

/* The default subtype of a type without one, as in mutt, for programs older than MIME. */
static const char *default_subtype(const char *type)
{
	static const char *const known[][2] = {{"text", "plain"}, {"multipart", "mixed"},
		{"message", "rfc822"}, {"application", "octet-stream"}};
	static const char *const media[] = {"image", "audio", "video", "font", "model"};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(type, known[i][0]) == 0)
			return known[i][1];
	}
	for (i = 0; i < sizeof(media) / sizeof(media[0]); i++) {
		if (strcmp(type, media[i]) == 0)
			return "";
	}
	return NULL;
}

/* Reads type "/" subtype, or a guess of what was meant. */
static int read_loose_type(struct loose *x)
{
	struct ctype *ct = x->ct;
	const char *subtype;
	size_t n, m = 0;

	if (skip_loose(&x->p) < 0)
		return -1;
	n = take_token(&x->p, ct->type, sizeof(ct->type), true);
	if (skip_loose(&x->p) < 0)
		return -1;
	if (*x->p == '/') {
		x->p++;
		if (skip_loose(&x->p) < 0)
			return -1;
		m = take_token(&x->p, ct->subtype, sizeof(ct->subtype), true);
	}
	if (n > 0 && n < sizeof(ct->type) && m > 0 && m < sizeof(ct->subtype) &&
		(*x->p == '\0' || strchr(";,(", *x->p) || is_space(*x->p)))
		return 0;
	if (n == 0 || m > 0)
		x->p += strcspn(x->p, ";");
	subtype = m == 0 && n < sizeof(ct->type) ? default_subtype(ct->type) : NULL;
	if (!subtype || *subtype == '\0')
		snprintf(ct->type, sizeof(ct->type), "%s", subtype ? "application" : "text");
	snprintf(ct->subtype, sizeof(ct->subtype), "%s",
		!subtype   ? "plain"
		: *subtype ? subtype
			   : "octet-stream");
	return 0;
}

/* Whether another parameter begins at p, so that the ';' before it is missing. */
static bool begins_known(const char *p)
{
	static const char *const known[] = {"boundary", "charset", "delsp", "filename", "format",
		"micalg", "name", "protocol", "report-type", "smime-type", "start", "type"};
	size_t i, n;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		n = strlen(known[i]);
		if (strncasecmp(p, known[i], n) == 0 && (p[n] == '=' || p[n] == '*'))
			return true;
	}
	return false;
}

/* Reads a quoted value, even if its end is missing. */
static int take_loose_quoted(struct loose *x)
{
	const char *p;
	int rc = 0;

	for (p = x->p + 1; *p && *p != '"' && rc == 0; p++) {
		if (*p == '\\' && p[1])
			p++;
		if (*p != '\n' && *p != '\r')
			rc = buf_addc(&x->text, *p);
	}
	x->p = *p == '"' ? p + 1 : p;
	return rc;
}

/* Reads an unquoted value with any characters: up to ';', a comment, or another parameter. */
static int take_loose_plain(struct loose *x)
{
	const char *p = x->p, *q;
	int rc = 0;

	while (*p && *p != ';' && rc == 0) {
		for (q = p; is_space(*q); q++)
			;
		if (q > p && (*q == '(' || *q == ';' || *q == '\0' || begins_known(q)))
			break;
		if (*p != '\n' && *p != '\r')
			rc = buf_addc(&x->text, *p);
		p++;
	}
	x->p = p;
	return rc;
}

/* Adds a parameter to the corrected value, quoted if necessary. */
static int put_param(struct loose *x, const char *name, const char *value)
{
	const char *p;
	size_t len = strlen(name) + strlen(value) + 5;
	bool token = *value != '\0';
	int rc;

	for (p = value; *p; p++)
		token &= is_token(*p);
	x->column += len;
	rc = buf_addf(x->out, x->column > FOLD_COLUMN ? ";\n %s=" : "; %s=", name);
	if (x->column > FOLD_COLUMN)
		x->column = len;
	if (rc < 0)
		return rc;
	return token ? buf_adds(x->out, value) : mime_add_quoted(x->out, value);
}

/* Adds a parameter that matters. If it is repeated the values must be equal. */
static int put_deciding(struct loose *x, size_t i, const char *value)
{
	struct ctype had = *x->ct;
	struct param pm = {.cut = strlen(value) >= sizeof(pm.value)};
	unsigned none = 0;

	snprintf(pm.name, sizeof(pm.name), "%s", deciding[i]);
	snprintf(pm.value, sizeof(pm.value), "%s", value);
	if (keep_param(x->ct, &pm, &none) < 0)
		return i == 0 ? -1 : 0;
	if (x->seen & 1u << i) {
		if (strcmp(had.boundary, x->ct->boundary) != 0)
			return -1;
		*x->ct = had;
		return 0;
	}
	x->seen |= 1u << i;
	return put_param(x, deciding[i], value);
}

/* The parameter that was read; its value is in x->text. */
static int put_loose(struct loose *x)
{
	const char *value = buf_str(&x->text);
	size_t i, n;

	for (i = 0; i < N_DECIDING; i++) {
		n = strlen(deciding[i]);
		if (strncasecmp(x->name, deciding[i], n) != 0)
			continue;
		if (x->name[n] == '\0')
			return put_deciding(x, i, value);
		if (x->name[n] == '*') {
			x->split |= 1u << i;
			return 0;
		}
	}
	if (strcasecmp(x->name, "charset") == 0) {
		if (x->charset)
			return 0;
		x->charset = true;
	}
	return put_param(x, x->name, value);
}

/* Reads a parameter into x->name and x->text (1), or skips something else (0); -1: malformed. */
static int take_loose(struct loose *x)
{
	const char *start;
	size_t n;

	buf_reset(&x->text);
	if (skip_loose(&x->p) < 0)
		return -1;
	start = x->p;
	n = take_token(&x->p, x->name, sizeof(x->name), false);
	if (skip_loose(&x->p) < 0)
		return -1;
	if (n == 0 || *x->p != '=') {
		if (n > 0 && !x->word)
			x->word = charset_known(start, n);
		if (n == 0 && *x->p)
			x->p++;
		return 0;
	}
	for (x->p++; is_space(*x->p); x->p++)
		;
	if ((*x->p == '"' ? take_loose_quoted(x) : take_loose_plain(x)) < 0)
		return -1;
	return n < sizeof(x->name);
}

/* Appends an extended value (RFC 2231 section 4); first: a character set and language precede. */
static int add_extended(struct buf *whole, const char *p, bool first)
{
	const char *q = first ? strchr(p, '\'') : NULL;
	int rc = 0;

	if (q && strchr(q + 1, '\''))
		p = strchr(q + 1, '\'') + 1;
	for (; *p && rc == 0; p++) {
		if (*p == '%' && text_hex_digit(p[1]) >= 0 && text_hex_digit(p[2]) >= 0) {
			rc = buf_addc(
				whole, (char)(text_hex_digit(p[1]) << 4 | text_hex_digit(p[2])));
			p += 2;
		} else {
			rc = buf_addc(whole, *p);
		}
	}
	return rc;
}

/* Appends the parameter NAME, NAME*, NAME*I or NAME*I* of the value to whole. 1; 0: it has none. */
static int find_piece(
	struct loose *x, const char *value, const char *name, unsigned piece, struct buf *whole)
{
	char plain[PARAM_NAME_MAX], extended[PARAM_NAME_MAX], alone[PARAM_NAME_MAX];
	int rc;

	snprintf(plain, sizeof(plain), "%s*%u", name, piece);
	snprintf(extended, sizeof(extended), "%s*%u*", name, piece);
	snprintf(alone, sizeof(alone), "%s*", name);
	for (x->p = value; *x->p;) {
		rc = take_loose(x);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		if (strcasecmp(x->name, plain) == 0)
			return buf_adds(whole, buf_str(&x->text)) < 0 ? -1 : 1;
		if (strcasecmp(x->name, extended) == 0 ||
			(piece == 0 && strcasecmp(x->name, alone) == 0))
			return add_extended(whole, buf_str(&x->text), piece == 0) < 0 ? -1 : 1;
	}
	return 0;
}

/* Puts the pieces of those that decide together (RFC 2231 section 3), unless given whole as well.
 */
static int put_pieces(struct loose *x, const char *value)
{
	struct buf whole = BUF_INIT(CTYPE_BOUNDARY_MAX);
	unsigned i, piece;
	int rc = 0;

	for (i = 0; i < N_DECIDING && rc >= 0; i++) {
		if (!(x->split & 1u << i) || x->seen & 1u << i)
			continue;
		buf_reset(&whole);
		for (piece = 0; piece < PIECES_MAX &&
				(rc = find_piece(x, value, deciding[i], piece, &whole)) == 1;
			piece++)
			;
		if (rc == 0 && whole.len > 0)
			rc = put_deciding(x, i, buf_str(&whole));
	}
	buf_free(&whole);
	return rc;
}

/* Whether a value valid by the standard is read alike by all programs. */
static bool is_plain(const char *value, const struct ctype *ct)
{
	const char *p;
	struct param pm;
	struct ctype again;
	size_t i, n;
	int rc = take_type(&value, &again);

	while (rc >= 0 && *value == ';') {
		p = value;
		rc = take_param(&value, &pm);
		for (i = 0; rc == 1 && i < N_DECIDING; i++) {
			n = strlen(deciding[i]);
			if (strncmp(pm.name, deciding[i], n) == 0 &&
				(pm.name[n] == '*' ||
					(pm.name[n] == '\0' &&
						memchr(p, '\\', (size_t)(value - p)))))
				return false;
		}
	}
	return ct->type[0] != '\0';
}

int ctype_read(const char *value, struct ctype *ct, struct buf *fixed)
{
	struct loose x = {
		.p = value, .ct = ct, .out = fixed, .text = BUF_INIT_SECRET(CTYPE_VALUE_MAX)};
	const char *params;
	int rc;

	if (ctype_parse(value, ct) == 0 && is_plain(value, ct))
		return 0;
	memset(ct, 0, sizeof(*ct));
	errno = 0;
	rc = read_loose_type(&x);
	params = x.p;
	if (rc == 0)
		rc = buf_addf(fixed, "%s/%s", ct->type, ct->subtype);
	x.column = strlen("Content-Type: /") + strlen(ct->type) + strlen(ct->subtype);
	while (rc >= 0 && *x.p) {
		rc = take_loose(&x);
		if (rc == 1)
			rc = put_loose(&x);
	}
	if (rc >= 0)
		rc = put_pieces(&x, params);
	if (rc >= 0 && x.word && !x.charset && ctype_is(ct, "text", NULL))
		rc = put_param(&x, "charset", x.word);
	if (rc < 0) {
		memset(ct, 0, sizeof(*ct));
		rc = errno == ENOMEM ? ERR_OS : -1;
	}
	buf_free(&x.text);
	return rc < 0 ? rc : 1;
}
