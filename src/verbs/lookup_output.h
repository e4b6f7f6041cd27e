/* SPDX-License-Identifier: ISC */
/* Lookups as JSON (sealpost-json(5)) and as text. */
#ifndef SEALPOST_OUTPUT_LOOKUP_H
#define SEALPOST_OUTPUT_LOOKUP_H

#include <stdio.h>

#include "discovery/discover.h"

/* One finding: a JSON object on one line (an error's code when that fails), or a few lines for a
 * person. */
int lookup_print_json(FILE *out, const struct finding *f);
void lookup_print_text(FILE *out, const struct finding *f);

#endif
