/* SPDX-License-Identifier: ISC */
/* Shared by the files of intake. */
#ifndef SEALPOST_INTAKE_PRIV_H
#define SEALPOST_INTAKE_PRIV_H

#include "pgp/cert/filter.h"
#include "pgp/gpg/home.h"
#include "pgp/cert/intake.h"

/* State of processing the bodies of one address. */
struct work {
	const struct intake *in;
	struct filter_set body, pin;
	bool ask[FILTER_CERTS_MAX];  /* gpg is to judge body.v[i] */
	bool took[FILTER_CERTS_MAX]; /* gpg has imported it */
	struct gpg_home home;
	gpgme_ctx_t ctx;
	struct gpg_keys keys;
	size_t n_ask;
	int64_t until;    /* time limit for gpg, of the monotonic clock */
	bool sigs;        /* signatures that expire, or a pin: needs a run of its own */
	bool plain, done; /* it was tried in a batch; and that was sufficient */
	bool import_told;
};

/* The pinned certificate as passed to gpg, or NULL. */
const struct filter_cert *intake_pinned(const struct work *w);

/* Finds or adds the entry for a fingerprint; versions without known fingerprint get an entry each.
 */
struct cert *intake_entry(struct cert_set *set, const struct filter_cert *f);

/*
 * Lets gpg judge the certificates marked in w->ask, in a home of their own, together with the
 * pinned one. The caller frees what it allocates in w.
 */
int intake_alone(struct work *w, struct cert_set *set, struct err *err);

#endif
