/* SPDX-License-Identifier: ISC */
/* What discovery learnt goes into the keyring; what a person decided meanwhile stands. */
#ifndef SEALPOST_KEEP_H
#define SEALPOST_KEEP_H

#include "discovery/discover.h"

/*
 * Does as f's verdict on trust says: updates, replaces or holds, and logs; nothing unless d->keep.
 * A first use is not pinned here. revoked: the pinned certificate was seen revoked. Where the pin
 * was changed at the same time, the finding becomes unknown. ERR_IO, ERR_CREATE...: the store's.
 */
int keep_finding(struct discover *d, struct finding *f, bool revoked, struct err *err);

/*
 * Pins a certificate seen for the first time; nothing to do for other findings. Should another
 * process have pinned a different one meanwhile, the finding becomes a conflict.
 */
int keep_first(struct discover *d, struct finding *f, struct err *err);

#endif
