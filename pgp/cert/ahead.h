/* SPDX-License-Identifier: ISC */
/*
 * Revocations that are not in force yet: soft ones (superseded, retired) that are dated ahead. gpg
 * takes them to be in force at once, so that its copy of a certificate goes without them; the
 * certificate that is kept has them, and ends on that day.
 */
#ifndef SEALPOST_AHEAD_H
#define SEALPOST_AHEAD_H

#include "pgp/cert/filter.h"

/*
 * Adds to c those of f->ahead that gpg verifies within timeout_ms; c->expires is then no later than
 * they say. 0, or an error: c is as it was.
 */
int ahead_keep(struct cert *c, const struct filter_cert *f, int timeout_ms, struct err *err);

/* Makes c gpg's copy. */
void ahead_cut(struct cert *c, int64_t now);

#endif
