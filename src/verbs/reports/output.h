/* SPDX-License-Identifier: ISC */
/* The output of "sealpost reports". */
#ifndef SEALPOST_REPORTS_OUTPUT_H
#define SEALPOST_REPORTS_OUTPUT_H

#include "verbs/reports/collect.h"
#include "verbs/reports/sums.h"

enum reports_form { REPORTS_TEXT, REPORTS_JSON, REPORTS_CSV, REPORTS_HTML };

/* 0, or the code of out_print. */
int reports_print_text(const struct collect *c, const struct sums *s);
int reports_print_json(const struct collect *c, const struct sums *s);
int reports_print_csv(const struct collect *c, const struct sums *s);
int reports_print_html(const struct collect *c, const struct sums *s);

#endif
