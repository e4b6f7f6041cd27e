/* SPDX-License-Identifier: ISC */
#include "mime/address_list.h"

#include <string.h>
#include <strings.h>

#include "mime/mime.h"

#define BLANKS " \t\r\n"
#define SPECIALS "()<>[]:;@\\,.\"" BLANKS /* RFC 5322 section 3.2.3 */

/* An addr-spec in the form addr_parse accepts, without blanks, comments and route. */
struct spec {
	char text[2 * ADDR_TEXT_MAX];
	size_t n;
	bool full; /* it did not fit */
};

static void put_byte(struct spec *s, char c)
{
	if (s->n + 1 == sizeof(s->text))
		s->full = true;
	else
		s->text[s->n++] = c;
}

static void put_bytes(struct spec *s, const char *from, const char *to)
{
	while (from < to)
		put_byte(s, *from++);
}

/* Marks the entry as invalid because of the character at p. */
static bool fail_entry(struct address_reader *r, const char *p, const char *why)
{
	r->p = p;
	err_set(&r->err, ERR_DATA, "%s", why);
	return false;
}

/* Steps over blanks and comments. */
static bool pass_cfws(struct address_reader *r)
{
	return mime_skip_cfws(&r->p) == 0 || fail_entry(r, r->p, "a comment does not end");
}

/* Skips a quoted string; its value is appended to s unless NULL. */
static bool skip_quoted(struct address_reader *r, struct spec *s)
{
	const char *p;

	for (p = r->p + 1; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		if (s && (*p == '\\' || *p == '"'))
			put_byte(s, '\\');
		if (s && *p != '\r' && *p != '\n') /* of a fold; its blank stays */
			put_byte(s, *p);
	}
	if (*p == '\0')
		return fail_entry(r, r->p + 1, "a quoted string does not end");
	r->p = p + 1;
	return true;
}

/* Skips text in square brackets: an address literal, or a list's tag in a name. */
static bool skip_literal(struct address_reader *r, struct spec *s)
{
	const char *p = r->p + 1 + strcspn(r->p + 1, "[]\\,;<>@\"()");

	if (*p != ']')
		return fail_entry(r, r->p + 1, "a square bracket does not end");
	if (s)
		put_bytes(s, r->p, p + 1);
	r->p = p + 1;
	return true;
}

static bool entry_ends(const char *p)
{
	return *p == '\0' || *p == ',' || *p == ';';
}

static bool skip_atom(struct address_reader *r, struct spec *s)
{
	size_t n = strcspn(r->p, SPECIALS);

	put_bytes(s, r->p, r->p + n);
	r->p += n;
	return n > 0;
}

/* Copies atoms separated by dots, which may be surrounded by blanks. */
static bool copy_domain(struct address_reader *r, struct spec *s)
{
	bool word = false;

	for (;;) {
		if (!pass_cfws(r))
			return false;
		if (*r->p == '.') {
			put_byte(s, *r->p++);
			word = false;
		} else if (strcspn(r->p, SPECIALS) == 0) {
			return true;
		} else if (word) {
			return fail_entry(r, r->p, "something follows the address");
		} else {
			word = skip_atom(r, s);
		}
	}
}

/*
 * Copies a local part, quoted if any piece of it was. The obsolete syntax with blanks inside is
 * refused: "Mr. ada@x.example" is a mistake, not the address of Mr.ada.
 */
static bool copy_local(struct address_reader *r, struct spec *s)
{
	bool word = false, quoted = false;

	put_byte(s, '"');
	for (;;) {
		if (*r->p == '.') {
			put_byte(s, *r->p++);
			word = false;
		} else if (word) {
			break;
		} else if (*r->p == '"') {
			quoted = word = true;
			if (!skip_quoted(r, s))
				return false;
		} else if (!(word = skip_atom(r, s))) {
			break;
		}
	}
	if (quoted)
		put_byte(s, '"');
	else
		memmove(s->text, s->text + 1, --s->n);
	return true;
}

static void skip_mailto(struct address_reader *r)
{
	if (strncasecmp(r->p, "mailto:", 7) == 0)
		r->p += 7;
}

/* addr-spec, or a local part alone, and the blanks behind it. */
static bool read_spec(struct address_reader *r, struct spec *s)
{
	if (!pass_cfws(r) || !copy_local(r, s) || !pass_cfws(r))
		return false;
	if (*r->p != '@')
		return true;
	put_byte(s, *r->p++);
	if (!pass_cfws(r))
		return false;
	return *r->p == '[' ? skip_literal(r, s) && pass_cfws(r) : copy_domain(r, s);
}

/* "@a,@b:" before an addr-spec: obsolete, and without meaning. */
static bool skip_route(struct address_reader *r)
{
	struct spec ignored;

	while (*r->p == '@' || *r->p == ',') {
		ignored = (struct spec){.n = 0};
		r->p++;
		if (!copy_domain(r, &ignored))
			return false;
		if (*r->p == ':') {
			r->p++;
			return pass_cfws(r);
		}
	}
	return true;
}

/* Reads the address in the angle brackets at r->p; nothing may follow them. */
static bool read_angle(struct address_reader *r, struct spec *s)
{
	const char *open = r->p++;

	if (!pass_cfws(r) || !skip_route(r))
		return false;
	skip_mailto(r);
	if (!read_spec(r, s))
		return false;
	if (*r->p == '\0')
		return fail_entry(r, r->p, "an angle bracket does not end");
	if (*r->p != '>')
		return fail_entry(r, r->p, "the angle brackets hold more than an address");
	if (s->n == 0)
		return fail_entry(r, open, "an address is empty");
	r->p++;
	if (!pass_cfws(r))
		return false;
	return entry_ends(r->p) || fail_entry(r, r->p, "something follows the address");
}

/* Skips a name up to '<', ':', or the end of the entry. *plain: it contains no '@' or '[' except in
 * quotes and comments. */
static bool skip_name(struct address_reader *r, bool *plain)
{
	*plain = true;
	for (;;) {
		if (!pass_cfws(r))
			return false;
		if (*r->p == '<' || *r->p == ':' || entry_ends(r->p))
			return true;
		if (strchr(">)]\\", *r->p))
			return fail_entry(r, r->p + 1, "a bracket or backslash is out of place");
		if (*r->p == '@' || *r->p == '[')
			*plain = false;
		if (*r->p == '"' ? !skip_quoted(r, NULL) : *r->p == '[' && !skip_literal(r, NULL))
			return false;
		r->p += *r->p == '@';
		r->p += strcspn(r->p, "()<>[]:;@\\,\"" BLANKS);
	}
}

/* Starts a group after its name; plain: the name contains no address. */
static bool begin_group(struct address_reader *r, bool plain)
{
	if (r->p == r->entry || !plain)
		return fail_entry(r, r->p, "a colon is out of place");
	if (r->group)
		return fail_entry(r, r->p, "groups are nested");
	r->group = r->entry;
	r->p++;
	return true;
}

/* A mailbox, or the name of a group. */
static bool read_entry(struct address_reader *r, struct spec *s)
{
	const char *start;
	bool plain;

	skip_mailto(r);
	start = r->p;
	if (!skip_name(r, &plain))
		return false;
	if (*r->p == ':')
		return begin_group(r, plain);
	if (*r->p == '<')
		return read_angle(r, s);
	r->p = start;
	if (!read_spec(r, s))
		return false;
	if (!entry_ends(r->p))
		return fail_entry(r, r->p, "it is not a single address");
	return s->n > 0 || fail_entry(r, r->p, "an address is empty");
}

/* The position after "undisclosed recipients", which some programs write without the syntax of a
 * group; NULL if it is not there. */
static const char *skip_nobody(const char *p)
{
	const bool angle = *p == '<';
	size_t n;

	p += angle;
	if (strncasecmp(p, "undisclosed", 11) != 0)
		return NULL;
	p += 11;
	n = strspn(p, "-_" BLANKS);
	if (n == 0 || strncasecmp(p + n, "recipient", 9) != 0)
		return NULL;
	p += n + 9;
	p += *p == 's' || *p == 'S';
	if (angle) {
		p += strspn(p, ":;" BLANKS);
		if (*p++ != '>')
			return NULL;
	}
	p += strspn(p, BLANKS);
	return entry_ends(p) ? p : NULL;
}

/* Ends the entry: with an address, or with an error after which reading continues. */
static enum address_event end_entry(struct address_reader *r, struct spec *s)
{
	s->text[s->n] = '\0';
	if (r->err.code == 0 && s->full)
		fail_entry(r, r->p, "an address is too long");
	if (r->err.code == 0 && addr_parse(s->text, &r->addr, &r->err) < 0)
		r->err.code = ERR_DATA;
	if (r->err.code != 0)
		r->p += strcspn(r->p, ",;");
	r->len = (size_t)(r->p - r->entry);
	while (r->len > 0 && strchr(BLANKS, r->entry[r->len - 1]))
		r->len--;
	return r->err.code == 0 ? ADDRESS_MAILBOX : ADDRESS_UNREADABLE;
}

/* Ends the text. An unterminated group is one more entry, if it has members. */
static enum address_event end_list(struct address_reader *r)
{
	const char *group = r->group;

	r->group = NULL;
	if (!group || r->entry <= group)
		return ADDRESS_END;
	r->entry = group;
	r->len = strlen(group);
	fail_entry(r, r->p, "a group does not end");
	return ADDRESS_UNREADABLE;
}

void address_reader_init(struct address_reader *r, const char *value)
{
	*r = (struct address_reader){.p = value, .entry = value};
}

enum address_event address_next(struct address_reader *r)
{
	struct spec s;
	const char *p, *last = r->entry;

	for (;;) {
		s.n = 0;
		s.full = false;
		r->err.code = 0;
		r->p += strspn(r->p, BLANKS);
		r->entry = r->p;
		if (!pass_cfws(r))
			return end_entry(r, &s);
		if (*r->p == '\0') {
			r->entry = last;
			return end_list(r);
		}
		if (entry_ends(r->p)) {
			if (*r->p++ == ';')
				r->group = NULL;
		} else if ((p = skip_nobody(r->p)) != NULL) {
			r->p = p;
		} else {
			r->entry = r->p;
			if (!read_entry(r, &s) || s.n > 0)
				return end_entry(r, &s);
		}
	}
}
