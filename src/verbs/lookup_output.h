/* SPDX-License-Identifier: ISC */
/* Lookups as JSON (sealpost-json(5)) and as text. */
#ifndef SEALPOST_OUTPUT_LOOKUP_H
#define SEALPOST_OUTPUT_LOOKUP_H

#include <stdio.h>

#include "discovery/discover.h"
#include "discovery/learnt.h"
#include "print/style.h"

/* Prints one finding: a JSON object on one line (an error code if that fails), or a few lines of
 * text. */
int lookup_print_json(FILE *out, const struct finding *f, const struct learnt_known *learnt);
void lookup_print_text(FILE *out, const struct finding *f, const struct learnt_known *learnt,
	const struct style *style);

/* One finding as a row of a table for a terminal, one line; and the table's head. */
void lookup_print_head(FILE *out, const struct style *style);
void lookup_print_row(FILE *out, const struct finding *f, const struct style *style);

#endif
