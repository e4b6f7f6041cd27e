/* SPDX-License-Identifier: ISC */
#include "verbs/stdin_lines.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"

#define STDIN_MAX (8u << 20)
#define REPORTED_MAX 10

/* One line for each of the first; their number is said at the end. */
static void report_line(size_t number, size_t n_bad, const struct err *why)
{
	if (n_bad <= REPORTED_MAX)
		log_warn("standard input, line %zu: %s", number, why->msg);
}

static int take_each_line(char *text, int (*take)(void *arg, char *line, struct err *err),
	void *arg, size_t *bad, struct err *err)
{
	struct err why = ERR_INIT;
	size_t number = 0;
	char *line, *next;
	int rc = 0;

	for (line = text; rc == 0 && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		number++;
		line += strspn(line, " \t\r");
		if (*line != '\0')
			rc = take(arg, line, &why);
		if (rc == ERR_USAGE) {
			report_line(number, ++*bad, &why);
			rc = 0;
		}
	}
	if (rc < 0)
		*err = why;
	if (*bad > REPORTED_MAX)
		log_warn(
			"standard input: %zu lines more are left out", *bad - (size_t)REPORTED_MAX);
	return rc;
}

int stdin_lines(int (*take)(void *arg, char *line, struct err *err), void *arg, size_t *bad,
	struct err *err)
{
	struct buf in = BUF_INIT(STDIN_MAX);
	int rc = fd_read_all(STDIN_FILENO, &in, err);

	if (rc == 0 && in.len > 0 && memchr(in.p, '\0', in.len))
		rc = err_set(err, ERR_USAGE, "standard input holds a NUL byte");
	if (rc == 0 && in.len > 0)
		rc = take_each_line((char *)in.p, take, arg, bad, err);
	buf_free(&in);
	return rc;
}

int stdin_status(int status, size_t bad)
{
	return status >= 0 && bad > 0 ? err_exit(ERR_DATA) : status;
}
