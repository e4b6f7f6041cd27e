/* SPDX-License-Identifier: ISC */
/*
 * Soft revocations (superseded, retired) dated in the future. gpg treats them as in force at once,
 * so they are removed from the copy given to gpg; the stored certificate keeps them and expires on
 * that day.
 */
#ifndef SEALPOST_AHEAD_H
#define SEALPOST_AHEAD_H

#include "pgp/cert/filter.h"

/*
 * Adds to c those of f->ahead that gpg verifies within timeout_ms, and limits c->expires
 * accordingly. 0, or an error with c unchanged.
 */
int ahead_keep(struct cert *c, const struct filter_cert *f, int timeout_ms, struct err *err);

/* Turns c into the copy for gpg. */
void ahead_cut(struct cert *c, int64_t now);

#endif
