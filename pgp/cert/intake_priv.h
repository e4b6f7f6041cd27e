/* SPDX-License-Identifier: ISC */
/* What the files of intake share. */
#ifndef SEALPOST_INTAKE_PRIV_H
#define SEALPOST_INTAKE_PRIV_H

#include "pgp/cert/filter.h"
#include "pgp/gpg/home.h"
#include "pgp/cert/intake.h"

/* What the bodies of one address are worked on with. */
struct work {
	const struct intake *in;
	struct filter_set body, pin;
	bool ask[FILTER_CERTS_MAX];  /* body.v[i] is for gpg to judge */
	bool took[FILTER_CERTS_MAX]; /* gpg says that it has imported it */
	struct gpg_home home;
	gpgme_ctx_t ctx;
	struct gpg_keys keys;
	size_t n_ask;
	int64_t until;    /* of the monotonic clock: gpg is not to work on it for longer */
	bool sigs;        /* signatures that expire, or a pin: not for a run with others */
	bool plain, done; /* it was tried together with others'; and that was enough */
	bool import_told;
};

/* The pinned certificate as gpg gets it, or NULL. */
const struct filter_cert *intake_pinned(const struct work *w);

/* One entry for each fingerprint; those whose version has none stand for themselves. */
struct cert *intake_entry(struct cert_set *set, const struct filter_cert *f);

/*
 * Has gpg judge all that w->ask names, in a home of their own, together with the pinned
 * certificate. What of w it makes is freed by the caller.
 */
int intake_alone(struct work *w, struct cert_set *set, struct err *err);

#endif
