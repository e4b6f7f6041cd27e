/* SPDX-License-Identifier: ISC */
#include "conf/ini_reader.h"

#include <stdbool.h>
#include <string.h>

#define SECTION_NAME_MAX 49 /* bytes of a section's name */

struct ini_reader {
	const char *path;
	int line;
	const struct ini_events *events;
	struct err *err;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Without blanks at both ends. */
static char *strip_both_ends(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	for (len = strlen(s); len > 0 && is_blank(s[len - 1]); len--)
		;
	s[len] = '\0';
	return s;
}

/* A line that begins with [. */
static int enter_section(struct ini_reader *r, char *line)
{
	char *close = strchr(line, ']'), *rest;

	if (!close)
		return err_set(r->err, ERR_CONFIG, "the section's name has no ]");
	if (close - line - 1 > SECTION_NAME_MAX)
		return err_set(r->err, ERR_CONFIG, "the section's name is longer than %d bytes",
			SECTION_NAME_MAX);
	rest = close + 1 + strspn(close + 1, " \t");
	if (*rest != '\0' && *rest != ';' && *rest != '#')
		return err_set(r->err, ERR_CONFIG, "unexpected text after the section's ]");
	*close = '\0';
	return r->events->section(r->events->arg, line + 1, r->line, r->err);
}

/* A comment behind a setting begins with a blank and a semicolon. */
static void cut_comment(char *line)
{
	char *p;

	for (p = line; (p = strchr(p, ';')) != NULL; p++) {
		if (p > line && is_blank(p[-1])) {
			*p = '\0';
			return;
		}
	}
}

static int read_setting(struct ini_reader *r, char *line)
{
	char *at, *key, *value;

	cut_comment(line);
	at = strpbrk(line, "=:");
	if (!at)
		return err_set(
			r->err, ERR_CONFIG, "is neither a [section] nor a setting (KEY = VALUE)");
	*at = '\0';
	key = strip_both_ends(line);
	value = strip_both_ends(at + 1);
	if (strstr(value, " #") || strstr(value, "\t#"))
		return err_set(
			r->err, ERR_CONFIG, "%s: a comment after a value begins with ;", key);
	return r->events->setting(r->events->arg, key, value, r->line, r->err);
}

/* One line, without its end. */
static int read_ini_line(struct ini_reader *r, const char *p, size_t len)
{
	char text[INI_LINE_MAX + 1], *line;
	size_t i;

	if (len > INI_LINE_MAX)
		return err_set(
			r->err, ERR_CONFIG, "the line is longer than %d bytes", INI_LINE_MAX);
	for (i = 0; i < len; i++) {
		if (((unsigned char)p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
			return err_set(r->err, ERR_CONFIG, "the line holds a control character");
	}
	memcpy(text, p, len);
	text[len] = '\0';
	line = strip_both_ends(text);
	if (*line == '\0' || *line == '#' || *line == ';')
		return 0;
	return *line == '[' ? enter_section(r, line) : read_setting(r, line);
}

/* Prefixes the error of a line with PATH:LINE. */
static int fail_at_line(const struct ini_reader *r, const int *line_of)
{
	const struct err first = *r->err;

	err_set(r->err, first.code == ERR_OS ? ERR_OS : ERR_CONFIG, "%s:%d: %s", r->path,
		line_of && *line_of ? *line_of : r->line, first.msg);
	if (first.hint[0] != '\0')
		err_hint(r->err, "%s", first.hint);
	return (int)r->err->code;
}

int ini_read(const char *path, const struct buf *text, const struct ini_events *events,
	const int *line_of, struct err *err)
{
	struct err own = ERR_INIT;
	struct ini_reader r = {.path = path, .events = events, .err = err ? err : &own};
	const char *p = buf_str(text), *end = p + text->len, *eol;
	size_t len;
	int rc = 0;

	*r.err = own;
	if (text->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	for (; rc == 0 && p < end; p = eol < end ? eol + 1 : end) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		len = (size_t)(eol - p);
		if (len > 0 && p[len - 1] == '\r')
			len--;
		r.line++;
		rc = read_ini_line(&r, p, len);
	}
	if (rc == 0)
		rc = events->section(events->arg, NULL, r.line, r.err);
	return rc < 0 ? fail_at_line(&r, line_of) : 0;
}
