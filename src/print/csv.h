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
 * Writes text, made safe for a terminal, quoted if necessary. Text that a spreadsheet would take
 * for a formula (starting with =, +, -, @) gets a leading single quote. NULL is an empty cell.
 */
void csv_text(struct csv *c, const char *s);
void csv_int(struct csv *c, int64_t v);
void csv_end(struct csv *c);

#endif
