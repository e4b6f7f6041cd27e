/* SPDX-License-Identifier: ISC */
/*
 * The grammar of an INI file: [SECTION] and KEY = VALUE (or KEY: VALUE), one a line; blanks around
 * them do not count. A comment begins with ; or # at the start of a line, or with a blank and ;
 * after a value. Private to conf/.
 */
#ifndef SEALPOST_INI_READER_H
#define SEALPOST_INI_READER_H

#include "base/buf.h"
#include "base/err.h"

#define INI_LINE_MAX 1024 /* bytes; a longer line is an error */

struct ini_events {
	/* A section begins, or (name NULL) the last one ends at the end of the text. */
	int (*section)(void *arg, const char *name, int line, struct err *err);
	/* A setting in it. */
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
