/* SPDX-License-Identifier: ISC */
/*
 * One run of gpg that signs or encrypts, without GPGME: that asks gpg for its version each time,
 * which takes as long as sealing a small mail, and prepares to trace every octet it moves, which
 * takes as long as encrypting it.
 */
#ifndef SEALPOST_GPG_CHILD_H
#define SEALPOST_GPG_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define GPG_CHILD_FPR_MAX 65

struct gpg_child {
	const char *const *argv; /* NULL-ended; reads 0, writes 1, tells its status on 3 */
	const char *const *env;  /* NULL: inherited */
	bool small; /* what it writes may be kept in memory until it ends, so that it need not be
		       waited for piecemeal */
	int timeout_ms;
	/* What gpg reads: up to n octets; 0 at the end; negative: stop, and fail with err as it is
	 * then. */
	ssize_t (*give)(void *arg, void *p, size_t n, struct err *err);
	/* What gpg writes: 0, or negative, as above. */
	int (*take)(void *arg, const void *p, size_t n, struct err *err);
	void *arg;

	/* What came of it: */
	bool succeeded;              /* exit status 0 */
	bool encrypted;              /* END_ENCRYPTION */
	unsigned n_sigs;             /* SIG_CREATED; then: */
	unsigned hash;               /* its number in OpenPGP */
	char fpr[GPG_CHILD_FPR_MAX]; /* of the key */
	bool bad_recipient;          /* INV_RECP */
	bool bad_signer;             /* INV_SGNR */
	unsigned failure; /* the first FAILURE, or why a key did not decrypt: a gpg_error_t; 0: none
			   */
};

/* 0 when gpg ended by itself, whatever it says; ERR_TEMP: deadline, it was stopped; ERR_OS; what
 * give or take had. */
int gpg_child_run(struct gpg_child *c, struct err *err);

#endif
