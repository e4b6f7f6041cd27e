/* SPDX-License-Identifier: ISC */
/* What "sealpost check" prints. */
#ifndef SEALPOST_OUTPUT_CHECK_H
#define SEALPOST_OUTPUT_CHECK_H

#include <stdio.h>

#include "verbs/check/page.h"
#include "discovery/discover.h"

/* key: of the address that was named, or NULL. ERR_IO, ERR_OS. */
int check_print_json(FILE *out, const struct check_reply *r, const struct protection *bound,
	const struct check_page *p, const struct finding *key);
void check_print_text(FILE *out, const struct check_reply *r, const struct protection *bound,
	const struct check_page *p);

#endif
