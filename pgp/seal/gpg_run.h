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
 * certificates of s->to can decrypt it, and s->signer, if any, has signed it. In two steps: the
 * first reads all of in; a run that it makes is ended by gpg_run_end, or by gpg_run_drop. s and out
 * are borrowed until then. Errors as seal_message.
 */
struct gpg_run;
int gpg_run_begin(struct gpg_run **run, const struct seal *s, struct payload *in, struct spool *out,
	struct err *err);
int gpg_run_end(struct gpg_run *run, struct err *err);
void gpg_run_drop(struct gpg_run *run);

#endif
