/* SPDX-License-Identifier: ISC */
/* Evidence of how an answer was obtained, as stored with a pin and shown: written and read here.
 */
#ifndef SEALPOST_EVIDENCE_JSON_H
#define SEALPOST_EVIDENCE_JSON_H

#include "discovery/discover.h"

/* Describes how and when an answer was obtained, as a JSON object on one line; malloc'ed; NULL if
 * memory is short. */
char *evidence_json(const struct lookup_reply *reply, const struct verdict_in *seen,
	const struct verdict *verdict, int64_t asked);

/* The members dns, urls and ms of an evidence object. */
struct out;
void evidence_arrays(struct out *o, const struct evidence_dns *dns, size_t n_dns,
	const struct evidence_url *url, size_t n_url, uint32_t ms);

/* Why a certificate was selected, or not; borrowed. */
const char *cert_reason(
	const struct cert_set *set, const struct cert *c, const struct cert *chosen);

/* Facts from stored evidence for comparing two certificates. */
#define EVIDENCE_FACT_MAX 512

/* Texts for display, made safe for a terminal; "" if not in the evidence. */
struct evidence_facts {
	char url[EVIDENCE_FACT_MAX]; /* or the DNS name */
	char dnssec[EVIDENCE_FACT_MAX];
	char tls[EVIDENCE_FACT_MAX];
	char server[EVIDENCE_FACT_MAX];  /* its address */
	char spki[EVIDENCE_FACT_MAX];    /* SHA-256 of the server's public key, hexadecimal */
	char created[EVIDENCE_FACT_MAX]; /* the certificate with the fingerprint */
};

/* Reads the JSON object stored with an observation of the certificate fpr. */
void evidence_read(const char *json, const char *fpr, struct evidence_facts *out);

enum evidence_same {
	EVIDENCE_UNKNOWN, /* missing in one of them */
	EVIDENCE_SAME,
	EVIDENCE_DIFFERENT,
};

/* Whether both came from a server with the same key. */
enum evidence_same evidence_server(const struct evidence_facts *a, const struct evidence_facts *b);

#endif
