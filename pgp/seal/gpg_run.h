/* SPDX-License-Identifier: ISC */
/* The one run of gpg that signs and encrypts, in a home of its own, and the checks of what it did.
 */
#ifndef SEALPOST_GPG_RUN_H
#define SEALPOST_GPG_RUN_H

#include "pgp/seal/payload.h"
#include "pgp/seal/seal.h"

/*
 * Makes s->signer's detached signature over in, armoured, appended to sig; its hash is SHA-512.
 * also is given every octet that was signed. Errors as of seal_message.
 */
int gpg_run_sign(const struct seal *s, struct payload *in,
	void (*also)(void *arg, const void *p, size_t n), void *arg, struct buf *sig,
	struct err *err);
#define GPG_RUN_SIG_MAX 65536

/*
 * Signs and encrypts in, armoured into out. Nothing of out may be used unless it succeeded: then
 * every certificate of s->to, and no other, can open it, and s->signer, if there is one, has signed
 * it. Errors as of seal_message.
 */
int gpg_run_seal(const struct seal *s, struct payload *in, struct spool *out, struct err *err);

#endif
