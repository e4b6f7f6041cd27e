/* SPDX-License-Identifier: ISC */
/* Which keys of a home's keyring the user's agent has a secret key of. */
#ifndef SEALPOST_SECRET_KEYS_H
#define SEALPOST_SECRET_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "pgp/cert/intake.h"
#include "pgp/gpg/daemons.h"
#include "pgp/gpg/home.h"

struct secret_key {
	char fpr[CERT_FPR_MAX];
	bool primary;
	bool there; /* else only the rest of the certificate's secret keys is */
};

struct secret_keys {
	struct secret_key *v; /* owned; each primary key before its subkeys */
	size_t n;
	const char **primary; /* owned; the fingerprints of the certificates, NULL-ended */
	size_t n_primary;
	bool whole; /* gpg ended well; else there may be more */
};

/*
 * Asks gpg. GPGME cannot be had for it: it gives gpg neither the socket nor what lies beside. An
 * agent that fails in the middle has no keys: gpg does not tell. ERR_TEMP: it does not answer, or a
 * deadline; ERR_OS. *k begins zeroed, and is to be freed in any case.
 */
int secret_keys_list(struct secret_keys *k, const struct gpg_home *home,
	struct gpg_daemons *daemons, int timeout_ms, struct err *err);

/* The same of what gpg printed (changed here). ERR_OS. */
int secret_keys_read(struct secret_keys *k, char *listing, struct err *err);

/* Whether the agent has the secret key of this primary key or subkey. */
bool secret_keys_have(const struct secret_keys *k, const char *fpr);

void secret_keys_free(struct secret_keys *k);

#endif
