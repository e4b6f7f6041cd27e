/* SPDX-License-Identifier: ISC */
/* A table for people: columns as wide as they need to be, the last one wrapped at words. */
#ifndef SEALPOST_PRINT_TABLE_H
#define SEALPOST_PRINT_TABLE_H

#include <stddef.h>

#include "print/term.h"

#define TABLE_COLUMNS_MAX 12

struct table_cell {
	const char *text; /* borrowed; foreign text is made safe */
	enum term_colour colour;
};

/*
 * Prints n rows of so many columns, cell by cell, under their heads (a name for each). Where the
 * last column has not room for TERM_NARROW columns, it goes to lines of its own, and the first one
 * is wrapped too if it must be. Nothing is cut off. 0, or -1 without memory.
 */
int table_print(FILE *f, const struct term *t, const char *const *head, size_t columns,
	const struct table_cell *cell, size_t n);

#endif
