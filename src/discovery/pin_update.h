/* SPDX-License-Identifier: ISC */
/* Stores results of discovery in the keyring; concurrent decisions of the user take precedence. */
#ifndef SEALPOST_KEEP_H
#define SEALPOST_KEEP_H

#include "discovery/discover.h"

/*
 * Applies f's trust verdict: updates, replaces or holds, and logs; does nothing unless d->keep. A
 * first use is not pinned here. revoked: the pinned certificate was seen revoked; lapsed: as it was
 * seen, with nothing of it that can be used, or NULL: f's pin then has no encryption key either. If
 * the pin was changed concurrently, the finding becomes unknown. ERR_IO, ERR_CREATE...: from the
 * store.
 */
int keep_finding(struct discover *d, struct finding *f, bool revoked, const struct cert *lapsed,
	struct err *err);

/*
 * Updates the pin by a later copy of the same certificate; does nothing unless d->keep. One that
 * cannot be used is kept as having no encryption key, also if only its User ID was taken back.
 */
int keep_copy(struct discover *d, struct finding *f, const struct cert *c, struct err *err);

/*
 * Pins a certificate seen for the first time; does nothing for other findings. If another process
 * has pinned a different one meanwhile, the finding becomes a conflict.
 */
int keep_first(struct discover *d, struct finding *f, struct err *err);

#endif
