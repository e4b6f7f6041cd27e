/* SPDX-License-Identifier: ISC */
#include "mx/certs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mx/caa.h"
#include "mx/text.h"

static uint8_t unit_octet(unsigned n)
{
	return n > UINT8_MAX ? UINT8_MAX : (uint8_t)n;
}

/* RFC 6962 asks for nothing: a private authority's certificate, and one that DANE pins, rightly
 * have no SCT. */
static void take_scts(struct check_cert *x, const struct cert_seen *c)
{
	unsigned all = c->sct_x509 + c->sct_tls + c->sct_ocsp;

	x->sct_x509 = unit_octet(c->sct_x509);
	x->sct_tls = unit_octet(c->sct_tls);
	x->sct_ocsp = unit_octet(c->sct_ocsp);
	x->sct_valid = unit_octet(c->sct_valid);
	x->sct_invalid = unit_octet(c->sct_invalid);
	x->sct_unknown_log = unit_octet(c->sct_unknown_log);
	if (all == 0) {
		x->ct = FACT_NO;
		mx_say(&x->ct_reason, "it has no SCT");
	} else if (!c->verified) {
		x->ct = FACT_UNKNOWN;
		mx_say(&x->ct_reason, "its SCTs are not verified: there is no list of logs");
	} else if (c->sct_valid > 0) {
		x->ct = FACT_YES;
	} else {
		x->ct = FACT_NO;
		mx_say(&x->ct_reason, "none of its SCTs is a valid one of a log in the list");
	}
}

static bool has_cert(
	const struct check_reply *a, const char *host, uint16_t port, const struct cert_seen *c)
{
	size_t i;

	for (i = 0; i < a->n_cert; i++) {
		if (a->cert[i].port == port && strcmp(a->cert[i].name, host) == 0 &&
			strcmp(a->cert[i].spki, c->spki) == 0)
			return true;
	}
	return false;
}

void certs_add(struct check_reply *a, const char *host, uint16_t port, const struct cert_seen *c)
{
	struct check_cert *x;

	if (!c->seen || a->n_cert == CHECK_CERTS_MAX || has_cert(a, host, port, c))
		return;
	if (!a->cert)
		a->cert = calloc(CHECK_CERTS_MAX, sizeof(*a->cert));
	if (!a->cert)
		return;
	x = &a->cert[a->n_cert];
	mx_say(&x->name, "%s", host);
	if (!x->name)
		return;
	a->n_cert++;
	x->port = port;
	mx_say(&x->subject, "%s", c->subject);
	mx_say(&x->issuer, "%s", c->issuer);
	x->not_before = c->not_before;
	x->not_after = c->not_after;
	memcpy(x->spki, c->spki, sizeof(x->spki));
	take_scts(x, c);
}

static int by_cert_name(const void *x, const void *y)
{
	const struct check_cert *a = x, *b = y;
	int d = strcmp(a->name ? a->name : "", b->name ? b->name : "");

	return d ? d : (a->port > b->port) - (a->port < b->port);
}

void certs_judge(struct check_reply *a)
{
	size_t i, j;

	/* They came in any order. */
	if (a->n_cert > 0)
		qsort(a->cert, a->n_cert, sizeof(*a->cert), by_cert_name);
	for (i = 0; i < a->n_cert; i++) {
		struct check_cert *x = &a->cert[i];

		x->caa = FACT_UNKNOWN;
		for (j = 0; j < a->n_caa && x->subject; j++) {
			if (strcmp(a->caa[j].name, x->name) == 0)
				x->caa = caa_allows(&a->caa[j], strchr(x->subject, '*') != NULL);
		}
	}
}
