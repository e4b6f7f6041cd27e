/* SPDX-License-Identifier: ISC */
#include "verbs/stdin_lines.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

#define STDIN_MAX (8u << 20)

int stdin_lines(int (*take)(void *arg, char *line, struct err *err), void *arg, struct err *err)
{
	struct buf in = BUF_INIT(STDIN_MAX);
	char *line, *next;
	int rc = fd_read_all(STDIN_FILENO, &in, err);

	if (rc == 0 && in.len > 0 && memchr(in.p, '\0', in.len))
		rc = err_set(err, ERR_USAGE, "standard input holds a NUL byte");
	for (line = (char *)in.p; rc == 0 && line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		line += strspn(line, " \t\r");
		if (*line != '\0')
			rc = take(arg, line, err);
	}
	buf_free(&in);
	return rc;
}
