/* SPDX-License-Identifier: ISC */
/* Many domains: a line each, below a count of problems. */
#ifndef SEALPOST_CHECK_ROWS_H
#define SEALPOST_CHECK_ROWS_H

#include <stdio.h>

#include "print/term.h"
#include "verbs/check/summary.h"

struct check_row {
	char *name;             /* owned; as given by the user */
	struct check_summary s; /* its worst line is not kept, but: */
	char *finding;          /* owned; of the worst line, "" if nothing is wrong */
	enum check_level level; /* of it */
	int status;             /* exit status */
	bool failed;            /* nothing could be asked at all */
};

enum style_tone check_level_tone(enum check_level l);

/* 0, or -1 without memory. */
int check_row_set(struct check_row *row, const char *name, const struct check_reply *r,
	const struct protection *bound, const struct check_page *p);
void check_rows_free(struct check_row *row, size_t n);

/* A finding that was already printed is not repeated. 0, or -1 if out of memory. */
int check_rows_print(FILE *f, const struct check_row *row, size_t n);

void check_csv_head(FILE *f);
void check_csv_row(FILE *f, const char *name, const struct check_reply *r,
	const struct protection *bound, const struct check_page *p);

#endif
