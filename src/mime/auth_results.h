/* SPDX-License-Identifier: ISC */
/* The field Authentication-Results (RFC 8601): what a mail server says of the mail it took. Pure.
 */
#ifndef SEALPOST_AUTH_RESULTS_H
#define SEALPOST_AUTH_RESULTS_H

#include <stddef.h>

#include "base/addr.h"

#define AUTH_RESULTS_DOMAINS_MAX 16

struct auth_results {
	char authserv[256]; /* lower-case: who says so */
	/* Domains, lower-case, that signed it (header.d, else header.i) by a DKIM signature that
	 * holds. */
	char dkim[AUTH_RESULTS_DOMAINS_MAX][ADDR_DOMAIN_MAX + 1];
	size_t n_dkim;
};

/* Reads a raw (folded) value. 0, or -1 where it is not such a field: then nothing counts. More
 * domains than fit are passed over. */
int auth_results_read(struct auth_results *a, const char *value);

#endif
