/* SPDX-License-Identifier: ISC */
/*
 * The grammar of an INI file, by inih. inih cuts a section name at 49 bytes, splits a long line,
 * takes an indented line for the continuation of the one above, and overlooks what stands behind a
 * section's
 * ]; so each line is looked at before inih gets it. A comment begins with ; or # at the start of a
 * line, or with a blank and ; behind a value. Private to conf/.
 */
#ifndef SEALPOST_INI_READER_H
#define SEALPOST_INI_READER_H

#include "base/buf.h"
#include "base/err.h"

struct ini_events {
	/* A section begins, or (name NULL) the last one ends with the text. */
	int (*section)(void *arg, const char *name, int line, struct err *err);
	/* A setting of it; value is never NULL. */
	int (*setting)(void *arg, const char *key, const char *value, int line, struct err *err);
	void *arg;
};

/*
 * Reads text (of path, which is for messages). What an event fails with lacks PATH:LINE, and gets
 * that of the line being read; *line_of (may be NULL), if not 0, is the line to name instead.
 * ERR_CONFIG.
 */
int ini_read(const char *path, const struct buf *text, const struct ini_events *events,
	const int *line_of, struct err *err);

#endif
