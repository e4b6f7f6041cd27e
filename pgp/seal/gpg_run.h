/* SPDX-License-Identifier: ISC */
/* Runs gpg to sign and encrypt, in a home of its own, and checks the result.
 */
#ifndef SEALPOST_GPG_RUN_H
#define SEALPOST_GPG_RUN_H

#include "pgp/seal/payload.h"
#include "pgp/seal/seal.h"

/*
 * Appends s->signer's armoured detached signature over in to sig, using SHA-512. also receives
 * every signed byte. Errors as seal_message.
 */
int gpg_run_sign(const struct seal *s, struct payload *in,
	void (*also)(void *arg, const void *p, size_t n), void *arg, struct buf *sig,
	struct err *err);
#define GPG_RUN_SIG_MAX 65536

/*
 * Signs and encrypts in, armoured, to out, which may only be used on success: then exactly the
 * certificates of s->to can decrypt it, and s->signer, if any, has signed it. Errors as
 * seal_message.
 */
int gpg_run_seal(const struct seal *s, struct payload *in, struct spool *out, struct err *err);

#endif
