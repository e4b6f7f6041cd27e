/* SPDX-License-Identifier: ISC */
/* The field Authentication-Results (RFC 8601), added by the receiving mail server. Pure.
 */
#ifndef SEALPOST_AUTH_RESULTS_H
#define SEALPOST_AUTH_RESULTS_H

#include <stddef.h>

#include "base/addr.h"
#include "mime/message.h"

#define AUTH_RESULTS_DOMAINS_MAX 16

struct auth_results {
	char authserv[256]; /* authserv-id, lower-case */
	/* Lower-case domains of valid DKIM signatures (header.d, else header.i). */
	char dkim[AUTH_RESULTS_DOMAINS_MAX][ADDR_DOMAIN_MAX + 1];
	size_t n_dkim;
};

/* Parses a raw (folded) value. 0, or -1 if it is malformed; then *a must not be used. Domains
 * beyond the maximum are skipped. */
int auth_results_read(struct auth_results *a, const char *value);

enum auth_said {
	AUTH_NOT_SAID,  /* no host that is believed says anything */
	AUTH_DENIED,    /* one does, and not that the sender's domain signed it */
	AUTH_CONFIRMED, /* the sender's domain, or one above or below it, signed it */
};

/* What the hosts of trusted (authserv-ids, with blanks or commas between) say of a mail. also: a
 * domain that the signature has to be of as well; NULL: none. */
enum auth_said auth_results_of(const struct message *m, const char *trusted, const char *also);

#endif
