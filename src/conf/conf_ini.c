/* SPDX-License-Identifier: ISC */
/*
 * The grammar, by inih. inih cuts a section name at 49 octets and splits a long line, takes an
 * indented line for the continuation of the one above, and overlooks what stands behind a section's
 * ]; so each line is looked at before inih gets it. A comment begins with ; or # at the start of a
 * line, or with a blank and ; behind a value.
 */
#include "conf/conf_ini.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTION_NAME_MAX 49 /* what inih keeps of it */

struct reader {
	const char *path;
	int file;            /* of c's sources */
	const char *p, *end; /* what is left */
	int line;            /* of what inih works on */
	struct conf *c;
	enum conf_section section;
	size_t index; /* which policy or identity */
	int section_line;
	struct buf seen; /* uint64_t each: settings that this file has made already */
	struct err *err;
	bool failed;
};

/* Puts PATH:LINE in front of r->err, or of the sentence given; the first failure stays. */
static void fail_at_line(struct reader *r, int line, const char *msg)
{
	struct err first;

	if (r->failed)
		return;
	r->failed = true;
	first = *r->err;
	err_set(r->err, ERR_CONFIG, "%s:%d: %s", r->path, line, msg ? msg : first.msg);
	if (first.hint[0] != '\0')
		err_hint(r->err, "%s", first.hint);
}

static bool is_ini_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Finds policy or identity name, or adds it. ERR_CONFIG, ERR_OS. */
static int named_section(struct reader *r, const char *name)
{
	struct conf *c = r->c;
	size_t i;
	void *p;

	r->index = 0;
	if (r->section == SECTION_POLICY) {
		for (i = 0; i < c->n_policy && strcmp(c->policy[i].name, name) != 0; i++)
			;
		if (i == c->n_policy) {
			p = i < CONF_SECTIONS_MAX
				    ? reallocarray(c->policy, i + 1, sizeof(*c->policy))
				    : NULL;
			if (!p)
				return err_set(r->err, ERR_CONFIG, "there are too many policies");
			c->policy = p;
			memset(&c->policy[i], 0, sizeof(*c->policy));
			snprintf(c->policy[i].name, sizeof(c->policy[i].name), "%s", name);
			c->n_policy++;
		}
	} else {
		for (i = 0; i < c->n_identity && strcmp(c->identity[i].name, name) != 0; i++)
			;
		if (i == c->n_identity) {
			p = i < CONF_SECTIONS_MAX
				    ? reallocarray(c->identity, i + 1, sizeof(*c->identity))
				    : NULL;
			if (!p)
				return err_set(r->err, ERR_CONFIG, "there are too many identities");
			c->identity = p;
			memset(&c->identity[i], 0, sizeof(*c->identity));
			snprintf(c->identity[i].name, sizeof(c->identity[i].name), "%s", name);
			c->n_identity++;
		}
	}
	r->index = i;
	return 0;
}

/* What the section that ends here must have said. */
static void section_end(struct reader *r)
{
	if (r->section == SECTION_POLICY && r->c->policy[r->index].to[0] == '\0')
		fail_at_line(r, r->section_line,
			"the policy does not say to whom it applies (to = ...)");
	if (r->section == SECTION_IDENTITY && r->c->identity[r->index].from[0] == '\0')
		fail_at_line(
			r, r->section_line, "the identity does not say whose it is (from = ...)");
}

/* The word of a section's name that tells its kind; *rest is what follows it. */
static enum conf_section section_kind(const char *name, const char **rest)
{
	static const struct {
		const char *word;
		enum conf_section section;
	} kinds[] = {{"sealpost", SECTION_SEALPOST}, {"policy", SECTION_POLICY},
		{"identity", SECTION_IDENTITY}};
	size_t i, len = strcspn(name, " \t");

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].word) == len && memcmp(kinds[i].word, name, len) == 0) {
			*rest = name + len + strspn(name + len, " \t");
			return kinds[i].section;
		}
	}
	return SECTION_NONE;
}

/* Enters [name]. */
static int section_enter(struct reader *r, const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const char *rest = "";

	section_end(r);
	if (r->failed)
		return ERR_CONFIG;
	r->section = section_kind(name, &rest);
	r->section_line = r->line;
	r->index = 0;
	if (r->section == SECTION_NONE || (r->section == SECTION_SEALPOST && *rest)) {
		r->section = SECTION_NONE;
		err_set(r->err, ERR_CONFIG, "'[%s]' is not a section", name);
		err_hint(r->err, "there are [sealpost], [policy NAME] and [identity NAME]");
		return ERR_CONFIG;
	}
	if (r->section == SECTION_SEALPOST)
		return 0;
	if (*rest == '\0' || strspn(rest, letters) != strlen(rest)) {
		r->section = SECTION_NONE;
		return err_set(r->err, ERR_CONFIG,
			"'[%s]' needs a name of letters, digits, '.', '_' and '-'", name);
	}
	if (named_section(r, rest) < 0) {
		r->section = SECTION_NONE;
		return ERR_CONFIG;
	}
	return 0;
}

/* A line that begins with [. */
static int section_line(struct reader *r, const char *line, size_t len)
{
	const char *close = memchr(line, ']', len);
	char name[SECTION_NAME_MAX + 1];
	const char *p;

	if (!close)
		return err_set(r->err, ERR_CONFIG, "the section's name has no ]");
	if ((size_t)(close - line) - 1 > SECTION_NAME_MAX)
		return err_set(r->err, ERR_CONFIG, "the section's name is longer than %d bytes",
			SECTION_NAME_MAX);
	for (p = close + 1; p < line + len && is_ini_blank(*p); p++)
		;
	if (p < line + len && *p != ';' && *p != '#')
		return err_set(r->err, ERR_CONFIG, "unexpected text after the section's ]");
	memcpy(name, line + 1, (size_t)(close - line) - 1);
	name[close - line - 1] = '\0';
	return section_enter(r, name);
}

/* Looks at one line (without its end) before inih does. cap: how much inih takes. */
static int check_line(struct reader *r, const char *line, size_t len, size_t cap)
{
	size_t i;

	if (len + 2 > cap) /* with its \n and NUL */
		return err_set(r->err, ERR_CONFIG, "the line is longer than %zu bytes", cap - 2);
	for (i = 0; i < len; i++) {
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return err_set(r->err, ERR_CONFIG, "the line holds a control character");
	}
	return len > 0 && line[0] == '[' ? section_line(r, line, len) : 0;
}

/* inih's fgets. */
static char *next_line(char *str, int num, void *arg)
{
	struct reader *r = arg;
	const char *line, *eol;
	size_t len;

	if (r->failed || r->p == r->end || num < 2)
		return NULL;
	r->line++;
	eol = memchr(r->p, '\n', (size_t)(r->end - r->p));
	line = r->p;
	len = (size_t)((eol ? eol : r->end) - line);
	r->p = eol ? eol + 1 : r->end;
	if (r->line == 1 && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		len -= 3;
	}
	if (len > 0 && line[len - 1] == '\r')
		len--;
	for (; len > 0 && is_ini_blank(*line); line++)
		len--;
	if (check_line(r, line, len, (size_t)num) < 0) {
		fail_at_line(r, r->line, NULL);
		return NULL;
	}
	memcpy(str, line, len);
	str[len] = '\n';
	str[len + 1] = '\0';
	return str;
}

/* Whether this file has made the setting before; remembers it. */
static bool was_set_before(struct reader *r, unsigned key)
{
	uint64_t id = (uint64_t)r->section << 56 | (uint64_t)r->index << 8 | key;
	uint64_t old;
	size_t i;

	for (i = 0; i + sizeof(old) <= r->seen.len; i += sizeof(old)) {
		memcpy(&old, r->seen.p + i, sizeof(old));
		if (old == id)
			return true;
	}
	return buf_add(&r->seen, &id, sizeof(id)) < 0;
}

/* Two policies for one pattern, or two identities with one address: which would win is anybody's
 * guess. */
static int check_unique(const struct reader *r)
{
	const struct conf *c = r->c;
	size_t i;

	for (i = 0; r->section == SECTION_POLICY && i < c->n_policy; i++) {
		if (i != r->index && c->policy[i].to[0] &&
			strcmp(c->policy[i].to, c->policy[r->index].to) == 0)
			return err_set(r->err, ERR_CONFIG, "[policy %s] is for %s too",
				c->policy[i].name, c->policy[i].to);
	}
	for (i = 0; r->section == SECTION_IDENTITY && i < c->n_identity; i++) {
		if (i != r->index && c->identity[i].from[0] &&
			strcmp(c->identity[i].from, c->identity[r->index].from) == 0)
			return err_set(r->err, ERR_CONFIG, "[identity %s] is for %s too",
				c->identity[i].name, c->identity[i].from);
	}
	return 0;
}

/* Remembers that the setting is made here, and no longer in another file. */
static int note_origin(const struct reader *r, unsigned key)
{
	struct conf_origin here = {r->section, r->index, key, r->file, r->line}, *o;
	struct conf *c = r->c;
	size_t i;

	for (i = 0; i < c->n_origin; i++) {
		o = &c->origin[i];
		if (o->section == here.section && o->index == here.index && o->key == key)
			break;
	}
	if (i == c->n_origin) {
		o = reallocarray(c->origin, i + 1, sizeof(*o));
		if (!o)
			return err_set(r->err, ERR_CONFIG, "out of memory");
		c->origin = o;
		c->n_origin++;
	}
	c->origin[i] = here;
	return 0;
}

/* inih's handler: 1 goes on. The section it tells is the one that next_line has entered. */
static int setting(void *arg, const char *section, const char *name, const char *value)
{
	struct reader *r = arg;
	unsigned key = 0;

	(void)section;
	if (r->failed)
		return 0;
	if (r->section == SECTION_NONE) {
		err_set(r->err, ERR_CONFIG, "'%s' is outside of any section", name);
		err_hint(r->err, "put [sealpost] above it");
	} else if (!value) {
		err_set(r->err, ERR_CONFIG, "%s: has no value", name);
	} else if (strstr(value, " #") || strstr(value, "\t#")) {
		err_set(r->err, ERR_CONFIG, "%s: a comment after a value begins with ;", name);
	} else if (conf_set(r->c, r->section, r->index, name, value, &key, r->err) == 0) {
		if (was_set_before(r, key) && !conf_repeats(r->section, key))
			err_set(r->err, ERR_CONFIG, "%s: is set a second time", name);
		else if (check_unique(r) == 0 && note_origin(r, key) == 0)
			return 1;
	}
	fail_at_line(r, r->line, NULL);
	return 0;
}

int conf_ini_read(
	const char *path, int file, const struct buf *text, struct conf *c, struct err *err)
{
	struct err own = ERR_INIT;
	struct reader r = {.path = path,
		.file = file,
		.p = buf_str(text),
		.c = c,
		.err = err ? err : &own,
		.seen = BUF_INIT(CONF_FILE_MAX * sizeof(uint64_t))};
	size_t i;
	int line;

	r.end = r.p + text->len;
	*r.err = own;
	for (i = 0; i < c->n_policy; i++)
		c->policy[i].keys_of_other_file = true;
	line = ini_parse_stream(next_line, &r, setting, &r);
	if (line > 0 && !r.failed)
		fail_at_line(&r, line, "is neither a [section] nor a setting (KEY = VALUE)");
	else if (line < 0)
		fail_at_line(&r, r.line, "out of memory");
	section_end(&r);
	buf_free(&r.seen);
	return r.failed ? ERR_CONFIG : 0;
}
