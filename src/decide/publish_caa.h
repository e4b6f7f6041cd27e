/* SPDX-License-Identifier: ISC */
/*
 * Whether records of CAA (RFC 8659) would keep a certificate in use from being issued anew. A
 * certificate does not contain its authority's name as CAA has it: it is told from its issuer's
 * name. Pure.
 */
#ifndef SEALPOST_PUBLISH_CAA_H
#define SEALPOST_PUBLISH_CAA_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/check.h"

/* A host of the domain. */
struct caa_site {
	const char *issuer; /* borrowed; of the certificate that it shows; NULL or "": none was seen
			     */
	bool nobody;        /* nobody answers there, so that no certificate is in use */
};

/* Whether the domain has each of the records, n of them, itself. now: of the domain's name. */
bool publish_caa_is_live(
	const struct check_caa *now, const char *domain, char *const *set, size_t n);

/* Whether such records restrict who may issue more than now: the domain has none of its own that
 * say so, and those of a name above it do not count any more. */
bool publish_caa_narrows(const struct check_caa *now, const char *domain);

/* Whether all certificates in use are of authorities of the set. FACT_UNKNOWN: of a host that is
 * there none was seen. */
enum check_fact publish_caa_covers(
	const struct caa_site *v, size_t n, char *const *set, size_t n_set);

#endif
