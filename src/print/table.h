/* SPDX-License-Identifier: ISC */
/* Prints tables: columns as wide as necessary, the last one wrapped at words. */
#ifndef SEALPOST_PRINT_TABLE_H
#define SEALPOST_PRINT_TABLE_H

#include <stddef.h>

#include "print/term.h"

#define TABLE_COLUMNS_MAX 12

struct table_cell {
	const char *text; /* borrowed; foreign text is made safe */
	enum style_tone tone;
};

/*
 * Prints n rows with this number of columns under their headings. If fewer than TERM_NARROW columns
 * of the terminal are left for the last column, it is printed on lines of its own, and the first
 * one is wrapped too if necessary. Nothing is truncated. 0, or -1 if memory is short.
 */
int table_print(FILE *f, const struct style *t, const char *const *head, size_t columns,
	const struct table_cell *cell, size_t n);

#endif
