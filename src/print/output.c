/* SPDX-License-Identifier: ISC */
#include "print/output.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

#define TEXT_MAX (1u << 20) /* octets of one text made safe */
#define PATH_TEXT_MAX 256   /* octets of a path to a leaf */
#define JSON_STYLE (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER)

struct out {
	json_t *j;        /* owned by the root alone */
	struct out *root; /* itself, or where it belongs to */
	struct out *next; /* of the root: all nested ones, to be freed */
	bool bad;         /* of the root: something could not be kept */
};

struct out *out_new(void)
{
	struct out *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->root = o;
	o->j = json_object();
	if (!o->j || json_object_set_new(o->j, "version", json_integer(1)) < 0)
		o->bad = true;
	return o;
}

/* Takes v over. */
static void set_member(struct out *o, const char *key, json_t *v)
{
	if (!o)
		json_decref(v);
	else if (json_object_set_new(o->j, key, v) < 0)
		o->root->bad = true;
}

/* A JSON string; NULL only without memory. */
static json_t *json_text(const char *s)
{
	struct buf safe = BUF_INIT(TEXT_MAX);
	json_t *v = json_string(s);

	if (v)
		return v;
	if (text_safe(&safe, s, strlen(s)) == 0)
		v = json_string(buf_str(&safe));
	buf_free(&safe);
	return v;
}

void out_str(struct out *o, const char *key, const char *s)
{
	set_member(o, key, s && *s ? json_text(s) : json_null());
}

void out_int(struct out *o, const char *key, int64_t v)
{
	set_member(o, key, json_integer(v));
}

void out_bool(struct out *o, const char *key, bool v)
{
	set_member(o, key, json_boolean(v));
}

void out_null(struct out *o, const char *key)
{
	set_member(o, key, json_null());
}

void out_int_if(struct out *o, const char *key, bool known, int64_t v)
{
	set_member(o, key, known ? json_integer(v) : json_null());
}

void out_bool_if(struct out *o, const char *key, bool known, bool v)
{
	set_member(o, key, known ? json_boolean(v) : json_null());
}

void out_time(struct out *o, const char *key, int64_t t)
{
	char when[TEXT_TIME_MAX] = "";

	if (t != 0)
		text_time(when, t);
	out_str(o, key, when);
}

void out_object_text(struct out *o, const char *key, const char *json)
{
	json_t *v = json ? json_loads(json, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (v && !json_is_object(v)) {
		json_decref(v);
		v = NULL;
	}
	set_member(o, key, v ? v : json_null());
}

/* A handle on j, which belongs to parent's tree already; NULL when that failed. */
static struct out *nested(struct out *parent, json_t *j)
{
	struct out *o = j ? calloc(1, sizeof(*o)) : NULL;

	if (!o) {
		parent->root->bad = true;
		return NULL;
	}
	o->j = j;
	o->root = parent->root;
	o->next = parent->root->next;
	parent->root->next = o;
	return o;
}

struct out *out_object(struct out *o, const char *key)
{
	if (!o)
		return NULL;
	set_member(o, key, json_object());
	return nested(o, json_object_get(o->j, key));
}

void out_array(struct out *o, const char *key)
{
	set_member(o, key, json_array());
}

/* Takes v over; the array at key is made if need be. Returns v, borrowed, or NULL. */
static json_t *append(struct out *o, const char *key, json_t *v)
{
	json_t *a = json_object_get(o->j, key);

	if (!a) {
		out_array(o, key);
		a = json_object_get(o->j, key);
	}
	if (json_array_append_new(a, v) < 0) {
		o->root->bad = true;
		return NULL;
	}
	return v;
}

struct out *out_item(struct out *o, const char *key)
{
	return o ? nested(o, append(o, key, json_object())) : NULL;
}

void out_item_str(struct out *o, const char *key, const char *s)
{
	if (o)
		(void)append(o, key, s && *s ? json_text(s) : json_null());
}

void out_free(struct out *o)
{
	struct out *next;

	if (!o)
		return;
	json_decref(o->j);
	for (; o; o = next) {
		next = o->next;
		free(o);
	}
}

int out_print(struct out *o, FILE *f)
{
	int rc = ERR_OS;

	if (o && !o->bad)
		rc = json_dumpf(o->j, f, JSON_STYLE) < 0 || putc('\n', f) == EOF ? ERR_IO : 0;
	out_free(o);
	return rc;
}

char *out_text(struct out *o)
{
	char *s = NULL;

	if (o && !o->bad) {
		(void)json_object_del(o->j, "version");
		s = json_dumps(o->j, JSON_STYLE);
	}
	out_free(o);
	return s;
}

/* Columns of a terminal that safe UTF-8 text takes, one a character: good enough to pad a table. */
static int columns(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

void out_safe(FILE *f, const char *s, int width)
{
	struct buf safe = BUF_INIT(TEXT_MAX);
	int n;

	if (text_shown(&safe, s, strlen(s)) == 0) {
		(void)fputs(buf_str(&safe), f);
		n = columns(buf_str(&safe));
	} else { /* no memory: less readable, but not less */
		for (n = 0; s[n] != '\0'; n++)
			(void)putc(s[n] >= 0x20 && s[n] < 0x7f ? s[n] : '?', f);
	}
	for (; n < width; n++)
		(void)putc(' ', f);
	buf_free(&safe);
}

static void print_leaf(FILE *f, const char *prefix, const char *path, const json_t *j)
{
	(void)fputs(prefix, f);
	out_safe(f, path, 0);
	(void)fputs(": ", f);
	if (json_is_string(j))
		out_safe(f, json_string_value(j), 0);
	else if (json_is_integer(j))
		(void)fprintf(f, "%lld", (long long)json_integer_value(j));
	else if (json_is_real(j))
		(void)fprintf(f, "%g", json_real_value(j));
	else
		(void)fputs(json_is_true(j) ? "yes" : json_is_false(j) ? "no" : "-", f);
	(void)putc('\n', f);
}

/* path holds what leads to j; depth is bounded by jansson's own limit on what it parses, and by
 * PATH_TEXT_MAX. */
static void leaves(FILE *f, const char *prefix, const char *path, json_t *j)
{
	char below[PATH_TEXT_MAX];
	const char *key;
	json_t *v;
	size_t i;

	if (!json_is_object(j) && !json_is_array(j)) {
		if (j && !json_is_null(j))
			print_leaf(f, prefix, path, j);
		return;
	}
	json_object_foreach(j, key, v)
	{
		if (snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key) <
			(int)sizeof(below))
			leaves(f, prefix, below, v);
	}
	json_array_foreach(j, i, v)
	{
		if (snprintf(below, sizeof(below), "%s[%zu]", path, i) < (int)sizeof(below))
			leaves(f, prefix, below, v);
	}
}

void out_json_lines(FILE *f, const char *prefix, const char *json)
{
	json_t *j = json_loads(json, JSON_REJECT_DUPLICATES, NULL);

	leaves(f, prefix, "", j);
	json_decref(j);
}

int out_finish(void)
{
	/* fflush may have succeeded before and lost its data: ferror remembers. */
	return fflush(stdout) != 0 || ferror(stdout) ? ERR_IO : 0;
}

int out_failed(struct err *err, int rc)
{
	if (rc == ERR_OS)
		return err_set(err, ERR_OS, "out of memory");
	err_set(err, ERR_IO, "cannot write to standard output");
	err_hint(err, "check that it is open, its disk is not full and its reader has not exited");
	return ERR_IO;
}
