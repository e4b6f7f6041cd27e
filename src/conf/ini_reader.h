/* SPDX-License-Identifier: ISC */
/*
 * The grammar of an INI file, by inih. inih truncates section names at 49 bytes, splits long lines,
 * takes an indented line as a continuation, and ignores text after a section's ]; so each line is
 * checked before inih gets it. A comment begins with ; or # at the start of a line, or with a blank
 * and ; after a value. Private to conf/.
 */
#ifndef SEALPOST_INI_READER_H
#define SEALPOST_INI_READER_H

#include "base/buf.h"
#include "base/err.h"

struct ini_events {
	/* A section begins, or (name NULL) the last one ends at the end of the text. */
	int (*section)(void *arg, const char *name, int line, struct err *err);
	/* A setting in it; value is never NULL. */
	int (*setting)(void *arg, const char *key, const char *value, int line, struct err *err);
	void *arg;
};

/*
 * Parses text (path is for messages). An error of a callback is prefixed with PATH:LINE of the
 * current line; *line_of (may be NULL), if not 0, is the line to name instead. ERR_CONFIG.
 */
int ini_read(const char *path, const struct buf *text, const struct ini_events *events,
	const int *line_of, struct err *err);

#endif
