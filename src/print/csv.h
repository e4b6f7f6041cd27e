/* SPDX-License-Identifier: ISC */
/* Comma-separated values (RFC 4180) of foreign text. */
#ifndef SEALPOST_PRINT_CSV_H
#define SEALPOST_PRINT_CSV_H

#include <stdint.h>
#include <stdio.h>

/* csv_end ends a line of cells. */
struct csv {
	FILE *f; /* borrowed */
	int cells;
};

/*
 * A text, made safe for a terminal, in quotes where it must be. What a spreadsheet would take for a
 * formula (=, +, -, @ first) gets a single quote before it. NULL is an empty cell.
 */
void csv_text(struct csv *c, const char *s);
void csv_int(struct csv *c, int64_t v);
void csv_end(struct csv *c);

#endif
