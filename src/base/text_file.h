/* SPDX-License-Identifier: ISC */
/*
 * A stream that is written into memory. open_memstream(3) of glibc does not tell when there was no
 * memory for what it was given: what came of it could be cut short, or missing.
 */
#ifndef SEALPOST_TEXT_FILE_H
#define SEALPOST_TEXT_FILE_H

#include <stdio.h>

#include "base/buf.h"

/* Stays where it is from text_file_open to text_file_close. */
struct text_file {
	struct buf text;
	bool failed;
};

/* To be closed by text_file_close. NULL if there is no memory for it. */
FILE *text_file_open(struct text_file *t);

/* What was written to f, followed by a null byte, and unless len is NULL its bytes: owned by the
 * caller. NULL, and f is closed all the same, if there was no memory for all of it. */
char *text_file_close(struct text_file *t, FILE *f, size_t *len);

#endif
