/* SPDX-License-Identifier: ISC */
#include "verbs/stdin_lines.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define STDIN_MAX (8u << 20)
#define REPORTED_MAX 10
#define BLANKS " \t\r\f\v"

/* One line for each of the first; their number is said at the end. */
static void report_line(size_t number, size_t n_bad, const struct err *why)
{
	if (n_bad <= REPORTED_MAX)
		log_error("standard input, line %zu: %s", number, why->msg);
}

static bool is_comment(const char *line)
{
	return line[0] == '#' && (line[1] == '\0' || strchr(BLANKS, line[1]));
}

static int take_stdin_line(char *line, size_t len,
	int (*take)(void *arg, char *line, struct err *err), void *arg, struct err *err)
{
	if (memchr(line, '\0', len))
		return err_set(err, ERR_USAGE, "holds a NUL byte");
	line += strspn(line, BLANKS);
	return *line == '\0' || is_comment(line) ? 0 : take(arg, line, err);
}

/* text has a NUL behind it. */
static int take_each_line(char *text, size_t len,
	int (*take)(void *arg, char *line, struct err *err), void *arg, size_t *bad,
	struct err *err)
{
	struct err why = ERR_INIT;
	size_t number = 0;
	char *line, *end = text + len, *stop;
	int rc = 0;

	for (line = text + text_bom(text, len); rc == 0 && line < end; line = stop + 1) {
		stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			stop = end;
		*stop = '\0';
		number++;
		rc = take_stdin_line(line, (size_t)(stop - line), take, arg, &why);
		if (rc == ERR_USAGE) {
			report_line(number, ++*bad, &why);
			rc = 0;
		}
	}
	if (rc < 0)
		*err = why;
	if (*bad > REPORTED_MAX)
		log_error(
			"standard input: %zu lines more are left out", *bad - (size_t)REPORTED_MAX);
	return rc;
}

int stdin_lines(int (*take)(void *arg, char *line, struct err *err), void *arg, size_t *bad,
	struct err *err)
{
	struct buf in = BUF_INIT(STDIN_MAX);
	int rc = fd_read_all(STDIN_FILENO, &in, err);

	if (rc == ERR_DATA)
		err_hint(err, "give it in several pieces");
	if (rc == 0 && in.len > 0)
		rc = take_each_line((char *)in.p, in.len, take, arg, bad, err);
	buf_free(&in);
	return rc;
}

/* The end of the first word; blanks in quotes do not end it ("a b"@example.org). */
static char *word_end(char *s)
{
	bool quoted = false;

	for (; *s != '\0' && (quoted || !strchr(BLANKS, *s)); s++) {
		if (*s == '"')
			quoted = !quoted;
		else if (quoted && *s == '\\' && s[1] != '\0')
			s++;
	}
	return s;
}

int stdin_word(char *line, struct err *err)
{
	char *end = word_end(line), *rest = end + strspn(end, BLANKS);

	if (*rest != '\0' && *rest != '#')
		return err_set(err, ERR_USAGE, "%.300s: one line, one name", line);
	*end = '\0';
	return 0;
}

int stdin_none(const char *what, size_t bad, struct err *err)
{
	if (bad == 0)
		return err_set(err, ERR_USAGE, "no %s is given", what);
	err_set(err, ERR_DATA, "no line of standard input is an acceptable %s", what);
	err_hint(err, "one %s on a line; nothing was asked", what);
	return ERR_DATA;
}

int stdin_status(int status, size_t bad)
{
	return status >= 0 && bad > 0 ? err_exit(ERR_DATA) : status;
}
