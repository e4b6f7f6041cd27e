/* SPDX-License-Identifier: ISC */
/* One configuration file: its sections, and the settings each of them requires. */
#include "conf/conf_ini.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/ini_reader.h"

struct conf_reader {
	int file; /* of c's sources */
	struct conf *c;
	enum conf_section section;
	size_t index; /* which policy or identity */
	int section_line;
	int fault_line;  /* the line of the error, if not the one being read */
	struct buf seen; /* uint64_t each: settings already made by this file */
	struct err *err;
};

/* Finds policy or identity name, or adds it. ERR_CONFIG, ERR_OS. */
static int named_section(struct conf_reader *r, const char *name)
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

/* Checks the required settings of the section that ends here. */
static int section_end(struct conf_reader *r)
{
	const struct conf *c = r->c;

	r->fault_line = r->section_line;
	if (r->section == SECTION_POLICY && c->policy[r->index].to[0] == '\0')
		return err_set(r->err, ERR_CONFIG,
			"the policy does not say to whom it applies (to = ...)");
	if (r->section == SECTION_IDENTITY && c->identity[r->index].from[0] == '\0')
		return err_set(
			r->err, ERR_CONFIG, "the identity does not say whose it is (from = ...)");
	r->fault_line = 0;
	return 0;
}

/* The kind of a section, from the first word of its name; *rest is what follows it. */
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

/* Enters [name]; NULL: the text ends. */
static int section_enter(void *arg, const char *name, int line, struct err *err)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	struct conf_reader *r = arg;
	const char *rest = "";

	r->err = err;
	if (section_end(r) < 0)
		return ERR_CONFIG;
	if (!name)
		return 0;
	r->section = section_kind(name, &rest);
	r->section_line = line;
	r->index = 0;
	if (r->section == SECTION_NONE || (r->section == SECTION_SEALPOST && *rest)) {
		r->section = SECTION_NONE;
		err_set(err, ERR_CONFIG, "'[%s]' is not a section", name);
		err_hint(err, "there are [sealpost], [policy NAME] and [identity NAME]");
		return ERR_CONFIG;
	}
	if (r->section == SECTION_SEALPOST)
		return 0;
	if (*rest == '\0' || strspn(rest, letters) != strlen(rest)) {
		r->section = SECTION_NONE;
		return err_set(err, ERR_CONFIG,
			"'[%s]' needs a name of letters, digits, '.', '_' and '-'", name);
	}
	if (named_section(r, rest) < 0) {
		r->section = SECTION_NONE;
		return ERR_CONFIG;
	}
	return 0;
}

/* 1 if this file has made the setting before, else 0; remembers it. ERR_OS. */
static int made_before(struct conf_reader *r, unsigned key)
{
	uint64_t id = (uint64_t)r->section << 56 | (uint64_t)r->index << 8 | key;
	uint64_t old;
	size_t i;

	for (i = 0; i + sizeof(old) <= r->seen.len; i += sizeof(old)) {
		memcpy(&old, r->seen.p + i, sizeof(old));
		if (old == id)
			return 1;
	}
	return buf_add(&r->seen, &id, sizeof(id)) < 0 ? err_set(r->err, ERR_OS, "out of memory")
						      : 0;
}

/* Refuses two policies for one pattern and two identities with one address: it would be ambiguous
 * which one applies. */
static int check_unique(const struct conf_reader *r)
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

/* Records that the setting is made here rather than in another file. */
static int note_origin(const struct conf_reader *r, unsigned key, int line)
{
	struct conf_origin here = {r->section, r->index, key, r->file, line}, *o;
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
			return err_set(r->err, ERR_OS, "out of memory");
		c->origin = o;
		c->n_origin++;
	}
	c->origin[i] = here;
	return 0;
}

/* A setting of the current section. */
static int conf_setting(void *arg, const char *name, const char *value, int line, struct err *err)
{
	struct conf_reader *r = arg;
	unsigned key = 0;
	int rc;

	r->err = err;
	if (r->section == SECTION_NONE) {
		err_set(err, ERR_CONFIG, "'%s' is outside of any section", name);
		err_hint(err, "put [sealpost] above it");
		return ERR_CONFIG;
	}
	if (conf_set(r->c, r->section, r->index, name, value, &key, err) < 0)
		return ERR_CONFIG;
	rc = made_before(r, key);
	if (rc < 0)
		return rc;
	if (rc > 0 && !conf_repeats(r->section, key))
		return err_set(err, ERR_CONFIG, "%s: is set a second time", name);
	rc = check_unique(r);
	return rc == 0 ? note_origin(r, key, line) : rc;
}

int conf_ini_read(
	const char *path, int file, const struct buf *text, struct conf *c, struct err *err)
{
	struct conf_reader r = {
		.c = c, .file = file, .seen = BUF_INIT(CONF_FILE_MAX * sizeof(uint64_t))};
	const struct ini_events events = {section_enter, conf_setting, &r};
	size_t i;
	int rc;

	for (i = 0; i < c->n_policy; i++)
		c->policy[i].keys_of_other_file = true;
	rc = ini_read(path, text, &events, &r.fault_line, err);
	buf_free(&r.seen);
	return rc;
}
