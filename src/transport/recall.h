/* SPDX-License-Identifier: ISC */
/* Short-lived cache, in cache.db, of how mail to a domain is protected in transit. */
#ifndef SEALPOST_TRANSPORT_RECALL_H
#define SEALPOST_TRANSPORT_RECALL_H

#include "discovery/cache.h"
#include "transport/transport.h"

/* Fills t->reply and sets t->answered if the same question was answered recently. */
void transport_recall(struct recall *r, struct transport *t);
/* Stores the answer for as long as remember_protection says. */
void transport_remember(struct recall *r, const struct transport *t);

#endif
