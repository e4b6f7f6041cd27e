/* SPDX-License-Identifier: ISC */
/* What a person wants to know of stored evidence, to compare two certificates. */
#ifndef SEALPOST_PINS_EVIDENCE_H
#define SEALPOST_PINS_EVIDENCE_H

#include <stdbool.h>

#define EVIDENCE_FACT_MAX 512

/* Texts for people, made safe for a terminal; "" where the evidence does not tell. */
struct evidence_facts {
	char url[EVIDENCE_FACT_MAX]; /* or the DNS name */
	char dnssec[EVIDENCE_FACT_MAX];
	char tls[EVIDENCE_FACT_MAX];
	char server[EVIDENCE_FACT_MAX];  /* its address */
	char spki[EVIDENCE_FACT_MAX];    /* SHA-256 of the server's public key, hexadecimal */
	char created[EVIDENCE_FACT_MAX]; /* the certificate with the fingerprint */
};

/* From the JSON object that is kept with an observation of the certificate fpr. */
void evidence_read(const char *json, const char *fpr, struct evidence_facts *out);

enum evidence_same {
	EVIDENCE_UNKNOWN, /* one of them does not tell */
	EVIDENCE_SAME,
	EVIDENCE_DIFFERENT,
};

/* Whether both came from a server with the same key. */
enum evidence_same evidence_server(const struct evidence_facts *a, const struct evidence_facts *b);

#endif
