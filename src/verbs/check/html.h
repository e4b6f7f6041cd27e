/* SPDX-License-Identifier: ISC */
/* Checks as one page: an overview, the worst first, and a section for each domain. */
#ifndef SEALPOST_CHECK_HTML_H
#define SEALPOST_CHECK_HTML_H

#include <stdio.h>

#include "verbs/check/rows.h"

/* The findings of one domain, as a section. */
void check_html_section(FILE *f, const char *name, const struct check_reply *r,
	const struct protection *bound, const struct check_page *p);

/* The page: rows and their sections, by the same index, the worst first. -1 without memory. */
int check_html_page(FILE *f, const struct check_row *row, char *const *section, size_t n);

#endif
