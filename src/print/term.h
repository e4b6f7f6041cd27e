/* SPDX-License-Identifier: ISC */
/* Text wrapped for what it is written to, and coloured. */
#ifndef SEALPOST_PRINT_TERM_H
#define SEALPOST_PRINT_TERM_H

#include <stdbool.h>
#include <stdio.h>

#define TERM_NARROW 20 /* no column of wrapped text is to be narrower */

enum term_colour { TERM_PLAIN, TERM_GREEN, TERM_YELLOW, TERM_RED, TERM_MAGENTA, TERM_BOLD };

struct term {
	int width;   /* columns; 0: no terminal, so lines are not wrapped */
	bool colour; /* a terminal that has it, and neither NO_COLOR nor TERM=dumb */
};

/* Of a stream, as style_of; one without a descriptor is no terminal. */
struct term term_of(FILE *f);

/* Begins and ends a colour, where there is any. */
void term_begin(FILE *f, const struct term *t, enum term_colour c);
void term_end(FILE *f, const struct term *t, enum term_colour c);

/* Columns of UTF-8 text, one a character. */
int term_columns(const char *s);

/*
 * How many bytes of s fit into width columns (0: all), ending at a blank where there is one, else
 * within a word; at least one character of a text that is not empty. *next: where the rest begins,
 * behind blanks.
 */
size_t term_fit(const char *s, int width, const char **next);

/* Prints foreign text made safe, which begins at column at, and goes on in lines indented by
 * indent. Without a line end. */
void term_text(FILE *f, const struct term *t, const char *s, int at, int indent);

#endif
