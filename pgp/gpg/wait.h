/* SPDX-License-Identifier: ISC */
/* A poll loop of our own for GPGME's descriptors, necessary for time-outs when gpg hangs. */
#ifndef SEALPOST_WAIT_H
#define SEALPOST_WAIT_H

#include <gpgme.h>

#include "base/err.h"

/* Registers this event loop with ctx. */
void wait_attach(gpgme_ctx_t ctx);

/* err_set with "gpg: WHAT: text" for a gpgme error; where a system call of GPGME's own failed,
 * with err_of_errno's code, and where it could not begin, with ERR_OS. */
int gpg_err(struct err *err, enum err_code code, const char *what, gpgme_error_t e);

#endif
