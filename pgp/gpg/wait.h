/* SPDX-License-Identifier: ISC */
/* GPGME's descriptors in a poll loop of ours: the only way to a deadline that holds when gpg is
 * silent. */
#ifndef SEALPOST_WAIT_H
#define SEALPOST_WAIT_H

#include <gpgme.h>

#include "base/err.h"

/* Makes operations that are started in ctx report their descriptors and their end here. */
void wait_attach(gpgme_ctx_t ctx);

/* A sentence for a gpgme error: err_set with "gpg: WHAT: text". */
int gpg_err(struct err *err, enum err_code code, const char *what, gpgme_error_t e);

#endif
