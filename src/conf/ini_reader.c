/* SPDX-License-Identifier: ISC */
#include "conf/ini_reader.h"

#include <ini.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define SECTION_NAME_MAX 49 /* inih's limit, without its NUL */

struct ini_reader {
	const char *path;
	const char *p, *end; /* what is left */
	int line;            /* of what inih works on */
	const struct ini_events *events;
	const int *line_of;
	struct err *err;
	bool failed;
};

/* Prefixes r->err, or the message given, with PATH:LINE; the first error is kept. */
static void fail_at_line(struct ini_reader *r, int line, const char *msg)
{
	struct err first;

	if (r->failed)
		return;
	r->failed = true;
	first = *r->err;
	if (r->line_of && *r->line_of)
		line = *r->line_of;
	err_set(r->err, first.code == ERR_OS ? ERR_OS : ERR_CONFIG, "%s:%d: %s", r->path, line,
		msg ? msg : first.msg);
	if (!msg && first.hint[0] != '\0')
		err_hint(r->err, "%s", first.hint);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A line that begins with [. */
static int enter_section(struct ini_reader *r, const char *line, size_t len)
{
	const char *close = memchr(line, ']', len);
	char name[SECTION_NAME_MAX + 1];
	const char *p;

	if (!close)
		return err_set(r->err, ERR_CONFIG, "the section's name has no ]");
	if ((size_t)(close - line) - 1 > SECTION_NAME_MAX)
		return err_set(r->err, ERR_CONFIG, "the section's name is longer than %d bytes",
			SECTION_NAME_MAX);
	for (p = close + 1; p < line + len && is_blank(*p); p++)
		;
	if (p < line + len && *p != ';' && *p != '#')
		return err_set(r->err, ERR_CONFIG, "unexpected text after the section's ]");
	memcpy(name, line + 1, (size_t)(close - line) - 1);
	name[close - line - 1] = '\0';
	return r->events->section(r->events->arg, name, r->line, r->err);
}

/* Checks one line (without its end) before inih gets it. cap: inih's buffer size. */
static int look_at_line(struct ini_reader *r, const char *line, size_t len, size_t cap)
{
	size_t i;

	if (len + 2 > cap) /* with its \n and NUL */
		return err_set(r->err, ERR_CONFIG, "the line is longer than %zu bytes", cap - 2);
	for (i = 0; i < len; i++) {
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return err_set(r->err, ERR_CONFIG, "the line holds a control character");
	}
	return len > 0 && line[0] == '[' ? enter_section(r, line, len) : 0;
}

/* inih's fgets. */
static char *next_ini_line(char *str, int num, void *arg)
{
	struct ini_reader *r = arg;
	const char *line, *eol;
	size_t len, bom;

	if (r->failed || r->p == r->end || num < 2)
		return NULL;
	r->line++;
	eol = memchr(r->p, '\n', (size_t)(r->end - r->p));
	line = r->p;
	len = (size_t)((eol ? eol : r->end) - line);
	r->p = eol ? eol + 1 : r->end;
	if (r->line == 1) {
		bom = text_bom(line, len);
		line += bom;
		len -= bom;
	}
	if (len > 0 && line[len - 1] == '\r')
		len--;
	for (; len > 0 && is_blank(*line); line++)
		len--;
	if (look_at_line(r, line, len, (size_t)num) < 0) {
		fail_at_line(r, r->line, NULL);
		return NULL;
	}
	memcpy(str, line, len);
	str[len] = '\n';
	str[len + 1] = '\0';
	return str;
}

/* inih's handler: 1 continues. The section it passes is the current one. */
static int hand_on_setting(void *arg, const char *section, const char *name, const char *value)
{
	struct ini_reader *r = arg;
	int rc;

	(void)section;
	if (r->failed)
		return 0;
	if (!value)
		rc = err_set(r->err, ERR_CONFIG, "%s: has no value", name);
	else if (strstr(value, " #") || strstr(value, "\t#"))
		rc = err_set(r->err, ERR_CONFIG, "%s: a comment after a value begins with ;", name);
	else
		rc = r->events->setting(r->events->arg, name, value, r->line, r->err);
	if (rc == 0)
		return 1;
	fail_at_line(r, r->line, NULL);
	return 0;
}

int ini_read(const char *path, const struct buf *text, const struct ini_events *events,
	const int *line_of, struct err *err)
{
	struct err own = ERR_INIT;
	struct ini_reader r = {.path = path,
		.p = buf_str(text),
		.events = events,
		.line_of = line_of,
		.err = err ? err : &own};
	int line;

	r.end = r.p + text->len;
	*r.err = own;
	line = ini_parse_stream(next_ini_line, &r, hand_on_setting, &r);
	if (line > 0 && !r.failed)
		fail_at_line(&r, line, "is neither a [section] nor a setting (KEY = VALUE)");
	else if (line < 0 && !r.failed) {
		err_set(r.err, ERR_OS, "out of memory");
		fail_at_line(&r, r.line, NULL);
	}
	if (!r.failed && events->section(events->arg, NULL, r.line, r.err) < 0)
		fail_at_line(&r, r.line, NULL);
	return r.failed ? (int)r.err->code : 0;
}
