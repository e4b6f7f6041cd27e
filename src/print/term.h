/* SPDX-License-Identifier: ISC */
/* Text wrapped for what it is written to. */
#ifndef SEALPOST_PRINT_TERM_H
#define SEALPOST_PRINT_TERM_H

#include <stdio.h>

#include "print/style.h"

#define TERM_NARROW 20 /* no column of wrapped text is to be narrower */

/* Columns of UTF-8 text, one a character. */
int term_columns(const char *s);

/*
 * How many bytes of s fit into width columns (0: all), ending at a blank where there is one, else
 * within a word; at least one character of a text that is not empty. *next: where the rest begins,
 * behind blanks.
 */
size_t term_fit(const char *s, int width, const char **next);

/* Prints foreign text made safe, which begins at column at (on a line of its own where fewer than
 * TERM_NARROW columns are left), and continues on lines indented by indent. Without a line end. */
void term_text(FILE *f, const struct style *t, const char *s, int at, int indent);

#endif
